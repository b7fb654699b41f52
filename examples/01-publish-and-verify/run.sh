#!/usr/bin/env bash
# The main job, end to end: publish a model on the embedded chain, verify it, and see an altered copy refused.

# shellcheck source-path=SCRIPTDIR source=../walk.sh
source "$(dirname "${BASH_SOURCE[0]}")/../walk.sh"

model=examples/digits-mlp/model

publish() { run publish "$model" --royalty 5% --dataset examples/digits-mlp/data; }

step "Publish: digest, record, sign, store, mint"
published=$(publish)
say "$published"
token=$(token_in "$published")

step "Verify the files against the token"
expect_verified "$model" --token "$token"

step "Verify without a token id: it is found by the digest of the weights"
expect_verified "$model"

step "Change one byte of the weights in a copy, and verify that"
altered=$scratch/altered-model
cp -R "$model" "$altered"
flip_byte "$altered/model.safetensors"
expect_altered model.safetensors "$altered" --token "$token"

step "Publish the same model again: the token is found, not minted twice"
again=$(publish)
say "$again"
[[ $(token_in "$again") == "$token" ]] || die "the second publish gave another token"

step "Show what the token says"
run show "$token"

step "Done"
say "token     $token"
say "VERIFIED  $model"
