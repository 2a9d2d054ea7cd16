#!/usr/bin/env bash
# Tests of the extension in the real VS Code: the newest version here and the oldest that package.json names.
# usage: test.sh [newest]   with `newest` the main suite only, in the newest version; CREDSCOPE_ONLY: names of tests, as a pattern
. "$(dirname "$0")/../common.sh"
cd "$HERE"
SKIPPED=77 bash setup.sh || { [ $? = 77 ] && exit 0 || exit 1; }
failed=0
node_program=$(command -v node)
program=$(credscope_binary)

if [ "$(cat node_modules/.lock-of 2>/dev/null)" != "$(sha256sum <package-lock.json)" ]; then
  tried npm ci --ignore-scripts --no-audit --no-fund >"$CACHE/npm-ci.log" 2>&1 || { tail -5 "$CACHE/npm-ci.log"; unavailable "npm packages"; }
  sha256sum <package-lock.json >node_modules/.lock-of
fi
npm run -s check
bash package.sh "$CACHE/out" linux-x64 "$program"
python3 test/packed.py "$CACHE/out/credscope.vsix" "$CACHE/out/credscope-linux-x64.vsix" || failed=1
npm run -s build:test
unpack() { # VSIX TO
  rm -rf "$2" && python3 -m zipfile -e "$1" "$2"
  chmod -f +x "$2/extension/bundled/credscope" || true
}
unpack "$CACHE/out/credscope.vsix" "$CACHE/universal"
unpack "$CACHE/out/credscope-linux-x64.vsix" "$CACHE/linux-x64"

drive() { # SUITE VSCODE NODE EXTENSION
  local ws
  ws=$(mktemp -d)/sales
  mkdir "$ws"
  cp -r test/workspace/. "$ws"
  ${BEFORE:-true} "$ws"
  VSCODE=$CACHE/$2 NODE=$CACHE/bin/$3 EXT=$CACHE/$4/extension WS=$ws "$node_program" test/driver.mjs "$CACHE/test/$1.js" || return 1
  rm -rf "$ws"
}
export CREDSCOPE_SHOTS=$CACHE/shots
rm -rf "$CACHE/shots"
drive suite vscode-new node24 linux-x64 || failed=1
if [ "${1:-}" = newest ]; then
  duration
  exit $failed
fi
CREDSCOPE_SHOTS='' drive suite vscode-old node-system linux-x64 || failed=1
# Without the program anywhere: not bundled, not on the PATH.
without() { CREDSCOPE_REAL=$program PATH=/usr/bin:/bin drive missing "$@" universal || failed=1; }
without vscode-new node24
CREDSCOPE_SHOTS='' without vscode-old node-system
plant() { # a workspace that would like its own program to be started
  mkdir -p "$1/.vscode" "$1/.venv/bin"
  printf '#!/bin/sh\ntouch %s/started\n' "$1" | tee "$1/evil" >"$1/.venv/bin/credscope"
  chmod +x "$1/evil" "$1/.venv/bin/credscope"
  printf '{"credscope.path": "%s/evil"}\n' "$1" >"$1/.vscode/settings.json"
}
for version in "vscode-new node24" "vscode-old node-system"; do
  # shellcheck disable=SC2086 # two words
  BEFORE=plant TRUST=1 CREDSCOPE_SHOTS='' drive untrusted $version linux-x64 || failed=1
done
duration
exit $failed
