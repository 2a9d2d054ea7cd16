#!/usr/bin/env bash
# Programs do the same before and after their fixes, and fixed notebooks are valid. Needs python3; nbformat comes from the
# package index into target/. Where it cannot be had, notebooks are not validated: a message here, a failure in CI.
. "$(dirname "$0")/../../editors/common.sh"
cd "$ROOT"
need python3
packages=target/python-packages
if [ ! -d "$packages/nbformat" ]; then
  tried python3 -m pip install --quiet --disable-pip-version-check --target "$packages" nbformat 2>/dev/null || true
fi
if ! PYTHONPATH="$packages" python3 -c "import nbformat"; then
  [ "${CI:-}" != true ] || unavailable nbformat
  echo "nbformat cannot be installed: notebooks are not validated against the standard's schema"
fi
PYTHONPATH="$packages" python3 tests/equivalence/run.py "$(credscope_binary)" "$@"
