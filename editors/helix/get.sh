#!/usr/bin/env bash
# Helix from a Debian release's own packages, run with that release's libc beside it; nothing is installed in the system.
# usage: get.sh SUITE DIR   → DIR/hx
set -euo pipefail
suite=$1
mkdir -p "$2"
D=$(cd "$2" && pwd)
[ -x "$D/hx" ] && exit 0
mkdir -p "$D"/apt/src "$D"/apt/lists/partial "$D"/apt/cache/archives/partial "$D/deb"
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null | grep -v security | head -1)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' "$mirror" "$suite" "$keyring" >"$D/apt/src/$suite.sources"
options=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$D/apt/src/" -o "Dir::State::lists=$D/apt/lists" -o "Dir::Cache=$D/apt/cache")
options+=(-o APT::Sandbox::User=root)
apt-get "${options[@]}" -qq update
cd "$D/deb"
# What the program itself needs beside libc differs between releases.
apt-get "${options[@]}" -qq download hx libc6 libgcc-s1 libstdc++6
for file in *.deb; do dpkg-deb -x "$file" "$D/root"; done
library=$(dirname "$(find "$D/root" -name 'ld-linux-*.so.2' -type f | head -1)")
binary=$(find "$D/root" -type f -name hx -perm -u+x | head -1)
runtime=$(find "$D/root" -type d -name runtime | head -1)
libraries=$(find "$D/root" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
cat >"$D/hx.new" <<RUN
#!/bin/sh
export HELIX_RUNTIME=$runtime
exec $library/$(basename "$(find "$library" -name 'ld-linux-*.so.2' | head -1)") --library-path $libraries $binary "\$@"
RUN
chmod +x "$D/hx.new"
"$D/hx.new" --version
mv "$D/hx.new" "$D/hx"
rm -rf "$D/deb" "$D/apt"
