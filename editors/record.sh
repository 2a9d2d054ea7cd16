#!/usr/bin/env bash
# Writes the transcripts of all clients anew: server/tests/transcripts/NAME.jsonl. An editor that is not installed yet is first
# installed and tested by its test.sh. Afterwards look at the differences: server/tests/replay.rs takes what is recorded here for right.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
to=$root/server/tests/transcripts
built=${CARGO_TARGET_DIR:-$root/target}
program=${CREDSCOPE_BIN:-$(ls -t "$built"/{release,debug}/credscope 2>/dev/null | head -1 || true)}
if [ -z "$program" ]; then
  cargo build --locked --quiet --package credscope
  program=$built/debug/credscope
fi
export CREDSCOPE_BIN=$program
work=$(mktemp -d)
cleanup() {
  rm -rf "$work"
  [ ! -e "${bin:-}.real" ] || mv "$bin.real" "$bin"
}
trap cleanup EXIT
mkdir -p "$to" "$work/bin"
installed() { # NAME WHAT…: what its test leaves behind
  local name=$1 file
  shift
  for file in "$@"; do
    [ -e "$file" ] || command -v "$file" >/dev/null || { CI=true bash "editors/$name/test.sh" && return; }
  done
}
installed neovim editors/neovim/.cache/new/bin/nvim nvim
installed emacs emacs editors/emacs/.cache/30/emacs
installed vscode editors/vscode/.cache/linux-x64/extension editors/vscode/.cache/vscode-new/out editors/vscode/node_modules
installed jupyterlab editors/jupyterlab/.cache/lab/bin/credscope
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

export FOLDER=$root/editors/emacs PROGRAM=$work/bin/credscope
fresh emacs-28
emacs -q --batch -l editors/emacs/test/steps.el >/dev/null 2>&1
kept emacs-28
fresh emacs-30
editors/emacs/.cache/30/emacs -q --batch -l editors/emacs/test/steps.el >/dev/null 2>&1
kept emacs-30
unset FOLDER PROGRAM

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
LAB=$cache/lab/bin/jupyter WORK=$cache/site SHOTS=$cache/shots node editors/jupyterlab/test/cells.mjs >/dev/null
kept jupyterlab-4.6
