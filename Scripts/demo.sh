#!/usr/bin/env bash
# Builds Tessera and sends the sample photographs through an overlapping unfold and fold and back.
#
#     Scripts/demo.sh [OUTPUT_FOLDER]        (default: out/roundtrip)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$here"
source Scripts/setup.sh

output=${1:-out/roundtrip}
echo "Building the release (the first time takes a few minutes) …"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
swift build -c release --product tessera >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
tessera=$(swift build -c release --show-bin-path)/tessera

echo "tessera run Pipelines/roundtrip.json --output $output"
"$tessera" run Pipelines/roundtrip.json --output "$output" --overwrite
report=$output/report.jsonl
echo
echo "Every image was cut into overlapping blocks, put together again and compared with the file"
echo "it came from. One line for each, from $report:"
echo
sed -n 's/.*"source":"\([^"]*\)".*"status":"\([^"]*\)".*/  \2  \1/p' "$report"
echo
echo "The images are in $output. What else to run: Pipelines/*.json; what each stage takes:"
echo "    $tessera stages"
