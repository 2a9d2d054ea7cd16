#!/usr/bin/env bash
# Programs do the same before and after their fixes, and fixed notebooks are valid. Needs python3; nbformat comes from the
# package index into target/ and is left out with a message when it cannot be had.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v python3 >/dev/null || { echo "skipped: python3 is missing"; exit 0; }

packages=target/python-packages
if [ ! -d "$packages/nbformat" ]; then
  python3 -m pip install --quiet --disable-pip-version-check --target "$packages" nbformat 2>/dev/null \
    || echo "nbformat cannot be installed: notebooks are not validated against the standard's schema"
fi
cargo build --locked --quiet -p credscope
PYTHONPATH="$packages" python3 tests/equivalence/run.py "${CARGO_TARGET_DIR:-target}/debug/credscope" "$@"
