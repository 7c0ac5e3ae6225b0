#!/usr/bin/env bash
# Builds Tessera and sends the sample photographs through an overlapping unfold and fold and back.
#
#     Scripts/demo.sh [OUTPUT_FOLDER]        (default: out/roundtrip)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source Scripts/setup.sh

output=${1:-out/roundtrip}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "Building Tessera (the first time takes a few minutes) …"
tessera_build . >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}

echo "tessera run Pipelines/roundtrip.json --output $output --overwrite"
"$tessera" run Pipelines/roundtrip.json --output "$output" --overwrite

# The value of one key in the report's current line.
field() {
  sed -nE "s/.*\"$1\": ?\"?([^\",}]*).*/\1/p" <<<"$line"
}

echo
echo "Every image was cut into overlapping blocks, put together again, and compared with what was"
echo "loaded; every file written was read back. From $output/report.jsonl:"
echo
printf '  %-26s %-8s %-22s %s\n' image status "largest difference" "PSNR [dB]"
while IFS= read -r line; do
  printf '  %-26s %-8s %-22s %s\n' \
    "$(field source)" "$(field status)" "$(field max_abs)" "$(field psnr)"
done <"$output/report.jsonl"
echo
echo "The images are in $output. Other pipelines to run are in Pipelines/, and"
echo "    $tessera --help"
echo "tells the rest."
