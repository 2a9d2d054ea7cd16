#!/usr/bin/env bash
# Scala programs compile and do the same before and after their fixes, with the Scala 2 compiler of Debian's package `scala`.
. "$(dirname "$0")/../../editors/common.sh"
cd "$ROOT"
need scalac=scala scala python3
python3 tests/scala/run.py "$(credscope_binary)" scalac scala
