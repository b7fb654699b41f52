#!/usr/bin/env bash
# Verifies each model, writes reports and a job summary, and exits with the worst exit code. Whatever goes wrong fails the job.
set -euo pipefail
unset CDPATH

# Reads the lines of $1 into the array named $2, without blanks around them and without empty ones.
lines() {
  local -n into=$2
  local line
  into=()
  while IFS= read -r line || [[ -n $line ]]; do
    line="${line#"${line%%[![:space:]]*}"}"
    line="${line%"${line##*[![:space:]]}"}"
    [[ -z $line ]] || into+=("$line")
  done <<<"$1"
}

usage() {
  echo "modelmark: $1" >&2
  [[ -z ${GITHUB_OUTPUT:-} ]] || echo "verdict=usage" >>"$GITHUB_OUTPUT"
  exit 2
}

# Finds modelmark: as named, else on the PATH, else built from the source that this action is part of.
find_modelmark() {
  if [[ -n ${BINARY:-} ]]; then
    modelmark=$(readlink -f -- "$BINARY") || true
    [[ -x $modelmark ]] || usage "there is no program at \`$BINARY\`"
  elif ! modelmark=$(command -v modelmark); then
    local root="${RUNNER_TEMP:-/tmp}/modelmark"
    # From its own folder: rustup and cargo obey files in the one where they are called, which is the checkout that is to be verified.
    [[ -x $root/bin/modelmark ]] || (cd -- "$here/../.." && cargo install --locked --path crates/modelmark --root "$root")
    modelmark=$root/bin/modelmark
  fi
}

# Names a verdict by its exit code, and how bad it is.
verdict_of() {
  case $1 in
    0) verdict=verified rank=0 ;;
    4) verdict=policy-refused rank=1 ;;
    3) verdict=could-not-look rank=2 ;;
    1) verdict=does-not-verify rank=4 ;;
    *) verdict=usage rank=3 ;;
  esac
}

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# An input that is there and says nothing is a variable that nobody set, and takes no demand away.
for demand in TOKEN CREATOR LICENSE REQUIRE_SIGNATURE DENY_CODE CHAIN REGISTRY; do
  [[ -v $demand ]] || continue
  [[ ${!demand} == *[![:space:]]* ]] || usage "the input for $demand is empty: leave it out, or write \`-\`, to demand nothing"
  [[ ${!demand} != - ]] || unset "$demand"
done
models=() tokens=() records=() creators=() licenses=() signers=() further=()
lines "${MODEL:-}" models
lines "${TOKEN:-}" tokens
lines "${RECORD:-}" records
lines "${CREATOR:-}" creators
lines "${LICENSE:-}" licenses
lines "${REQUIRE_SIGNATURE:-}" signers
lines "${ARGUMENTS:-}" further
((${#models[@]} > 0)) || usage "no model is named: nothing would be verified"
for given in tokens records; do
  declare -n list=$given
  ((${#list[@]} == 0 || ${#list[@]} == ${#models[@]})) || usage "${#list[@]} $given for ${#models[@]} models: name one for each, in their order, or none"
done

policy=()
for creator in "${creators[@]}"; do policy+=(--creator "$creator"); done
for license in "${licenses[@]}"; do policy+=(--license "$license"); done
for signer in "${signers[@]}"; do policy+=(--require-signature "$signer"); done
case ${DENY_CODE:-false} in
  true) policy+=(--deny-code) ;;
  false) ;;
  *) usage "deny-code is neither true nor false: \`$DENY_CODE\`" ;;
esac
[[ -z ${CHAIN:-} ]] || policy+=(--chain "$CHAIN")
[[ -z ${REGISTRY:-} ]] || policy+=(--registry "$REGISTRY")
# By the environment, so that a key in it stands in no list of processes.
[[ -z ${RPC_URL:-} ]] || export MODELMARK_RPC_URL=$RPC_URL

find_modelmark
reports=${REPORTS:-modelmark-reports}
# A runner reads outputs line by line: what follows a line break would be one of its own.
[[ $reports != *[$'\n\r']* ]] || usage "the folder for the reports has a line break in its name"
mkdir -p -- "$reports"
reports=$(cd -- "$reports" && pwd)
# A further line would be a further output.
[[ $reports != *$'\n'* ]] || usage "the folder for the reports has a line break in its name"
worst=verified worst_rank=0 worst_code=0

# Names of files are printed, and a runner obeys lines that look like its commands.
if [[ ${GITHUB_ACTIONS:-} == true ]]; then
  fence=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  echo "::stop-commands::$fence"
fi
for index in "${!models[@]}"; do
  stem="$reports/model-$((index + 1))"
  rm -f -- "$stem".{html,sarif,xml,json,md}
  arguments=("${policy[@]}" "${further[@]}")
  ((${#tokens[@]} == 0)) || arguments+=(--token "${tokens[index]}")
  ((${#records[@]} == 0)) || arguments+=(--record "${records[index]}")
  for form in html sarif xml json md; do arguments+=(--report "$stem.$form"); done
  code=0
  "$modelmark" verify "${arguments[@]}" -- "${models[index]}" || code=$?
  verdict_of "$code"
  if ((rank > worst_rank)); then worst=$verdict worst_rank=$rank worst_code=$code; fi
  if [[ -n ${GITHUB_STEP_SUMMARY:-} ]]; then
    if [[ -f $stem.md ]]; then cat -- "$stem.md" >>"$GITHUB_STEP_SUMMARY"; else echo "Model $((index + 1)): no report ($verdict)" >>"$GITHUB_STEP_SUMMARY"; fi
  fi
done
[[ -z ${fence:-} ]] || echo "::$fence::"

if [[ -n ${GITHUB_OUTPUT:-} ]]; then
  printf 'verdict=%s\nreports=%s\n' "$worst" "$reports" >>"$GITHUB_OUTPUT"
fi
exit "$worst_code"
