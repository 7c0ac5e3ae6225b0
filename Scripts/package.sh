#!/usr/bin/env bash
# Makes a tar archive, a Debian package and a Python wheel of the command, into dist/.
#
#     Scripts/package.sh [KIND…]         tarball, deb, wheel; all when none is named
#
# The version is that of Sources/Tessera/Pipeline+Recipe.swift. What the command links to is asked of
# the command itself (ldd), and what that needs of glibc is asked of the files that are shipped, so that
# a library more needs no line here. Every library that goes along brings its licence text, or nothing is
# made. TESSERA_MAINTAINER (NAME <ADDRESS>) is who the Debian package names.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
TESSERA_EXTRA_PACKAGES="binutils patchelf dpkg-dev python3 python3-venv ${TESSERA_EXTRA_PACKAGES:-}"
source Scripts/setup.sh

usage() {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
  exit 64
}

[ $# -gt 0 ] || set -- tarball deb wheel
for kind; do
  case "$kind" in tarball | deb | wheel) ;; *) usage ;; esac
done

fail() {
  echo "package.sh: $*" >&2
  exit 1
}

version=$(sed -n 's/^ *public static let text = "\(.*\)"$/\1/p' Sources/Tessera/Pipeline+Recipe.swift)
[ -n "$version" ] || fail "no version in Sources/Tessera/Pipeline+Recipe.swift"
maintainer=${TESSERA_MAINTAINER:-Tessera maintainers <maintainers@tessera.example>}
# Times in archives are that of the last commit: the same sources give the same archives.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
date=$(date --utc --date "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)
machine=$(uname -m)
work=.build/package
tree=$work/tree
umask 022

# Prints what a program loads besides what every Debian has: glibc's own libraries, and those of GCC,
# which libc6 and apt depend on and which are compatible upwards. GCC's go along nowhere: an older one
# beside the command would stand in the way of libraries of the system that want a newer one.
libraries() {
  local path package
  ldd "$1" | awk '/not found/ { print "not found: " $1 > "/dev/stderr"; exit 1 } $2 == "=>" { print $3 }' |
    while read -r path; do
      package=$(owner "$path")
      case "$package" in libc6 | libgcc-s1 | libstdc++6) ;; *) echo "$path" ;; esac
    done
}

# Prints the Debian package that a file is of; the same file has two names where /lib is a link.
owner() {
  local path found
  for path in "$1" "$(realpath "$1")" "${1#/usr}" "/usr$1"; do
    if found=$(dpkg-query --search "$path" 2>/dev/null); then
      echo "${found%%:*}"
      return
    fi
  done
}

# Prints the newest version of a set of symbols, such as GLIBC, that some files need.
newest() {
  local set=$1
  shift
  objdump --private-headers "$@" | sed -n "s/.* ${set}_\([0-9][0-9.]*\)\$/\1/p" | sort -Vu | tail -n 1
}

# Puts the licence texts of all that is shipped or linked in into a folder, one folder for each.
licences() {
  local folder=$1 library package text name common
  mkdir -p "$folder"
  for library in $shipped; do
    package=$(owner "$library")
    [ -n "$package" ] || fail "$library is of no Debian package: it has no licence text"
    [ -d "$folder/$package" ] && continue
    text=/usr/share/doc/$package/copyright
    [ -s "$text" ] || fail "$library: there is no licence text at $text"
    mkdir "$folder/$package"
    cp -L "$text" "$folder/$package/copyright"
    # Debian's texts name licences of GNU and others by their path in Debian.
    for common in $(grep -o '/usr/share/common-licenses/[A-Za-z0-9.-]*[A-Za-z0-9]' "$text" | sort -u); do
      [ -s "$common" ] || fail "$text names $common, which is not there"
      mkdir -p "$folder/common-licenses"
      cp -L "$common" "$folder/common-licenses/$(basename "$common")"
    done
  done
  text=$(dirname "$(readlink -f "$(command -v swift)")")/../share/swift/LICENSE.txt
  [ -s "$text" ] || fail "Swift's licence text is not at $text"
  mkdir "$folder/swift"
  cp -L "$text" "$folder/swift/LICENSE.txt"
  for name in .build/checkouts/*/; do
    text=$(find "$name" -maxdepth 1 -iname 'licen[sc]e*' | head -n 1)
    [ -n "$text" ] || fail "$name has no licence text"
    name=$(basename "$name")
    mkdir "$folder/$name"
    cp "$text" "$folder/$name/"
  done
  {
    echo "What Tessera ships or has linked into it, and where the licence of each is told"
    echo
    for library in $shipped; do
      package=$(owner "$library")
      echo "$(basename "$library"): $package/copyright" \
        "(Debian $(dpkg-query --show -f '${source:Package} ${source:Version}' "$package"))"
    done
    echo "Swift's standard library and runtime, linked in: swift/LICENSE.txt"
    for name in .build/checkouts/*/; do
      echo "$(basename "$name"), linked in: $(basename "$name")/"
    done
    echo
    echo "common-licenses has the texts that are named by /usr/share/common-licenses/."
    echo "The sources of what is Debian's are Debian's, under the names and versions above."
  } >"$folder/README"
}

# Fills a text of Packaging/: @VERSION@, @GLIBC@, @GLIBCXX@, @LIBRARIES@ and so on.
filled() {
  sed -e "s/@VERSION@/$version/g" -e "s/@GLIBC@/$glibc/g" -e "s/@GLIBCXX@/$glibcxx/g" \
    -e "s/@MACHINE@/$machine/g" -e "s/@SIZE@/${size:-}/g" -e "s/@DEPENDS@/${depends:-}/g" \
    -e "s/@MAINTAINER@/$maintainer/g" "$1"
}

# Makes what all kinds are made of: the command, its libraries, manual pages, completions, licences.
tree() {
  local library shell
  rm -rf "$work"
  mkdir -p "$tree"/{bin,lib/tessera,share/man/man1,completions} "$work/plain"
  strip --strip-unneeded -o "$work/plain/tessera" "$tessera"
  patchelf --remove-rpath "$work/plain/tessera"
  cp "$work/plain/tessera" "$tree/bin/tessera"
  patchelf --set-rpath "\$ORIGIN/../lib/tessera" "$tree/bin/tessera"
  for library in $shipped; do
    cp -L "$library" "$tree/lib/tessera/$(basename "$library")"
    chmod 644 "$tree/lib/tessera/$(basename "$library")"
    patchelf --set-rpath "\$ORIGIN" "$tree/lib/tessera/$(basename "$library")"
  done
  # Each library has to come from there, and from nowhere else.
  ldd "$tree/bin/tessera" | awk -v folder="$(realpath "$tree")/" '
    $2 == "=>" && index($3, folder) { found++ } END { print found + 0 }' >"$work/found"
  [ "$(cat "$work/found")" = "$(wc -w <<<"$shipped")" ] ||
    fail "the command does not find all of its libraries beside it"
  glibc=$(newest GLIBC "$tree/bin/tessera" "$tree"/lib/tessera/*)
  glibcxx=$(newest GLIBCXX "$tree/bin/tessera" "$tree"/lib/tessera/*)
  for shell in bash zsh fish; do
    "$tree/bin/tessera" --generate-completion-script "$shell" >"$work/completions.$shell"
  done
  # It is read by a shell, and never run.
  sed -i '1{/^#!/d}' "$work/completions.bash"
  cp "$work/completions.bash" "$tree/completions/tessera"
  cp "$work/completions.zsh" "$tree/completions/_tessera"
  cp "$work/completions.fish" "$tree/completions/tessera.fish"
  python3 Packaging/make_man.py "$tree/bin/tessera" "$tree/share/man/man1" \
    --version "$version" --date "$date"
  licences "$tree/THIRD-PARTY"
  mkdir "$tree/Pipelines"
  git ls-files -z Pipelines | xargs -0 cp -t "$tree/Pipelines"
  cp LICENSE "$tree/LICENSE"
}

tarball() {
  local name=tessera-$version-linux-$machine
  rm -rf "${work:?}/$name"
  cp -a "$tree" "$work/$name"
  filled Packaging/INSTALL.in >"$work/$name/INSTALL"
  tar --create --directory "$work" --sort=name --owner=0 --group=0 --numeric-owner \
    --mtime="@$SOURCE_DATE_EPOCH" "$name" | gzip -9n >"dist/$name.tar.gz"
}

deb() {
  local root=$work/deb share=$work/deb/usr/share architecture page size depends years
  architecture=$(dpkg --print-architecture)
  rm -rf "$root"
  install -D -m 755 "$work/plain/tessera" "$root/usr/bin/tessera"
  install -D -m 644 "$work/completions.bash" "$share/bash-completion/completions/tessera"
  install -D -m 644 "$work/completions.zsh" "$share/zsh/vendor-completions/_tessera"
  install -D -m 644 "$work/completions.fish" "$share/fish/vendor_completions.d/tessera.fish"
  mkdir -p "$share/man/man1" "$share/tessera" "$share/doc/tessera"
  for page in "$tree"/share/man/man1/*.1; do
    gzip -9nc "$page" >"$share/man/man1/$(basename "$page").gz"
  done
  cp -a "$tree/Pipelines" "$share/tessera/Pipelines"
  python3 Packaging/make_deb_texts.py changelog CHANGELOG.md "$version" "$maintainer" |
    gzip -9n >"$share/doc/tessera/changelog.gz"
  years=$(git log --reverse --format=%as | sed -n '1s/-.*//p')
  [ "$years" = "${date%%-*}" ] || years+=-${date%%-*}
  python3 Packaging/make_deb_texts.py copyright "$tree/THIRD-PARTY" "$years" >"$share/doc/tessera/copyright"
  # The packages whose libraries it links to, in the versions whose symbols it uses.
  mkdir -p "$work/shlibdeps/debian"
  printf 'Source: tessera\n\nPackage: tessera\nArchitecture: any\n' >"$work/shlibdeps/debian/control"
  depends=$(cd "$work/shlibdeps" && dpkg-shlibdeps -O -e../plain/tessera |
    sed -n 's/^shlibs:Depends=//p')
  [ -n "$depends" ] || fail "dpkg-shlibdeps finds nothing that the command depends on"
  size=$(du -sk --apparent-size "$root" | cut -f1)
  mkdir "$root/DEBIAN"
  filled Packaging/control.in | sed "s/@ARCHITECTURE@/$architecture/" >"$root/DEBIAN/control"
  (cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
  dpkg-deb --root-owner-group --build "$root" "dist/tessera_${version}_$architecture.deb" >/dev/null
}

wheel() {
  local folder=$work/wheel tools=.build/wheel-tools made
  rm -rf "$folder"
  cp -a Python "$folder"
  find "$folder" -name __pycache__ -prune -exec rm -rf {} +
  mkdir -p "$folder/tessera/command"
  cp -a "$tree/bin" "$tree/lib" "$tree/Pipelines" "$folder/tessera/command/"
  cp -a "$tree/LICENSE" "$tree/THIRD-PARTY" "$tree/share" "$tree/completions" "$folder/"
  if [ ! -x "$tools/bin/hatchling" ]; then
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet hatchling
  fi
  (cd "$folder" && TESSERA_VERSION=$version TESSERA_PLATFORM=manylinux_${glibc/./_}_$machine \
    "../../../$tools/bin/hatchling" build --target wheel --directory ../wheels 2>"../hatchling.log" >&2) ||
    fail "hatchling: $(cat "$work/hatchling.log")"
  made=$(echo "$work"/wheels/*.whl)
  [ "$(python3 -m zipfile --list "$made" | grep -c 'licenses/THIRD-PARTY/')" = \
    "$(find "$tree/THIRD-PARTY" -type f | wc -l)" ] || fail "licence texts are missing in $made"
  cp "$made" dist/
}

tessera=
tessera_build .
shipped=$(libraries "$tessera")
mkdir -p dist
tree
for kind; do
  case "$kind" in
    tarball) rm -f dist/*.tar.gz ;;
    deb) rm -f dist/*.deb ;;
    wheel) rm -f dist/*.whl ;;
  esac
  "$kind"
done
ls -l dist | awk 'NR > 1 { print $5, "dist/" $9 }'
