#!/bin/sh
# RUSTC_WRAPPER: compiles modelmark's own crates and the fuzz targets with the counters that libFuzzer steers by, which a stable compiler can add as well, and leaves
# everything else as it is. Build scripts are not linked with libFuzzer, so that they get no counters.
rustc=$1
shift
case " $* " in
  *" --crate-name build_script_build "*) exec "$rustc" "$@" ;;
esac
case "${CARGO_PKG_NAME:-}" in
  modelmark*)
    exec "$rustc" "$@" --cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-trace-compares \
      -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table ;;
esac
exec "$rustc" "$@"
