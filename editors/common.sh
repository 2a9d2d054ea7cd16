# Shared by the test scripts of editors/NAME and tests/NAME: source it there.
# Downloads go to the script's own ignored .cache folder. Only package registries are asked.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
CACHE=$HERE/.cache
mkdir -p "$CACHE"
STARTED=$(date +%s)

# A download, tried three times: networks have bad moments.
tried() {
  local pause
  for pause in 5 20 0; do
    "$@" && return
    sleep "$pause"
  done
  return 1
}

# An editor that cannot be had: a failure in CI, a skipped test elsewhere. SKIPPED is the status of a script that another one runs.
# The room on the disk is told, since a full one makes downloads fail without a word.
unavailable() {
  df -h "$CACHE" | awk 'NR == 2 { print "free where it would be kept: " $4 }' >&2
  if [ "${CI:-}" = true ]; then
    echo "cannot be installed: $*" >&2
    exit 1
  fi
  echo "skipped: $*"
  exit "${SKIPPED:-0}"
}

# The built program, the newest of release and debug; builds nothing twice.
credscope_binary() {
  if [ -n "${CREDSCOPE_BIN:-}" ]; then
    realpath "$CREDSCOPE_BIN"
    return
  fi
  local target=${CARGO_TARGET_DIR:-$ROOT/target} newest
  newest=$(ls -t "$target/release/credscope" "$target/debug/credscope" 2>/dev/null | head -1 || true)
  if [ -z "$newest" ]; then
    (cd "$ROOT" && cargo build --locked --quiet --package credscope >&2)
    newest=$target/debug/credscope
  fi
  echo "$newest"
}

# Installs Debian packages that lack; `PROGRAM=PACKAGE`, or `PACKAGE` where both have one name.
need() {
  local missing=() row
  for row in "$@"; do
    command -v "${row%%=*}" >/dev/null || missing+=("${row#*=}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || unavailable "${missing[*]} (needs apt-get as root)"
  echo "installing ${missing[*]}"
  { tried apt-get -qq update && DEBIAN_FRONTEND=noninteractive tried apt-get -qq install -y --no-install-recommends "${missing[@]}"; } \
    >"$CACHE/apt.log" 2>&1 || { tail -5 "$CACHE/apt.log"; unavailable "${missing[*]}"; }
}

# Debian packages of shared libraries that lack: `LIBRARY=PACKAGE`.
need_library() {
  local row
  for row in "$@"; do
    PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -q "${row%%=*}" || need "${row%%=*}=${row#*=}"
  done
}

# A Python environment in the cache with the given packages, made once per list.
python_with() {
  local name=$1
  shift
  local stamp="$CACHE/$name/.packages"
  if [ "$(cat "$stamp" 2>/dev/null)" != "$*" ]; then
    rm -rf "${CACHE:?}/$name"
    python3 -c "import ensurepip" 2>/dev/null || need python3-venv # Debian ships it apart
    { python3 -m venv "$CACHE/$name" && tried "$CACHE/$name/bin/pip" install -q --disable-pip-version-check "$@"; } \
      >"$CACHE/$name.log" 2>&1 || { tail -5 "$CACHE/$name.log"; rm -rf "${CACHE:?}/$name"; unavailable "$* (Python packages)"; }
    echo "$*" >"$stamp"
  fi
}

# Packages of another Debian release, unpacked into DIR/root; nothing is installed in the system.
unpacked() { # SUITE DIR PACKAGE…
  local suite=$1 to=$2 mirror options file
  shift 2
  mkdir -p "$to"/apt/src "$to"/apt/lists/partial "$to"/apt/cache/archives/partial "$to/deb"
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null | grep -v security | sed -n 1p)
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
    "$mirror" "$suite" /usr/share/keyrings/debian-archive-keyring.gpg >"$to/apt/src/$suite.sources"
  options=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$to/apt/src/" -o "Dir::State::lists=$to/apt/lists")
  options+=(-o "Dir::Cache=$to/apt/cache" -o APT::Sandbox::User=root)
  tried apt-get "${options[@]}" -qq update || return 1
  (cd "$to/deb" && tried apt-get "${options[@]}" -qq download "$@") || return 1
  for file in "$to"/deb/*.deb; do dpkg-deb -x "$file" "$to/root" || return 1; done
  rm -rf "$to/deb" "$to/apt"
}

# FILE starts a program of an unpacked release with that release's libc beside it: nothing of the system's is mixed in.
launcher() { # ROOT PROGRAM FILE NAME=VALUE…
  local root=$1 program=$2 file=$3 loader libraries variable
  shift 3
  loader=$(find "$root" -name 'ld-linux-*.so.2' -type f | head -1)
  libraries=$(find "$root" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
  {
    echo '#!/bin/sh'
    for variable in "$@"; do echo "export $variable"; done
    echo "exec $loader --library-path $libraries $program \"\$@\""
  } >"$file"
  chmod +x "$file"
}

duration() { echo "$(basename "$HERE"): $(($(date +%s) - STARTED)) s"; }
