#!/usr/bin/env bash
# The SARIF report of the fixtures against the standard's own JSON schema, which the crate `serde-sarif` of the tests carries.
# Needs python3; `jsonschema` comes from the package index into the ignored cache.
. "$(dirname "$0")/../../editors/common.sh"
cd "$ROOT"
need python3
python_with schema jsonschema==4.25.1
crate=$(cargo metadata --locked --format-version 1 \
  | python3 -c 'import json, sys; print(next(p["manifest_path"] for p in json.load(sys.stdin)["packages"] if p["name"] == "serde-sarif"))')
"$CACHE/schema/bin/python" tests/sarif/validate.py "$(credscope_binary)" "$(dirname "$crate")/src/schema.json"
