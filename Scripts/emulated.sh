#!/usr/bin/env bash
# Runs the command on emulated processors, where one instruction too new is a crash.
#
#     Scripts/emulated.sh                      (part emulated of test.sh)
#
# Every pipeline of Pipelines/ does all samples on a processor without AVX, and on one with AVX2 but
# without AVX-512. The bytes must be those that the same kernels write on this machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ "$(uname -m)" != x86_64 ]; then
  echo "Kernels for several instruction sets are there on x86-64 alone: nothing to emulate." >&2
  exit 0
fi
TESSERA_EXTRA_PACKAGES="qemu-user ${TESSERA_EXTRA_PACKAGES:-}"
source Scripts/setup.sh

tessera_build .
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Fails unless an instruction that a processor lacks ends the program: the emulator has to see it.
canary() {
  local processor=$1 instruction=$2 status=0
  echo "int main(void) { __asm__ volatile(\"$instruction\"); return 0; }" |
    gcc -x c -o "$work/canary" -
  { qemu-x86_64 -cpu "$processor" "$work/canary"; } >/dev/null 2>&1 || status=$?
  # 132: 128 + SIGILL
  if [ "$status" != 132 ]; then
    echo "$processor executed $instruction (status $status): this run sees nothing." >&2
    return 1
  fi
  echo "refused as it must be: $instruction on $processor"
}

# Runs every pipeline on a processor, or on this machine, into a folder.
pipelines() {
  local folder=$1 file name
  shift
  mkdir -p "$folder"
  cp -r Pipelines samples "$folder"
  for file in Pipelines/*.json; do
    name=$(basename "$file" .json)
    [ "$name" != pipeline.schema ] || continue
    if ! (cd "$folder" && "$@" run "$file" >"$work/log" 2>&1); then
      cat "$work/log" >&2
      echo "$name failed: $*" >&2
      return 1
    fi
  done
  # Reports and records hold times.
  find "$folder/out" \( -name report.jsonl -o -name '.tessera-*' \) -type f -delete
}

emulate() {
  local processor=$1 kernels=$2 said
  local command=(qemu-x86_64 -cpu "$processor" "$tessera")
  said=$("${command[@]}" --version --verbose 2>/dev/null)
  if ! grep -q "^kernels: $kernels " <<<"$said"; then
    echo "expected the kernels $kernels on $processor, found: $said" >&2
    return 1
  fi
  pipelines "$work/$kernels/emulated" "${command[@]}"
  pipelines "$work/$kernels/native" env TESSERA_ISA="$kernels" "$tessera"
  diff -rq "$work/$kernels/native/out" "$work/$kernels/emulated/out"
  echo "$processor: $(find "$work/$kernels/emulated/out" -type f | wc -l) files, as $kernels here"
}

canary Nehalem 'vxorps %xmm0, %xmm0, %xmm0'
canary Nehalem 'vfmadd231ps %xmm0, %xmm0, %xmm0'
canary Haswell 'vpxord %zmm0, %zmm0, %zmm0'
emulate Nehalem baseline
if grep -qw avx2 /proc/cpuinfo; then emulate Haswell avx2; fi
