#!/usr/bin/env bash
# Writes the transcripts of all clients anew: server/tests/transcripts/NAME.jsonl. Run the editors' test.sh before: it installs them.
# Afterwards look at the differences: server/tests/replay.rs takes what is recorded here for right.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
to=$root/server/tests/transcripts
program=${CREDSCOPE_BIN:-$(ls -t "$root"/target/{release,debug}/credscope 2>/dev/null | head -1 || true)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$to" "$work/bin"
export CREDSCOPE_RECORD_PROGRAM=$program
printf '#!/bin/sh\nexec python3 %s/tests/record.py "$@"\n' "$root" >"$work/bin/credscope"
chmod +x "$work/bin/credscope"

fresh() { # NAME → a workspace of its own, recorded as NAME
  export WORKSPACE=$work/$1/sales CREDSCOPE_RECORD_LOG=$work/$1.jsonl CREDSCOPE_RECORD_ROOT=$work/$1/sales
  mkdir -p "$WORKSPACE/.git"
  cp -r editors/vscode/test/workspace/. "$WORKSPACE"
}
kept() { cp "$CREDSCOPE_RECORD_LOG" "$to/$1.jsonl"; echo "$1: $(wc -l <"$to/$1.jsonl") messages"; }

export PLUGIN=$root/editors/neovim PROGRAM_FOLDER=$work/bin
fresh neovim-0.11
editors/neovim/.cache/new/bin/nvim --headless -i NONE -u NONE -c "luafile editors/neovim/test/modern.lua" >/dev/null
kept neovim-0.11
fresh neovim-0.7
nvim --headless -i NONE -u NONE -c "luafile editors/neovim/test/old.lua" >/dev/null
kept neovim-0.7

fresh emacs-28
FOLDER=$root/editors/emacs PROGRAM=$work/bin/credscope emacs -q --batch -l editors/emacs/test/steps.el >/dev/null 2>&1
kept emacs-28

mkdir -p "$work/helix"
(unset CREDSCOPE_RECORD_LOG CREDSCOPE_RECORD_ROOT; KEEP_TRANSCRIPT=$work/helix CREDSCOPE_BIN=$program bash editors/helix/test.sh >/dev/null)
cp "$work/helix/helix-trixie.jsonl" "$to/helix-25.01.jsonl"
cp "$work/helix/helix-forky.jsonl" "$to/helix-25.07.jsonl"

fresh vscode
cache=$root/editors/vscode/.cache
(cd editors/vscode && npm run -s build:test)
CREDSCOPE_PATH=$work/bin/credscope VSCODE=$cache/vscode-new NODE=$cache/bin/node24 EXT=$cache/linux-x64/extension WS=$WORKSPACE \
  node editors/vscode/test/driver.mjs "$cache/test/record.js" >/dev/null
kept vscode-1.139

fresh jupyterlab
cache=$root/editors/jupyterlab/.cache
bin=$cache/lab/bin/credscope
mv "$bin" "$bin.real"
ln -s "$work/bin/credscope" "$bin"
rm -rf "$cache/site" && mkdir -p "$cache/site"/{config,data,notebooks}
cp "$WORKSPACE/sales.ipynb" "$cache/site/notebooks/"
export CREDSCOPE_RECORD_ROOT=$cache/site/notebooks
LAB=$cache/lab/bin/jupyter WORK=$cache/site SHOTS=$cache/shots node editors/jupyterlab/test/cells.mjs >/dev/null || true
mv "$bin.real" "$bin"
kept jupyterlab-4.6
