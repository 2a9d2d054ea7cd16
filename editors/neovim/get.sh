#!/usr/bin/env bash
# The newest Neovim that Debian has, run with its release's libc beside it; nothing is installed in the system.
# usage: get.sh DIR   → DIR/nvim
. "$(dirname "$0")/../common.sh"
mkdir -p "$1"
D=$(cd "$1" && pwd)
[ -x "$D/nvim" ] && exit 0
unpacked forky "$D" neovim neovim-runtime libluajit-5.1-2 libtree-sitter0.26 libunibilium4 libutf8proc3 libuv1t64 lua-lpeg lua-luv \
  libc6 libgcc-s1
# Its parsers stand beside the runtime.
launcher "$D/root" "$D/root/usr/bin/nvim --cmd 'set runtimepath^=$D/root/usr/lib/nvim'" "$D/nvim.new" "VIMRUNTIME=$D/root/usr/share/nvim/runtime"
"$D/nvim.new" --version
mv "$D/nvim.new" "$D/nvim"
