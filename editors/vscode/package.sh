#!/usr/bin/env bash
# Packages the extension: credscope.vsix without the program, credscope-linux-x64.vsix with it.
# usage: package.sh OUT [TARGET PROGRAM]…   e.g. package.sh out linux-x64 ../../target/release/credscope
set -euo pipefail
cd "$(dirname "$0")"
out=$(realpath -m "${1:-out}")
shift || true
mkdir -p "$out"
rm -rf bundled
# The marketplaces show the README without its folder: links and pictures get whole addresses.
repository=https://github.com/credscope/credscope
links=(--baseContentUrl "$repository/blob/HEAD/editors/vscode" --baseImagesUrl "$repository/raw/HEAD/editors/vscode")
npm run -s build
npx vsce package --no-dependencies "${links[@]}" --out "$out/credscope.vsix" >/dev/null
while [ $# -ge 2 ]; do
  mkdir -p bundled
  case $1 in win32-*) name=credscope.exe ;; *) name=credscope ;; esac
  install -m 755 "$2" "bundled/$name"
  strip "bundled/$name" 2>/dev/null || true
  npx vsce package --no-dependencies "${links[@]}" --target "$1" --out "$out/credscope-$1.vsix" >/dev/null
  rm -rf bundled
  shift 2
done
ls -lh "$out"/*.vsix | awk '{print $5, $9}' | sed "s|$out/||"
