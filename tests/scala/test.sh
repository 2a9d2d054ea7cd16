#!/usr/bin/env bash
# Scala programs compile and do the same before and after their fixes. Needs python3 and a Scala 2 compiler (`scalac` and
# `scala`, as the package `scala` of Debian installs them); without them it says so and ends well.
set -euo pipefail
cd "$(dirname "$0")/../.."
for program in python3 scalac scala; do
  command -v "$program" >/dev/null || { echo "skipped: $program is missing"; exit 0; }
done
cargo build --locked --quiet -p credscope
python3 tests/scala/run.py "${CARGO_TARGET_DIR:-target}/debug/credscope" scalac scala
