#!/usr/bin/env bash
# Brings a machine to where `swift build` works, and is quick and silent where it already does.
#
#     Scripts/setup.sh             called by demo.sh and test.sh; source it to have swift on PATH
#
# Installs what is missing of Debian's packages. The Swift toolchain is only looked for.

# Headers and tools, by package: C compiler and library, codecs, what SwiftPM needs; and what
# the caller asks for in TESSERA_EXTRA_PACKAGES.
tessera_packages=(
  git ca-certificates tzdata pkg-config g++ libpng-dev libjpeg-dev zlib1g-dev libwebp-dev
  libtiff-dev libarchive-dev
  ${TESSERA_EXTRA_PACKAGES:-}
)

# What the Swift toolchain itself links to, as shared library and package.
tessera_libraries=(
  libcurl.so.4=libcurl4 libedit.so.2=libedit2 libncurses.so.6=libncurses6
  libsqlite3.so.0=libsqlite3-0 libxml2.so.2=libxml2
)

tessera_find_swift() {
  local folder
  command -v swift >/dev/null 2>&1 && return
  for folder in "${SWIFTLY_BIN_DIR:-$HOME/.local/share/swiftly/bin}" /opt/swift/usr/bin \
    /usr/share/swift/usr/bin /usr/local/swift/usr/bin; do
    if [ -x "$folder/swift" ]; then
      export PATH="$folder:$PATH"
      return
    fi
  done
  cat >&2 <<'END'
Tessera needs Swift 6.2 or later, and there is no `swift` on PATH.
Install it as https://www.swift.org/install/linux describes, open a new shell, and run this again.
END
  return 1
}

# Prints the packages that are missing, one a line.
tessera_missing() {
  local name pair tool absent
  if command -v dpkg-query >/dev/null 2>&1; then
    for name in "${tessera_packages[@]}"; do
      [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
    done
  else
    command -v git >/dev/null 2>&1 || echo git
    for name in libpng libjpeg zlib libwebp libtiff-4 libarchive; do
      pkg-config --exists "$name" 2>/dev/null || echo "$name (headers)"
    done
  fi
  # LAPACK, which `tessera fit` loads; OpenBLAS stands in for it.
  case "$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null)" in
    *liblapack.so.3*) ;;
    *) echo liblapack3 ;;
  esac
  # Some systems keep the linker that Swift asks for in a package of its own.
  command -v ld.gold >/dev/null 2>&1 || echo binutils-gold
  tool=$(command -v swift-build) || return 0
  absent=$(ldd "$(readlink -f "$tool")" 2>/dev/null | awk '/not found/ {print $1}')
  for pair in "${tessera_libraries[@]}"; do
    case "$absent" in *"${pair%%=*}"*) echo "${pair#*=}" ;; esac
  done
}

# Fetches the lists of packages. The option that makes apt-get wait for the lock of packages does
# nothing for the lock of lists: hence the loop.
tessera_update() {
  local end=$((SECONDS + $1)) said
  shift
  while ! said=$(LC_ALL=C "$@" apt-get update 2>&1); do
    echo "$said"
    case "$said" in *"Could not get lock"*) ;; *) return 1 ;; esac
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 2
  done
}

tessera_install() {
  local as_root=() log wait=600
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "Tessera needs these, by the names that Debian gives them: $*" >&2
    echo "Install them with this system's package manager, then run this again." >&2
    return 1
  fi
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
      echo "Packages are missing and this user cannot install them. As root, type:" >&2
      echo "    apt-get update && apt-get install --no-install-recommends $*" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "Installing $* (while another package manager is at work, this waits for it)" >&2
  log=$(mktemp)
  if { tessera_update "$wait" "${as_root[@]}" && "${as_root[@]}" env \
    DEBIAN_FRONTEND=noninteractive apt-get install -o DPkg::Lock::Timeout="$wait" \
    --yes --no-install-recommends "$@"; } </dev/null >"$log" 2>&1; then
    rm -f "$log"
    return
  fi
  tail -n 15 "$log" >&2
  echo "The packages could not be installed; the whole log is $log. What was tried:" >&2
  echo "    apt-get update && apt-get install --no-install-recommends $*" >&2
  return 1
}

# Makes the next build in a build folder compile the kernels anew if their source is not that of the
# last build there.
#
#     tessera_refresh_kernels ROOT [BUILD_FOLDER]        (default: .build)
#
# The kernels are inlined into a module for each instruction set. An incremental build compares only
# declarations, and would keep the old kernels in those modules: tests of what is no longer there.
tessera_refresh_kernels() {
  local root=$1 stamp=$1/${2:-.build}/kernels.sha256 digest
  digest=$(cd "$root/Sources" && find TesseraKernels* CTesseraStream -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum) || return 1
  [ "$(cat "$stamp" 2>/dev/null)" != "$digest" ] || return 0
  touch "$root"/Sources/TesseraKernels{Baseline,AVX2,AVX512}/*.swift || return 1
  mkdir -p "$(dirname "$stamp")"
  echo "$digest" >"$stamp"
}

# Builds the command, and sets `tessera` to its path. Swift's own libraries go into it where the
# toolchain has them to link: it starts in two thirds of the time, and runs where no Swift is.
tessera_build() {
  local root=$1 options=(-c release --product tessera)
  if [ -d "$(dirname "$(readlink -f "$(command -v swift)")")/../lib/swift_static" ]; then
    options+=(--static-swift-stdlib)
  fi
  tessera_refresh_kernels "$root" || return 1
  swift build --package-path "$root" "${options[@]}" || return 1
  tessera=$(swift build --package-path "$root" -c release --show-bin-path)/tessera
}

tessera_setup() {
  local missing
  tessera_find_swift || return 1
  mapfile -t missing < <(tessera_missing)
  [ "${#missing[@]}" -eq 0 ] || tessera_install "${missing[@]}" || return 1
  swift --version >/dev/null 2>&1 || {
    echo "Swift is at $(command -v swift) but does not start. What it says:" >&2
    swift --version >&2
    return 1
  }
}

tessera_setup
