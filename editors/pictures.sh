#!/usr/bin/env bash
# Makes the pictures of the pages anew, in the real editors. Look at each of them before you commit it.
set -euo pipefail
cd "$(dirname "$0")"
CREDSCOPE_ONLY='^pictures$' bash vscode/test.sh newest
cp vscode/.cache/shots/{hover,menu,notebook,problems}-{dark,light}.png vscode/media/
bash jupyterlab/test.sh
cp jupyterlab/.cache/shots/jupyterlab.png jupyterlab/screenshot.png
git status --short -- '*.png'
