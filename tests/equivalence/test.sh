#!/usr/bin/env bash
# Programs do the same before and after their fixes, and fixed notebooks are valid. Needs python3; nbformat comes from the
# package index into target/ and is left out with a message when it cannot be had.
. "$(dirname "$0")/../../editors/common.sh"
cd "$ROOT"
need python3
packages=target/python-packages
if [ ! -d "$packages/nbformat" ]; then
  python3 -m pip install --quiet --disable-pip-version-check --target "$packages" nbformat 2>/dev/null \
    || echo "nbformat cannot be installed: notebooks are not validated against the standard's schema"
fi
PYTHONPATH="$packages" python3 tests/equivalence/run.py "$(credscope_binary)" "$@"
