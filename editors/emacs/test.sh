#!/usr/bin/env bash
# A batch test in the real Emacs with eglot.
. "$(dirname "$0")/../common.sh"
need git emacs=emacs-nox
# Emacs 29 and later have eglot built in; Debian 12's 28 has it as a package.
if ! emacs -q --batch --eval "(progn (package-initialize) (require 'eglot))" 2>/dev/null; then
  need eglot-is-missing=elpa-eglot
fi
ws=$(mktemp -d)/sales
mkdir "$ws"
cp -r "$ROOT/editors/vscode/test/workspace/." "$ws"
git -C "$ws" init -q
program=$(credscope_binary)
status=0
WORKSPACE=$ws FOLDER=$HERE PROGRAM=${PROGRAM:-$program} timeout 120 emacs -q --batch -l "$HERE/test/steps.el" 2>"$CACHE/emacs.err" || status=$?
[ "$status" = 0 ] || tail -20 "$CACHE/emacs.err"
rm -rf "$ws"
duration
exit "$status"
