"""run.py CREDSCOPE: what is too large is named with its path, the rest of the run is checked, and memory stays bounded."""

import json
import resource
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

MB = 1 << 20
SECRET = "q7#Lm2vX9"
LINE = "df = spark.read.table('sales').filter('amount > 10')  # some work\n"
FOUND = ("code.py", "line.py", "rows.json", "image.ipynb", "small.py")
program = str(Path(sys.argv[1]).resolve())


def notebook(source: str, output: str) -> str:
    cell = {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {},
        "source": [source],
        "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"image/png": output}}],
    }
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    half = LINE * (25 * MB // len(LINE))
    (folder / "code.py").write_text(f'{half}password = "{SECRET}"\n{half}')
    (folder / "line.py").write_text(f'x = "{"a" * MB}"; password = "{SECRET}"\n')
    rows = '  {"amount": 10, "customer": "c1"},\n' * (50 * MB // 36)
    (folder / "rows.json").write_text(f'[\n{rows}  {{"password": "{SECRET}"}}\n]\n')
    (folder / "one_line.json").write_text('{"a": "' + "b " * (25 * MB) + f'", "password": "{SECRET}"}}')
    (folder / "image.ipynb").write_text(notebook(f'password = "{SECRET}"\n', "iVBORw0KGgo" * (50 * MB // 11)))
    (folder / "over.py").write_text(LINE * (65 * MB // len(LINE)))
    (folder / "small.py").write_text(f'password = "{SECRET}"\n')
    with zipfile.ZipFile(folder / "bomb.dbc", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/etl.python", " " * (400 * MB))

    run = subprocess.run(
        [program, "check", "--format", "json", "."], cwd=folder, capture_output=True, text=True, check=False
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    report = json.loads(run.stdout)
    found = {finding["path"] for finding in report["findings"]}
    named = {problem["path"].split("!")[0]: problem["message"] for problem in report["problems"]}
    expected = {
        "incomplete is status 2": run.returncode == 2 and report["summary"]["incomplete"],
        "no panic": "panicked" not in run.stderr,
        "no value is shown": SECRET not in run.stdout + run.stderr,
        "memory stays below 1.5 GB": peak < 1500,
        "too large is named": {"over.py", "bomb.dbc"} <= named.keys(),
        "what was searched by lines only is named": {"code.py", "rows.json", "one_line.json"} <= named.keys(),
        **{f"{path} has its finding": path in found for path in FOUND},
    }

for what, holds in expected.items():
    print(f"  {'ok  ' if holds else 'FAIL'} {what}")
if not all(expected.values()):
    print(f"status {run.returncode}, {peak} MB", sorted(found), named, run.stderr[-500:], sep="\n")
print(f"{sum(expected.values())} passed, {len(expected) - sum(expected.values())} failed")
sys.exit(not all(expected.values()))
