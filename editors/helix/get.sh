#!/usr/bin/env bash
# Helix from a Debian release's own packages, run with that release's libc beside it; nothing is installed in the system.
# usage: get.sh SUITE DIR   → DIR/hx
. "$(dirname "$0")/../common.sh"
suite=$1
mkdir -p "$2"
D=$(cd "$2" && pwd)
[ -x "$D/hx" ] && exit 0
# What the program itself needs beside libc differs between releases.
unpacked "$suite" "$D" hx libc6 libgcc-s1 libstdc++6
binary=$(find "$D/root" -type f -name hx -perm -u+x | head -1)
runtime=$(find "$D/root" -type d -name runtime | head -1)
launcher "$D/root" "$binary" "$D/hx.new" "HELIX_RUNTIME=$runtime"
"$D/hx.new" --version
mv "$D/hx.new" "$D/hx"
