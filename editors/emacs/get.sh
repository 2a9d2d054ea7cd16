#!/usr/bin/env bash
# Emacs 30 from the backports of Debian 12, unpacked.
# usage: get.sh DIR   → DIR/emacs
. "$(dirname "$0")/../common.sh"
mkdir -p "$1"
D=$(cd "$1" && pwd)
[ -x "$D/emacs" ] && exit 0
need_library libtree-sitter.so.0=libtree-sitter0 libsqlite3.so.0=libsqlite3-0
unpacked bookworm-backports "$D" emacs-nox emacs-bin-common emacs-common emacs-el
share=$(find "$D/root/usr/share/emacs" -maxdepth 1 -name '[0-9]*')
cat >"$D/emacs.new" <<RUN
#!/bin/sh
export EMACSDATA=$share/etc EMACSLOADPATH=$(find "$share/lisp" -type d | paste -sd:)
exec $D/root/usr/bin/emacs-nox --dump-file=$(find "$D/root" -name '*.pdmp') "\$@"
RUN
chmod +x "$D/emacs.new"
"$D/emacs.new" --batch --eval '(princ emacs-version)'
mv "$D/emacs.new" "$D/emacs"
