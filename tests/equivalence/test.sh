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

# The property test's notebooks, whichever fixes were chosen.
if [ $# -eq 0 ] && PYTHONPATH="$packages" python3 -c "import nbformat" 2>/dev/null; then
  notebooks=$(mktemp -d)
  trap 'rm -rf "$notebooks"' EXIT
  CREDSCOPE_FIXED_NOTEBOOKS="$notebooks" cargo test --workspace --locked --quiet --test fix_edits
  PYTHONPATH="$packages" python3 - "$notebooks" <<'PYTHON'
import pathlib
import sys

import nbformat

files = sorted(pathlib.Path(sys.argv[1]).glob("*.ipynb"))
for file in files:
    nbformat.validate(nbformat.reads(file.read_text(encoding="utf-8"), as_version=4))
assert len(files) > 100, f"only {len(files)} notebooks"
print(f"{len(files)} fixed notebooks are valid")
PYTHON
fi
