"""validate.py CREDSCOPE SCHEMA: SARIF reports against the schema of the standard, version 2.1.0."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from jsonschema import Draft7Validator, validators

program, schema = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
assert "2.1.0" in schema["$id"] + schema.get("title", "") + schema.get("description", ""), "not the schema of SARIF 2.1.0"
check = validators.validator_for(schema, default=Draft7Validator)(schema)


def report(*args: str) -> dict:
    run = subprocess.run([program, "check", "--format", "sarif", *args], capture_output=True, text=True, check=False)
    return json.loads(run.stdout)


with tempfile.TemporaryDirectory() as folder:
    (Path(folder) / "broken.ipynb").write_text('{"cells": [{"cell_type": "code", "source": ["x = 1"')
    (Path(folder) / "with space é.py").write_text('password = "q7#Lm2vX9"\n')
    empty = Path(folder) / "empty"
    empty.mkdir()
    reports = {
        "fixtures": report("fixtures"),
        "low confidence, too": report("fixtures", "--pedantic"),
        "a problem and a name to encode": report(folder),
        "nothing": report(str(empty)),
    }

broken = json.loads(json.dumps(reports["fixtures"]))
broken["runs"][0]["results"][0]["level"] = "fatal"
assert list(check.iter_errors(broken)), "the schema takes a level that it does not have"

failed = 0
for name, log in reports.items():
    errors = list(check.iter_errors(log))
    for error in errors[:5]:
        print(f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
    failed += bool(errors)
results = {name: len(log["runs"][0]["results"]) for name, log in reports.items()}
print("results:", ", ".join(f"{name} {count}" for name, count in results.items()))
if results["fixtures"] < 10 or results["a problem and a name to encode"] != 1 or results["nothing"]:
    print("the reports do not hold what they should")
    failed += 1
print(f"{len(reports) - min(failed, len(reports))} passed, {failed} failed")
sys.exit(bool(failed))
