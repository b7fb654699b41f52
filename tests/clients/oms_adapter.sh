#!/bin/sh
# Speaks the command protocol of the conformance suite for clients of OpenSSF model signing (`sign-model` and `verify-model`) to `modelmark oms`:
#
#     MODELMARK=target/release/modelmark pytest test/ --entrypoint=tests/clients/oms_adapter.sh
#
# The suite demands what the specification does: files where signatures do not look are accepted.
set -eu

verb=$1
shift
case $verb in
sign-model) verb=sign ;;
verify-model) verb=verify ;;
*) echo "unknown command: $verb" >&2 && exit 2 ;;
esac

method=
model=
left=$#
while [ "$left" -gt 0 ]; do
    flag=$1
    shift
    left=$((left - 1))
    case $flag in
    --ignore-unsigned-files | --use-staging)
        set -- "$@" "$flag"
        continue
        ;;
    esac
    value=$1
    shift
    left=$((left - 1))
    case $verb:$flag in
    *:--method) [ "$value" = sigstore ] && method=keyless || method=$value ;;
    *:--model-path) model=$value ;;
    sign:--output-bundle | verify:--bundle) set -- "$@" --signature "$value" ;;
    sign:--signing-cert) set -- "$@" --certificate "$value" ;;
    sign:--cert-chain) set -- "$@" --chain "$value" ;;
    verify:--cert-chain) set -- "$@" --trust-roots "$value" ;;
    *:--private-key | *:--public-key | *:--ignore-paths) set -- "$@" "$flag" "$value" ;;
    verify:--identity) set -- "$@" --identity "$value" ;;
    verify:--identity-provider) set -- "$@" --issuer "$value" ;;
    *) echo "not supported: $flag" >&2 && exit 2 ;;
    esac
done
[ "$verb" = sign ] || set -- "$@" --accept-uncovered

exec "${MODELMARK:-modelmark}" oms "$verb" "$method" "$model" "$@"
