#!/usr/bin/env bash
# Batch tests in real Emacsen with eglot: 30 (edits come when they are chosen) and Debian's, 28 or later.
. "$(dirname "$0")/../common.sh"
need git emacs=emacs-nox apt-get=apt
# Emacs 29 and later have eglot built in; Debian 12's 28 has it as a package.
if ! emacs -q --batch --eval "(progn (package-initialize) (require 'eglot))" 2>/dev/null; then
  need eglot-is-missing=elpa-eglot
fi
bash "$HERE/get.sh" "$CACHE/30" >"$CACHE/30.log" 2>&1 || { tail -5 "$CACHE/30.log"; unavailable "Emacs 30 of Debian's backports"; }
program=$(credscope_binary)
status=0
for emacs in "$CACHE/30/emacs" emacs; do
  ws=$(mktemp -d)/sales
  mkdir "$ws"
  cp -r "$ROOT/editors/vscode/test/workspace/." "$ws"
  git -C "$ws" init -q
  WORKSPACE=$ws FOLDER=$HERE PROGRAM=${PROGRAM:-$program} timeout 120 "$emacs" -q --batch -l "$HERE/test/steps.el" 2>"$CACHE/emacs.err" \
    || { tail -20 "$CACHE/emacs.err"; status=1; }
  rm -rf "$(dirname "$ws")"
done
duration
exit "$status"
