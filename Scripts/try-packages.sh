#!/usr/bin/env bash
# Makes every package, and uses each as who installs it does.
#
#     Scripts/try-packages.sh                  (part packages of test.sh)
#
# The wheel goes into a new virtual environment, where its tests (Python/tests) run; PyTorch is used where
# TESSERA_TORCH names a Python that has it. Then Scripts/bare-root.sh installs everything in a bare Debian.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
TESSERA_EXTRA_PACKAGES="lintian man-db zsh fish util-linux python3 python3-venv" source Scripts/setup.sh

fail() {
  echo "try-packages.sh: $*" >&2
  exit 1
}

Scripts/package.sh
tree=.build/package/tree
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The same sources give the same bytes.
sha256sum dist/* >"$work/digests"
Scripts/package.sh >"$work/again.log" 2>&1 || fail "$(tail -n 5 "$work/again.log")"
sha256sum --check --quiet "$work/digests" || fail "a second build gives other packages"

# A library whose licence text is missing keeps everything from being made.
if unshare --mount sh -c 'mount --bind /dev/null /usr/share/doc/libpng16-16/copyright &&
  exec Scripts/package.sh' >"$work/refused.log" 2>&1; then
  fail "a package was made without a licence text"
fi
grep -q 'there is no licence text at .*libpng16-16' "$work/refused.log" ||
  fail "expected a word about the licence, found: $(tail -n 3 "$work/refused.log")"
sha256sum --check --quiet "$work/digests" || fail "what was refused has changed dist"

# Debian's own checks of packages: no error, and no warning.
said=$(lintian --allow-root --fail-on none dist/*.deb)
[ -z "$said" ] || fail "lintian: $said"

# Manual pages: man has nothing to say against them, and examples keep their lines.
for page in "$tree"/share/man/man1/*.1; do
  said=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=100 man --warnings -l "$page" 2>&1 >"$work/page.txt")
  [ -z "$said" ] || fail "$page: $said"
  grep -q '^EXIT STATUS' "$work/page.txt" || fail "$page has no section EXIT STATUS"
done
"$tree/bin/tessera" help run | sed -n '/^EXAMPLES/,/^$/s/^  *tessera/tessera/p' >"$work/examples"
[ -s "$work/examples" ] || fail "found no examples in the help of run"
LC_ALL=C.UTF-8 MANWIDTH=100 man -l "$tree/share/man/man1/tessera-run.1" | sed 's/^ *//' >"$work/page.txt"
while IFS= read -r line; do
  grep -qxF -- "$line" "$work/page.txt" || fail "the page of run lacks the example: $line"
done <"$work/examples"

# Completions of the shells that bare-root.sh does not have.
zsh -n "$tree/completions/_tessera"
said=$(PATH="$PWD/$tree/bin:$PATH" fish --no-config -c "source $tree/completions/tessera.fish
  complete -C 'tessera rou'; complete -C 'tessera run --overw'" | cut -f1 | tr '\n' ' ')
[ "$said" = "roundtrip --overwrite " ] || fail "fish completes to '$said'"

# The wheel's own tests.
for python in python3 ${TESSERA_TORCH:-}; do
  "$python" -m venv --clear "$work/venv"
  "$work/venv/bin/pip" install --quiet --requirement Python/tests/requirements.txt dist/*.whl
  # What another Python has, behind what is installed here.
  [ "$python" = python3 ] ||
    "$python" -c 'import site; print("\n".join(site.getsitepackages()))' \
      >"$(echo "$work"/venv/lib/python3*/site-packages)/torch.pth"
  (cd Python/tests && PYTHONDONTWRITEBYTECODE=1 "$work/venv/bin/python" -m pytest -q -rs \
    -p no:cacheprovider)
done
# Its tag says what it needs of a system, and so does the page.
tag=$(sed 's/.*-\(manylinux.*\)\.whl/\1/' <<<"$(echo dist/*.whl)")
said=$("$work/venv/bin/auditwheel" show dist/*.whl)
grep -q "\"$tag\"" <<<"$said" || fail "auditwheel: $said"
glibc=$(sed 's/manylinux_\([0-9]*\)_\([0-9]*\)_.*/\1.\2/' <<<"$tag")
grep -q "| glibc $glibc, libstdc++ |" docs/install.md || fail "docs/install.md names another glibc than $glibc"
"$work/venv/bin/mypy" --strict --cache-dir "$work/mypy" Python/tessera

Scripts/bare-root.sh
