#!/usr/bin/env bash
# Runs tests with a sanitizer, after showing that it sees what it is there to find.
#
#     Scripts/sanitize.sh address|thread       (parts asan and tsan of test.sh)
#
# First each canary of Tests/SanitizerTests: a fault that the sanitizer must report. Then the tests
# of engine, codecs and runs over folders, of which it must report nothing. No report is suppressed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source Scripts/setup.sh

case "${1:-}" in
  address)
    kind=overflow scratch=.build-asan
    wanted='ERROR: AddressSanitizer: heap-buffer-overflow'
    # Swift's runtime keeps what it made once for the life of the process: that is no leak.
    export ASAN_OPTIONS=detect_leaks=0
    ;;
  thread)
    kind=race scratch=.build-tsan
    wanted='WARNING: ThreadSanitizer: (Swift access|data) race'
    ;;
  *)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
    exit 64
    ;;
esac
options=(--sanitize="$1" --scratch-path "$scratch")
log=$(mktemp)
trap 'rm -f "$log"' EXIT

tessera_refresh_kernels . "$scratch"
swift build --build-tests "${options[@]}"

# Plants a fault, and fails unless it is reported; the rest are settings for the environment.
canary() {
  local fault=$1
  shift
  if env TESSERA_CANARY="$fault" "$@" swift test --skip-build "${options[@]}" \
    --filter '^SanitizerTests\.' >"$log" 2>&1 || ! grep -Eq "$wanted" "$log"; then
    tail -n 30 "$log" >&2
    echo "The planted fault $fault $* was not reported: this run sees nothing." >&2
    return 1
  fi
  echo "reported as it must be: $fault $*"
}

canary "$kind-swift"
canary "$kind-c"
canary "$kind-kernel" TESSERA_ISA=baseline
if grep -qw avx2 /proc/cpuinfo; then canary "$kind-kernel" TESSERA_ISA=avx2; fi
if grep -qw avx512vl /proc/cpuinfo; then canary "$kind-kernel" TESSERA_ISA=avx512; fi

status=0
swift test --skip-build "${options[@]}" \
  --filter '^(TesseraBatchTests|TesseraCodecsTests|TesseraPipelineTests)\.' 2>&1 | tee "$log" ||
  status=1
reports=$(grep -Ec '(ERROR|WARNING): [A-Za-z]+Sanitizer' "$log" || true)
echo "$reports reports of $1 sanitizer"
[ "$reports" = 0 ] && exit "$status"
exit 1
