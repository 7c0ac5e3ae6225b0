#!/usr/bin/env bash
# Fails if a module of kernels defines code that the linker may share between instruction sets.
#
# The linker keeps one copy of a weak function that several objects define. If that copy comes from
# the AVX-512 module, every other caller executes it too: an illegal instruction on lesser
# processors. So each weak function with instructions beyond x86-64-v1 must carry its variant's name.
#
# usage: Scripts/check-kernel-symbols.sh [debug|release]
set -euo pipefail
configuration=${1:-release}
cd "$(dirname "$0")/.."
build=$(swift build -c "$configuration" --show-bin-path)

# Mnemonics that x86-64-v1 lacks: VEX and EVEX encodings, BMI, LZCNT, MOVBE.
beyond='^(v[a-z0-9]+|k(and|or|not|xor|mov|shift|unpck|test|add)[a-z]*|andn|bextr|bls(r|i|msk)|bzhi|mulx|pdep|pext|rorx|sarx|shlx|shrx|lzcnt|tzcnt|movbe)[bwlq]?$'
status=0
for variant in AVX2 AVX512; do
  found=0
  for object in "$build"/TesseraKernels"$variant".build/*.o; do
    [ -e "$object" ] || continue
    found=1
    while read -r symbol; do
      if objdump -d --no-show-raw-insn --disassemble="$symbol" "$object" |
        awk -F'\t' 'NF > 1 { split($2, word, " "); print word[1] }' | grep -Eq "$beyond"; then
        echo "shared between instruction sets: $(swift demangle --compact "$symbol") in $object"
        status=1
      fi
    done < <(nm --defined-only "$object" |
      awk '$2 ~ /[WwVuT]/ { print $3 }' | grep -Ev "(0aB|0)(4|6)?$variant|$variant" | sort -u)
    instructions=$(objdump -d --no-show-raw-insn "$object" | grep -c -E "%[yz]mm" || true)
    echo "$variant: $instructions instructions on wide registers in $(basename "$object")"
  done
  [ "$found" = 1 ] || { echo "no objects of TesseraKernels$variant in $build"; status=1; }
done
for module in TesseraKernels TesseraKernelsBaseline TesseraEngine TesseraPipeline; do
  for object in "$build/$module.build"/*.o; do
    [ -e "$object" ] || continue
    if objdump -d --no-show-raw-insn "$object" | grep -qE '%[yz]mm'; then
      echo "wide registers outside the variants: $object"
      status=1
    fi
  done
done
exit $status
