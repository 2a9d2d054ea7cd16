#!/usr/bin/env bash
# Files of real size that must neither stop a run nor exhaust memory: 50 MB of code, of a notebook, of one line; an archive that
# unpacks to far more than it is.
. "$(dirname "$0")/../../editors/common.sh"
cd "$ROOT"
need python3
python3 tests/large/run.py "$(credscope_binary)"
