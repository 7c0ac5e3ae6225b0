#!/usr/bin/env bash
# Builds zlib, libpng, libwebp, libjpeg-turbo, libtiff and libarchive from Debian's sources so that a fuzzer
# sees which of their code an input reaches, and AddressSanitizer what it does to memory.
#
#     Scripts/fuzz-codecs.sh FOLDER        (called by fuzz.sh)
#
# Headers and static libraries come into FOLDER/include and FOLDER/lib. What is built already is left
# alone: remove FOLDER for newer sources.
set -euo pipefail
[ $# = 1 ] || {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
  exit 64
}
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export TESSERA_EXTRA_PACKAGES="dpkg-dev cmake make"
source Scripts/setup.sh

# The machine's own sources, asked for source packages: once, before the first is fetched.
lists=$folder/apt
apt=(-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$lists/parts"
  -o Dir::State::lists="$lists/lists" -o Dir::Cache="$lists/cache" -o APT::Sandbox::User=root)
updated=""
update() {
  local file
  [ -z "$updated" ] || return 0
  mkdir -p "$lists"/{parts,lists/partial,cache/archives/partial}
  for file in /etc/apt/sources.list.d/*.sources; do
    [ ! -e "$file" ] || sed 's/^Types:.*/Types: deb-src/' "$file" >"$lists/parts/$(basename "$file")"
  done
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ ! -e "$file" ] ||
      sed -n 's/^deb /deb-src /p' "$file" >"$lists/parts/$(basename "$file" .list).list"
  done
  apt-get update "${apt[@]}" >"$lists/log" 2>&1 || {
    cat "$lists/log" >&2
    return 1
  }
  updated=yes
}

# Plain C alone: a fuzzer sees nothing of assembly.
flags="-O1 -g -fPIC -fno-omit-frame-pointer -fsanitize=address,fuzzer-no-link"
common=(-DCMAKE_C_COMPILER="$(command -v clang)" -DCMAKE_C_FLAGS="$flags" -DCMAKE_BUILD_TYPE=Release
  -DCMAKE_C_FLAGS_RELEASE=
  -DCMAKE_INSTALL_PREFIX="$folder" -DCMAKE_INSTALL_LIBDIR="$folder/lib" -DCMAKE_PREFIX_PATH="$folder"
  -DBUILD_SHARED_LIBS=OFF -Wno-dev)

# zlib's own files for CMake want one that Debian leaves out.
with_configure() {
  CC=clang CFLAGS=$flags ./configure --static --prefix="$folder" && make -j 2 libz.a && make install
}

with_cmake() {
  cmake -S . -B ../build "${common[@]}" "$@" && cmake --build ../build --parallel 2 &&
    cmake --install ../build
}

# Fetches the newest version of a source package that the mirror has: lists may be ahead of files.
fetch() {
  local version
  for version in $(apt-cache "${apt[@]}" showsrc --only-source "$1" |
    sed -n 's/^Version: //p' | sort -rV); do
    apt-get source "${apt[@]}" --download-only "$1=$version" || continue
    dpkg-source --extract "$1"_*.dsc source && echo "$version" >version && return
  done
  return 1
}

# Unpacks a source package with Debian's patches, builds it with what is named, and installs it.
build() {
  local name=$1 work=$folder/src/$1 flagged
  shift
  flagged="$flags $*"
  if [ "$(cat "$folder/$name.flags" 2>/dev/null)" = "$flagged" ]; then return; fi
  update
  rm -rf "$work"
  mkdir -p "$work"
  (cd "$work" && fetch "$name" && cd source && "$@") >"$work/log" 2>&1 </dev/null || {
    tail -n 20 "$work/log" >&2
    echo "$name could not be built; the whole log is $work/log." >&2
    return 1
  }
  echo "$flagged" >"$folder/$name.flags"
  echo "built $name $(cat "$work/version")"
}

build zlib with_configure
build libpng1.6 with_cmake -DPNG_SHARED=OFF -DPNG_TESTS=OFF -DPNG_HARDWARE_OPTIMIZATIONS=OFF
webp=()
for part in ANIM_UTILS CWEBP DWEBP GIF2WEBP IMG2WEBP VWEBP WEBPINFO WEBPMUX EXTRAS; do
  webp+=("-DWEBP_BUILD_$part=OFF")
done
build libwebp with_cmake -DWEBP_BUILD_LIBWEBPMUX=ON "${webp[@]}"
build libjpeg-turbo with_cmake -DENABLE_SHARED=OFF -DWITH_SIMD=OFF -DWITH_TURBOJPEG=OFF
tiff=()
for part in jbig lerc lzma zstd webp libdeflate old-jpeg tiff-tools tiff-tests tiff-contrib tiff-docs cxx; do
  tiff+=("-D$part=OFF")
done
build tiff with_cmake "${tiff[@]}"
libarchive=(-DENABLE_TEST=OFF -DENABLE_WERROR=OFF)
for part in TAR CPIO CAT ACL XATTR ICONV EXPAT LIBXML2 OPENSSL NETTLE LIBB2 LZ4 LZO LZMA ZSTD BZip2 \
  CNG PCREPOSIX; do
  libarchive+=("-DENABLE_$part=OFF")
done
build libarchive with_cmake "${libarchive[@]}"
# libarchive's shared library is built with the static one, and the linker would prefer it.
rm -f "$folder"/lib/*.so*
