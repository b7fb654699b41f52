# shellcheck shell=bash
# What the walks share: a modelmark binary, a data directory that leaves nothing behind, and checks that stop a walk
# as soon as something is not as it says. Sourced by each run.sh; takes MODELMARK and MODELMARK_DATA_DIR from outside.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# A walk runs on the embedded chain and nowhere else, whatever the shell it was started from is set up for.
unset MODELMARK_RPC_URL MODELMARK_CHAIN MODELMARK_REGISTRY MODELMARK_KEYSTORE MODELMARK_PRIVATE_KEY

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# Prints an absolute path; relative ones mean the directory that the walk was started in.
absolute() {
    case $1 in
        /*) printf '%s\n' "$1" ;;
        *) printf '%s/%s\n' "$PWD" "$1" ;;
    esac
}

# Sets `modelmark` to a binary: the one that MODELMARK names, else one built here.
find_binary() {
    if [[ -n ${MODELMARK:-} ]]; then
        modelmark=$(command -v "$MODELMARK") || die "MODELMARK names no program: $MODELMARK"
        modelmark=$(absolute "$modelmark")
        return
    fi
    command -v cargo >/dev/null || die "cargo is missing: install Rust, or set MODELMARK to a modelmark binary"
    step "Build modelmark (once; a few minutes)"
    (cd "$root" && cargo build --release --package modelmark --locked --target-dir target)
    modelmark=$root/target/release/modelmark
}

# Shows a modelmark command and runs it. Paths below the checkout are shown relative to it, where the walk stands.
run() {
    local shown=" $*"
    printf '$ modelmark%s\n' "${shown//" $scratch/"/ }" >&2
    "$modelmark" "$@"
}

# Runs `verify "$@"` and stops the walk unless it succeeds and says so.
expect_verified() {
    local report code=0
    report=$(run verify "$@") || code=$?
    say "$report"
    [[ $code == 0 ]] || die "verify ended with exit code $code instead of 0"
    grep -qw VERIFIED <<<"$report" || die "verify succeeded without saying VERIFIED"
}

# Runs `verify "$@"` and stops the walk unless it fails with exit code 1 and names the file given first.
expect_altered() {
    local file=$1 report code=0
    shift
    report=$(run verify "$@") || code=$?
    say "$report"
    [[ $code == 1 ]] || die "verify of an altered model ended with exit code $code instead of 1"
    grep -qwF "$file" <<<"$report" || die "the report does not name the altered file $file"
    ! grep -qw VERIFIED <<<"$report" || die "verify called an altered model VERIFIED"
    say "Refused with exit code 1, as it should be."
}

# Prints the token id in what `publish` printed.
token_in() {
    grep -oE 'eip155:[0-9]+/erc721:0x[0-9a-fA-F]{40}/[0-9]+' <<<"$1" | head -n 1 || die "publish printed no token id"
}

# Changes the lowest bit of the byte in the middle of a file, or so many bytes before its end.
flip_byte() {
    local offset byte size
    size=$(wc -c <"$1")
    offset=$((size - ${2:-(size + 1) / 2}))
    byte=$(od -An -tu1 -j "$offset" -N 1 "$1")
    # shellcheck disable=SC2059 # The format is the byte, as an octal escape.
    printf "\\$(printf '%03o' $((byte ^ 1)))" | dd of="$1" bs=1 seek="$offset" conv=notrunc 2>/dev/null
    say "changed byte $offset of ${1#"$scratch"/}"
}

MODELMARK_DATA_DIR=$(absolute "${MODELMARK_DATA_DIR:-$scratch/data}")
export MODELMARK_DATA_DIR
find_binary
cd "$root"
