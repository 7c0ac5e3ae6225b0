#!/usr/bin/env bash
# Searches for inputs that crash, hang, take too much memory or break a law, with libFuzzer.
#
#     Scripts/fuzz.sh [--seconds N] [--jobs N] [TARGET…]
#     Scripts/fuzz.sh --coverage
#
#     --seconds N    for how long each target is fuzzed; 60 unless it is said
#     --jobs N       how many targets are fuzzed at once; 1 unless it is said
#     --coverage     in place of a search: which lines of Sources the committed corpus reaches
#
# Targets are those of Tests/Fuzz/Targets, called as the folders of Tests/Fuzz/Corpus: all of them unless
# some are named. Everything in Sources and the C libraries is compiled with counters of what is reached
# and with AddressSanitizer, optimised, with overflow checked.
#
# A search begins with Tests/Fuzz/Corpus, other tests' files and what earlier searches have kept in
# .build-fuzz/corpus. What it finds goes to .build-fuzz/findings, and the status is 1 then. To see a
# finding again:
#
#     TESSERA_FUZZ=TARGET .build-fuzz/swift/release/tessera-fuzz FILE
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
  exit 64
}

# A test compares the folders with the targets.
all=(Tests/Fuzz/Corpus/*/)
all=("${all[@]%/}")
all=("${all[@]##*/}")
seconds=60 jobs=1 coverage="" targets=()
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds | --jobs)
      [[ "${2:-}" =~ ^[1-9][0-9]*$ ]] || usage
      if [ "$1" = --seconds ]; then seconds=$2; else jobs=$2; fi
      shift 2
      ;;
    --coverage)
      coverage=yes
      shift
      ;;
    *)
      [[ " ${all[*]} " == *" $1 "* ]] || usage
      targets+=("$1")
      shift
      ;;
  esac
done
[ ${#targets[@]} -gt 0 ] || targets=("${all[@]}")
TESSERA_EXTRA_PACKAGES="python3 ${TESSERA_EXTRA_PACKAGES:-}"
source Scripts/setup.sh

work=$PWD/.build-fuzz

# Lines and regions that the tests of the corpus go through, by module.
cover() {
  local options=(--scratch-path "$work/coverage" --enable-code-coverage)
  tessera_refresh_kernels . .build-fuzz/coverage
  swift build --build-tests "${options[@]}"
  swift test --skip-build "${options[@]}" --filter '^FuzzTests\.' >"$work/coverage.log" 2>&1 || {
    tail -n 30 "$work/coverage.log" >&2
    return 1
  }
  local report
  report=$(swift test --show-codecov-path "${options[@]}")
  python3 Tests/Fuzz/coverage.py "$report" "$PWD/Sources"
}
if [ -n "$coverage" ]; then
  cover
  exit
fi

Scripts/fuzz-codecs.sh "$work/codecs"
tessera_refresh_kernels . .build-fuzz/swift
# Of several sanitizers `swift build --sanitize` takes one. gold fails at what they write for debuggers.
# The linker looks into the first folder first.
options=(--scratch-path "$work/swift" -c release --product tessera-fuzz
  -Xswiftc "-sanitize=address,fuzzer" -Xcc "-fsanitize=address,fuzzer-no-link" -Xswiftc -use-ld=lld
  -Xcc "-I$work/codecs/include" -Xlinker "-L$work/codecs/lib")
export TESSERA_FUZZER=1
swift build "${options[@]}"
fuzzer=$(swift build "${options[@]}" --show-bin-path)/tessera-fuzz
if ldd "$fuzzer" | grep -E 'lib(png|jpeg|webp[a-z]*|tiff|archive|z)[0-9.-]*\.so'; then
  echo "The fuzzer is linked to the system's libraries: it sees nothing of them." >&2
  exit 1
fi
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1
export LSAN_OPTIONS=suppressions=$PWD/Tests/Fuzz/leaks.supp:print_suppressions=0
# Its own reports of crashes would only hide those of libFuzzer.
export SWIFT_BACKTRACE=enable=no
# What ends a search. Most inputs take less than a hundredth of a second, and the largest bank three: busy
# processors take their time.
limits=(-timeout=30 -rss_limit_mb=2048 -malloc_limit_mb=1024)

# Fails unless a planted fault is found: a search that finds nothing counts only where it could.
canary() {
  local log=$work/canary.log status=0
  mkdir -p "$work/canary"
  TESSERA_FUZZ=canary timeout --kill-after=5 60 "$fuzzer" -max_total_time=30 "${limits[@]}" \
    -artifact_prefix="$work/canary/" >"$log" 2>&1 </dev/null || status=$?
  if [ "$status" = 0 ] || ! grep -q 'ERROR: AddressSanitizer: heap-buffer-overflow' "$log"; then
    tail -n 30 "$log" >&2
    echo "The planted fault was not found: this search sees nothing." >&2
    return 1
  fi
  echo "found as it must be: a read beyond the end behind four bytes, after $(
    grep -Eo '^#[0-9]+' "$log" | tail -n 1 | tr -d '#') inputs"
}

# The folders that a search begins with.
seeds() {
  local vectors=Tests/TesseraCodecsTests/Vectors
  echo "Tests/Fuzz/Corpus/$1"
  case "$1" in
    png) printf '%s\n' "$vectors/png" "$vectors/pngsuite" ;;
    jpeg | webp | tiff) echo "$vectors/$1" ;;
    npy) printf '%s\n' "$vectors/npy" "$vectors/safetensors" ;;
  esac
}

# Bytes that an input has at most.
longest() {
  case "$1" in
    png | jpeg | tiff | pipeline) echo 4096 ;;
    tar) echo 16384 ;;
    children) echo 24576 ;;
    webp | datasets | lists) echo 8192 ;;
    *) echo 2048 ;;
  esac
}

# Fails where a file of a target's corpus is longer than its inputs: libFuzzer would cut it off.
check_lengths() {
  local most found
  most=$(longest "$1")
  found=$(find "Tests/Fuzz/Corpus/$1" -type f -size +"${most}c")
  [ -n "$found" ] || return 0
  echo "longer than the $most bytes of an input of $1: ${found//$'\n'/, }" >&2
  return 1
}

fuzz() {
  local target=$1 folders dictionary=()
  mkdir -p "$work/corpus/$target" "$work/findings/$target"
  mapfile -t folders < <(seeds "$target")
  case "$target" in
    datasets) dictionary=(-dict=Tests/Fuzz/Dictionaries/json.dict) ;;
    png | jpeg | npy | json) dictionary=(-dict="Tests/Fuzz/Dictionaries/$target.dict") ;;
    pipeline) dictionary=(-dict=Tests/Fuzz/Dictionaries/json.dict) ;;
  esac
  TESSERA_FUZZ=$target timeout --kill-after=5 $((seconds + 120)) "$fuzzer" \
    -max_total_time="$seconds" -max_len="$(longest "$target")" -print_final_stats=1 \
    "${limits[@]}" "${dictionary[@]}" -artifact_prefix="$work/findings/$target/" \
    "$work/corpus/$target" "${folders[@]}" >"$work/$target.log" 2>&1 </dev/null &
  trap "kill $! 2>/dev/null" TERM
  wait $!
}

# What a search came to, from its log.
report() {
  local target=$1 log=$work/$1.log last counters executed rate
  last=$(grep -E '^#[0-9]+.* cov: ' "$log" | tail -n 1 || true)
  counters=$(sed -n 's/^INFO: Loaded .*(\([0-9]*\) inline 8-bit counters).*/\1/p' "$log")
  executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
  printf '%-9s %9s inputs %6s/s   %s of %s edges, %s features   corpus %s\n' "$target" \
    "${executed:-?}" "${rate:-?}" "$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' <<<"$last")" \
    "${counters:-?}" "$(sed -n 's/.* ft: \([0-9]*\).*/\1/p' <<<"$last")" \
    "$(sed -n 's/.* corp: \([^ ]*\).*/\1/p' <<<"$last")"
}

for target in "${targets[@]}"; do check_lengths "$target"; done

# Where inputs become files: a crash leaves them behind. What still runs is ended before.
clean() {
  local running
  mapfile -t running < <(jobs -rp)
  if [ "${#running[@]}" -gt 0 ]; then kill "${running[@]}" 2>/dev/null || true; fi
  wait
  rm -rf "$TESSERA_FUZZ_FOLDER"
}
if [ -w /dev/shm ]; then parent=/dev/shm; else parent=${TMPDIR:-/tmp}; fi
TESSERA_FUZZ_FOLDER=$(mktemp -d "$parent/tessera-fuzz-XXXXXX")
export TESSERA_FUZZ_FOLDER
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

canary
for target in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || true; done
  rm -f "$work/$target.ended"
  { fuzz "$target" && touch "$work/$target.ended"; } &
done
wait
status=0
for target in "${targets[@]}"; do
  if [ ! -e "$work/$target.ended" ]; then
    status=1
    echo "$target failed:" >&2
    grep -E 'ERROR: |SUMMARY: |^broken: |Fatal error: |Test unit written' "$work/$target.log" >&2 ||
      tail -n 20 "$work/$target.log" >&2
  fi
  report "$target"
done
exit "$status"
