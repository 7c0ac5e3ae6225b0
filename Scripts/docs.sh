#!/usr/bin/env bash
# Builds the documentation as a site that needs nothing of the network: site/index.html.
#
#     Scripts/docs.sh [FOLDER]        (default: site)
#
# Sphinx makes it of docs/ and of what the command declares about its stages and itself; DocC makes
# FOLDER/library of the library's comments. A warning of either ends this, and nothing is replaced then.
# DocC's pages ask for paths from the root of the host: where the site lies below it, as at
# https://example.org/tessera/, TESSERA_SITE_BASE=/tessera tells. They want a web server, too:
#
#     python3 -m http.server --bind 127.0.0.1 --directory site
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
TESSERA_EXTRA_PACKAGES="python3 python3-venv ${TESSERA_EXTRA_PACKAGES:-}"
source Scripts/setup.sh

target=${1:-site}
if [ -e "$target" ] && [ ! -e "$target/searchindex.js" ]; then
  echo "docs.sh: $target is no site that this has built; it stays" >&2
  exit 73
fi
work=.build/site
packages=.build/site-python

tessera_refresh_kernels .
swift build
built=$(swift build --show-bin-path)
if [ ! -x "$packages/bin/python" ]; then python3 -m venv "$packages"; fi
"$packages/bin/pip" install --quiet --requirement Scripts/site/requirements.txt

rm -rf "$work"
mkdir -p "$work/symbols"

# The pages. Messages are shown where there are some: each of them is an error.
quietly() {
  local said status=0
  said=$("$@" 2>&1) || status=$?
  if [ "$status" != 0 ]; then
    echo "$said" >&2
    echo "docs.sh: $1 ended with $status" >&2
    exit 1
  fi
}
export PYTHONDONTWRITEBYTECODE=1
"$packages/bin/python" Scripts/site/prepare.py "$built/tessera" "$work/source"
quietly "$packages/bin/python" -m sphinx -W --keep-going -n -q -j auto \
  -c Scripts/site -d "$work/doctrees" "$work/source" "$work/html"

# The library. `import Tessera` brings other modules along: their symbols count as its own.
exported=$(sed -n 's/^@_exported import //p' Sources/Tessera/Tessera.swift | paste -sd,)
maps=()
for map in "$built"/CTessera*.build/module.modulemap; do maps+=(-Xcc "-fmodule-map-file=$map"); done
quietly swift symbolgraph-extract -module-name Tessera -minimum-access-level public \
  -skip-inherited-docs -skip-synthesized-members \
  -experimental-allowed-reexported-modules="$exported" \
  -target "$(swift -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)".*/\1/p')" \
  -I "$built/Modules" "${maps[@]}" -I Sources/CTesseraStream -I Sources/CTesseraArchive \
  -output-dir "$work/symbols"
# What extends modules that are not brought along is nothing that a program sees.
find "$work/symbols" -name '*@Tessera*' -delete
# Its pages get a way back to the others, and the settings that they ask for.
cp -R Sources/Tessera/Tessera.docc "$work/Tessera.docc"
cp Scripts/site/library/* "$work/Tessera.docc"
base=${TESSERA_SITE_BASE:-}
sed -i "s|@BASE@|${base%/}/|" "$work/Tessera.docc/header.html"
quietly docc convert "$work/Tessera.docc" --warnings-as-errors \
  --additional-symbol-graph-dir "$work/symbols" --output-path "$work/html/library" \
  --hosting-base-path "${base%/}/library" --experimental-enable-custom-templates

rm -rf "$target"
mkdir -p "$(dirname "$target")"
mv "$work/html" "$target"
echo "$target/index.html: $(find "$target" -name '*.html' -not -path "$target/library/*" | wc -l) pages," \
  "$(find "$target/library/documentation" -name index.html | wc -l) of the library"
