#!/usr/bin/env bash
# Builds a kube-apiserver from Debian's source package, which has all of its dependencies, with Debian's Go; etcd is Debian's too. Nothing is installed.
# usage: build.sh DIRECTORY     (130 MB of downloads, 3 GB of disk, some minutes; what is there already is kept)
set -euo pipefail

home=$(mkdir -p -- "$1" && cd -- "$1" && pwd)
if [[ -x $home/kube-apiserver && -x $home/etcd ]]; then exit 0; fi

# Lists of packages of our own: the sources of this very release, whatever the machine is set to.
mkdir -p "$home"/{lists/partial,cache/archives/partial,files,root}
cp /var/lib/dpkg/status "$home/status"
for kind in deb deb-src; do
  echo "$kind [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main"
done >"$home/sources.list"
cat >"$home/apt.conf" <<END
Dir::Etc::sourcelist "$home/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "$home/lists";
Dir::State::status "$home/status";
Dir::Cache "$home/cache";
APT::Architecture "amd64";
APT::Architectures "amd64";
Acquire::Languages "none";
APT::Sandbox::User "root";
END
cd "$home/files"
if ! compgen -G 'kubernetes_*.orig.tar.gz' >/dev/null; then
  export APT_CONFIG=$home/apt.conf
  apt-get -qq update
  apt-get -qq download etcd-server golang-1.19-go golang-1.19-src
  apt-get -qq source --download-only --tar-only kubernetes
fi
for package in ./*.deb; do dpkg -x "$package" "$home/root"; done
install "$home/root/usr/bin/etcd" "$home/etcd"

# The source is laid out for a GOPATH.
export GOROOT=$home/root/usr/lib/go-1.19 GOPATH=$home/path GOCACHE=$home/go-cache GO111MODULE=off CGO_ENABLED=0 GOFLAGS= PATH=$home/root/usr/lib/go-1.19/bin:$PATH
kubernetes=$GOPATH/src/k8s.io/kubernetes
mkdir -p "$kubernetes"
tar -xzf ./kubernetes_*.orig.tar.gz -C "$kubernetes" --strip-components=1
cd "$kubernetes"

# Descriptions of all types, which the source leaves to be generated.
go build -o "$home/openapi-gen" k8s.io/kubernetes/vendor/k8s.io/kube-openapi/cmd/openapi-gen
types=$(grep -rl --include='*.go' '+k8s:openapi-gen=' vendor/k8s.io/*/ pkg | grep -Ev '^vendor/k8s.io/(code-generator|sample-apiserver|gengo|kube-openapi)/|zz_generated' | xargs -n1 dirname | LC_ALL=C sort -u)
"$home/openapi-gen" --logtostderr -i "$(sed 's#^#k8s.io/kubernetes/#' <<<"$types" | paste -sd,)" -p k8s.io/kubernetes/pkg/generated/openapi \
  -O zz_generated.openapi -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$home/openapi-findings.txt"

version=$(basename "$home"/files/kubernetes_*.orig.tar.gz .orig.tar.gz)
named=''
for package in client-go/pkg/version component-base/version; do named+=" -X k8s.io/kubernetes/vendor/k8s.io/$package.gitVersion=v${version##*really}"; done
go build -ldflags "$named" -o "$home/kube-apiserver" k8s.io/kubernetes/cmd/kube-apiserver
