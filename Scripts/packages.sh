#!/usr/bin/env bash
# Builds the program of docs/library.md outside this repository, as a package that depends on it, and runs it
# twice.
#
#     Scripts/packages.sh                      (part packages of test.sh)
#
# A clone of what is committed here is tagged with the version that the page names. The program
# depends on the clone once by version, through a URL, and once by path. It is a debug build: a clone
# has no build of its own to start from.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source Scripts/setup.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Prints the blocks of Swift under *A program* that have, or have not, a line that matches.
blocks() {
  awk -v pattern="$1" -v wanted="$2" '
    /^## / { program = $0 == "## A program" }
    !program { next }
    /^```swift$/ { inside = 1; text = ""; matches = 0; next }
    /^```$/ { if (inside && matches == wanted) printf "%s", text; inside = 0; next }
    inside { text = text $0 "\n"; if ($0 ~ pattern) matches = 1 }' docs/library.md
}

url=$(blocks '^// swift-tools-version' 1 | sed -n 's/.*url: "\([^"]*\)".*/\1/p')
version=$(blocks '^// swift-tools-version' 1 | sed -n 's/.*from: "\([^"]*\)".*/\1/p')
if [ -z "$url" ] || [ -z "$version" ]; then
  echo "docs/library.md: expected a manifest with .package(url: \"…\", from: \"…\"), found none" >&2
  exit 1
fi
git clone --quiet . "$work/tessera"
# The version that is asked for is the clone's only one.
git -C "$work/tessera" tag --list | xargs -r git -C "$work/tessera" tag --delete >/dev/null
git -C "$work/tessera" tag "$version"

# Makes a package of the page's manifest and programs, with another line of dependency.
package() {
  local folder=$1 dependency=$2
  mkdir -p "$folder/Sources/patches" "$folder/photos"
  blocks '^// swift-tools-version' 1 |
    sed "s|\.package(url: .*)|$dependency|" >"$folder/Package.swift"
  blocks '^// swift-tools-version' 0 >"$folder/Sources/patches/main.swift"
  cp samples/astronaut.jpg "$folder/photo.jpg"
  cp samples/astronaut.jpg samples/chelsea-rgb.png "$folder/photos"
}

# Builds a package and runs it twice; the second time another photograph has the name.
try() {
  local folder=$1 run program
  swift build --package-path "$folder" --product patches
  program=$(swift build --package-path "$folder" --show-bin-path)/patches
  for run in 1 2; do
    if ! (cd "$folder" && "$program" >"run-$run.txt" 2>&1); then
      cat "$folder/run-$run.txt" >&2
      echo "The page's program failed in its run $run" >&2
      return 1
    fi
    grep -q '^out/photo.png \[3, ' "$folder/run-$run.txt"
    grep -q '^\[3, 48, 64\] uint8 128' "$folder/run-$run.txt"
    grep -q '^2 of 2' "$folder/run-$run.txt"
    cp samples/rocket-progressive.jpg "$folder/photo.jpg"
  done
  [ "$(find "$folder/processed" -name '*.png' | wc -l)" = 2 ]
  echo "$(basename "$folder"): built and run twice"
}

package "$work/by-version" ".package(url: \"file://$work/tessera\", from: \"$version\")"
try "$work/by-version"
package "$work/by-path" '.package(path: "../tessera")'
try "$work/by-path"
