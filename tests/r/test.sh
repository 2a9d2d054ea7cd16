#!/usr/bin/env bash
# R programs do the same before and after their fixes, with R of Debian's package `r-base-core`.
. "$(dirname "$0")/../../editors/common.sh"
cd "$ROOT"
need Rscript=r-base-core python3
python3 tests/r/run.py "$(credscope_binary)" Rscript "$@"
