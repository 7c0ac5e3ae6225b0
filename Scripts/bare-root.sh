#!/usr/bin/env bash
# Goes from nothing to the first filtered folder with each kind of package, in a bare Debian, as
# docs/install.md says it.
#
#     Scripts/bare-root.sh [KIND…]         tarball, deb, wheel, container; all when none is named
#
# Scripts/package.sh has to have made the packages; the commands are those that docs/install.md has for each.
# A Debian without anything but apt (debootstrap's minbase) is made once, in .build/bare-root/base; each kind
# is tried in a copy of it, which sees no other process and is removed afterwards. container follows the
# COPY and RUN lines of Packaging/Containerfile. Where packages come from is what this system's apt and pip
# know: their settings are copied. Takes root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
TESSERA_EXTRA_PACKAGES="debootstrap util-linux ${TESSERA_EXTRA_PACKAGES:-}"
source Scripts/setup.sh

[ $# -gt 0 ] || set -- tarball deb wheel container
for kind; do
  case "$kind" in
    tarball | deb | wheel | container) ;;
    *)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
      exit 64
      ;;
  esac
done
if [ "$(id -u)" != 0 ]; then
  echo "bare-root.sh makes roots of its own and needs to be root" >&2
  exit 1
fi

release=bookworm
folder=$PWD/.build/bare-root
base=$folder/base
root=
# No file system is mounted but in namespaces of their own, which end with the command in them (see
# `inside`): what is left to take away are files. --one-file-system stops at a mount all the same.
clean() { [ -z "$root" ] || rm -rf --one-file-system "$root"; }
trap clean EXIT

fail() {
  echo "bare-root.sh: $kind: $*" >&2
  exit 1
}

# Prints the address that this system's apt has its packages from.
mirror() {
  cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed -n 's/^URIs: *\([^ ]*\).*/\1/p'
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    sed -n 's/^deb \(\[[^]]*\] *\)\{0,1\}\([^ ]*\).*/\2/p'
}

# Copies files to where they are in this system, those of them that are there.
copy_settings() {
  local path
  for path; do
    [ -e "$path" ] || continue
    mkdir -p "$base.partial$(dirname "$path")"
    cp -RL "$path" "$base.partial$(dirname "$path")/"
  done
}

make_base() {
  rm -rf --one-file-system "$base.partial"
  mkdir -p "$folder"
  debootstrap --variant=minbase "$release" "$base.partial" "$(mirror | sed -n 1p)" \
    >"$folder/debootstrap.log" 2>&1 || {
    tail -n 15 "$folder/debootstrap.log" >&2
    exit 1
  }
  rm -f "$base.partial/etc/apt/sources.list"
  copy_settings /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/trusted.gpg.d \
    /etc/pip.conf "$HOME/.config/pip/pip.conf" "$HOME/.pip/pip.conf" \
    /etc/hosts
  mv "$base.partial" "$base"
}

# Runs a shell's command in the root, with processes and /proc of its own.
inside() {
  local settings=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
    LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive)
  # How to reach the network is the same there.
  mapfile -t -O "${#settings[@]}" settings < <(
    env | grep -iE '^(PIP_[A-Z_]*|https?_proxy|ftp_proxy|no_proxy)=' || true)
  [ ! -e "$root/certificates.crt" ] || settings+=(PIP_CERT=/certificates.crt)
  unshare --mount --pid --fork --kill-child --mount-proc="$root/proc" \
    chroot "$root" env -i "${settings[@]}" /bin/bash -euc "$1" </dev/null
}

# Makes a root of its own for a kind, with the photographs and, at /dist, the packages.
make_root() {
  root=$(mktemp -d "$folder/$kind.XXXXXX")
  cp -a "$base/." "$root/"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  # Under a name of its own: the package ca-certificates, once it comes, writes its own file anew.
  if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/certificates.crt"
  fi
  mkdir -p "$root/root/photos" "$root/dist"
  cp samples/*.jpg "$root/root/photos/"
  # Who types is asked; a script is not.
  printf 'APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "true";\n' \
    >"$root/etc/apt/apt.conf.d/99answers"
}

# Tells how long a command took, and adds that to what the kind has taken.
tell() {
  printf '%-10s %7.2f s  %s\n' "$kind" "$1" "$2"
  total=$(awk -v total="$total" -v seconds="$1" 'BEGIN { print total + seconds }')
}

# Runs commands in the root, one after the other in one shell, and tells how long each takes.
follow() {
  local script="cd $1" line seconds
  while IFS= read -r line; do
    script+=$'\n'"begin=\$EPOCHREALTIME"$'\n'"$line"$'\n'
    script+="awk \"BEGIN { print \$EPOCHREALTIME - \$begin }\" >>/seconds"
  done <<<"$2"
  : >"$root/seconds"
  inside "$script" >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    fail "line $(($(wc -l <"$root/seconds") + 1)) of these failed:"$'\n'"$2"
  }
  exec 3<"$root/seconds"
  while IFS= read -r line; do
    read -r seconds <&3
    tell "$seconds" "$line"
  done <<<"$2"
  exec 3<&-
}

# Prints the commands in a section of docs/install.md.
documented() {
  local commands
  commands=$(sed -n "/^## $1\$/,/^## /s/^    //p" docs/install.md)
  [ -n "$commands" ] || fail "docs/install.md has no commands under '$1'"
  echo "$commands"
}

# Checks that the folder was filtered: a picture for each photograph, none of which is empty.
check_pictures() {
  local made photographs
  made=$(find "$root/root/blurred" -name '*.png' -size +1k | wc -l)
  photographs=$(find "$root/root/photos" -name '*.jpg' | wc -l)
  [ "$made" = "$photographs" ] || fail "expected $photographs pictures, found $made"
}

# Checks that bash, given a file of completions, completes commands and options.
check_completions() {
  local found
  [ -s "$root$1" ] || fail "there are no completions at $1"
  found=$(inside "source $1"'
    complete -p tessera >/dev/null
    try() { COMPREPLY=(); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"
      COMP_POINT=${#COMP_LINE}; _tessera tessera "${!#}" "${COMP_WORDS[COMP_CWORD-1]}"; }
    try tessera rou; echo "${COMPREPLY[*]}"
    try tessera run --overw; echo "${COMPREPLY[*]}"')
  [ "$found" = "roundtrip"$'\n'"--overwrite" ] || fail "bash completes to '$found'"
  # Those of the other shells lie where these look for them.
  grep -q '^#compdef tessera' "$root$2" || fail "$2 is no file of completions for zsh"
  grep -q 'complete -c .*tessera' "$root$3" || fail "$3 is no file of completions for fish"
}

# Checks that there is a page of the manual for every command, under its name.
check_manual() {
  local pages=$1 ending=$2 name names
  names=$(inside "${3:-tessera} --help" | sed -n '/^SUBCOMMANDS:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')
  [ "$(wc -w <<<"$names")" -gt 5 ] || fail "found no names of commands in --help"
  for name in tessera $(sed 's/^/tessera-/' <<<"$names"); do
    [ "$name" = tessera-help ] || [ -s "$root$pages/$name.$ending" ] ||
      fail "there is no $pages/$name.$ending"
  done
}

# Checks that `fit`, which alone needs LAPACK, says where it is to be had.
check_fit_refuses() {
  local said
  if said=$(inside "tessera fit $1/pca_denoise.json -i ~/photos -o /fit.safetensors 2>&1"); then
    fail "fit works without LAPACK, which was not meant to be there"
  fi
  grep -q liblapack3 <<<"$said" || fail "fit does not tell what it lacks: $said"
}

tarball() {
  local place
  cp dist/tessera-*-linux-*.tar.gz "$root/dist/"
  follow /dist "$(documented "Tar archive")"
  check_pictures
  place=/dist/$(cd "$root/dist" && echo tessera-*/)
  # What was copied does without the folder, and without the completions that lie there.
  inside "mv ${place}bin /gone && tessera --version" >/dev/null
  check_completions /usr/share/bash-completion/completions/tessera "${place}completions/_tessera" \
    "${place}completions/tessera.fish"
  check_manual /usr/local/share/man/man1 1
  check_fit_refuses "${place}Pipelines"
  # INSTALL says the same.
  while IFS= read -r line; do
    [[ $line != "cp -r "* ]] || grep -qF -- "$line" "$root${place}INSTALL" || fail "INSTALL lacks: $line"
  done < <(documented "Tar archive")
}

deb() {
  cp dist/tessera_*.deb "$root/dist/"
  follow /dist "$(documented "Debian package")"
  check_pictures
  check_completions /usr/share/bash-completion/completions/tessera \
    /usr/share/zsh/vendor-completions/_tessera /usr/share/fish/vendor_completions.d/tessera.fish
  check_manual /usr/share/man/man1 1.gz
  # With what is recommended there is LAPACK.
  inside 'tessera fit /usr/share/tessera/Pipelines/pca_denoise.json -i ~/photos -o /fit.safetensors \
    --quiet'
  [ -s "$root/fit.safetensors" ] || fail "fit wrote nothing"
  inside 'apt-get purge tessera' >"$log" 2>&1
  [ -z "$(find "$root/usr" -name '*tessera*')" ] || fail "apt-get purge has left files"
}

wheel() {
  local place=/root/tessera/share pipelines
  cp dist/tessera_patches-*.whl "$root/dist/"
  follow /dist "$(documented Wheel)"
  check_pictures
  # The completions call the command, as a shell in the virtual environment would.
  inside 'ln -s ~/tessera/bin/tessera /usr/local/bin/tessera'
  check_completions $place/bash-completion/completions/tessera $place/zsh/site-functions/_tessera \
    $place/fish/vendor_completions.d/tessera.fish
  check_manual $place/man/man1 1
  pipelines=$(inside '/root/tessera/bin/python -c "import tessera; print(tessera.PIPELINES)"')
  check_fit_refuses "$pipelines"
}

# The lines of the Containerfile, each whole: comments are left out, continued lines are put together.
instructions() {
  sed -e '/^ *#/d' Packaging/Containerfile |
    sed -e ':a' -e '/\\$/{N;s/\\\n */ /;ba' -e '}' -e '/^$/d'
}

container() {
  local line word rest count=0 entry
  while IFS= read -r line; do
    word=${line%% *} rest=${line#* }
    case "$word" in
      FROM) [[ $rest = *debian:$release* ]] || fail "it starts from $rest, and the root is $release" ;;
      COPY)
        # Names match as the engine matches them: a pattern, and a folder to copy to.
        # shellcheck disable=SC2086
        set -- $rest
        mkdir -p "$root${!#}"
        cp "${@:1:$#-1}" "$root${!#}"
        ;;
      RUN)
        count=$((count + 1))
        follow / "sh -euc $(printf %q "$rest")"
        ;;
      WORKDIR) mkdir -p "$root$rest" ;;
      ENTRYPOINT) entry=$(sed 's/[]["]//g; s/,/ /g' <<<"$rest") ;;
      *) fail "there is no $word in what this script follows" ;;
    esac
  done < <(instructions)
  [ "$count" -gt 0 ] && [ -n "${entry:-}" ] || fail "expected RUN lines and an ENTRYPOINT"
  follow / "$entry run /usr/share/tessera/Pipelines/blur.json -i ~/photos -o ~/blurred"
  check_pictures
}

[ -d "$base" ] || make_base
for kind; do
  total=0 log=$folder/$kind.log
  make_root
  "$kind"
  tell "$total" "from nothing, together"
  clean
  root=
done
