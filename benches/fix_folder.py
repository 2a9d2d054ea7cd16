#!/usr/bin/env python3
"""What fixes do to a folder of real files.

usage: fix_folder.py CREDSCOPE FOLDER [LABELS]

Copies FOLDER, fixes the copy with `check --fix --unsafe-fixes` and prints: the share of findings (warning and above, in
Python, Scala and SQL, outside archives) that have an applicable fix; files that read worse afterwards; Python that compiled
before and does not any more; findings that are still there under the same rule and subject. With LABELS (JSON lines with
`dir`, `path`, `line`, `verdict`, `kind`) also the share among the findings on lines whose verdict is true. Prints places,
never text. Run `cargo build -p credscope-tests --example problems` first.
"""

import ast
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings

LANGUAGES = {"python", "scala", "sql"}
RANK = {"hint": 0, "info": 1, "warning": 2, "error": 3}


def check(binary, folder, *options):
    done = subprocess.run([binary, "check", "--no-ignore", "--format", "json", *options, "."], cwd=folder, capture_output=True, text=True)
    return json.loads(done.stdout)


def counts(findings):
    """(rule, applicability) by family of fix."""
    by = collections.Counter()
    for f in findings:
        by[f["code"], (f["fix"] or {"applicability": "none"})["applicability"]] += 1
    return by


def share(title, findings):
    applies = [f for f in findings if f["fix"] and f["fix"]["applicability"] != "display"]
    print(f"{title}: {len(applies)} of {len(findings)} have an applicable fix ({len(applies) / max(1, len(findings)):.3f})")
    for (code, how), n in sorted(counts(findings).items()):
        if how in ("none", "display"):
            print(f"    {code} {how}: {n}")


def compiles(text):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
        return True
    except (SyntaxError, ValueError, RecursionError):
        return False


def python_cells(path):
    """Python texts of a file: itself, or the code cells of a notebook."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return []
    if path.suffix == ".py":
        return [text]
    if path.suffix == ".ipynb":
        try:
            cells = json.loads(text).get("cells", [])
        except (json.JSONDecodeError, AttributeError):
            return ["not json("]
        source = lambda c: c["source"] if isinstance(c["source"], str) else "".join(c["source"])
        return [source(c) for c in cells if c.get("cell_type") == "code"]
    return []


def problems(root, paths):
    example = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target"), "debug", "examples", "problems")
    if not example.exists():
        print("the example `problems` is not built: only Python is compared")
        return {}
    done = subprocess.run([str(example.resolve())], cwd=root, input="\n".join(paths), capture_output=True, text=True, check=True)
    return {path: int(n) for n, path in (line.split("\t", 1) for line in done.stdout.splitlines())}


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    original = pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder, "files")
        shutil.copytree(original, copy, symlinks=True)
        before = check(binary, copy)["findings"]
        code = [f for f in before if f["language"] in LANGUAGES and ".dbc!" not in f["path"] and RANK[f["severity"]] >= 2]
        share("all", code)
        literals = [f for f in code if not f["code"].startswith("CS2")]
        share("literals", literals)
        for language in sorted(LANGUAGES):
            share(f"literals in {language}", [f for f in literals if f["language"] == language])
        if len(sys.argv) > 3:
            true = set()
            for line in open(sys.argv[3], encoding="utf-8"):
                row = json.loads(line)
                if row.get("verdict") == "true" or row.get("verdict") is True:
                    true.add((os.path.join(row["dir"], row["path"]), int(row["line"])))
            labelled = [f for f in code if any((f["path"].split("!")[0], n) in true for n in range(f["range"]["start"]["line"], f["range"]["end"]["line"] + 1))]
            share("on true labels", labelled)
            share("literals on true labels", [f for f in labelled if not f["code"].startswith("CS2")])
        after = check(binary, copy, "--fix", "--unsafe-fixes", "--quiet")["findings"]
        changed = []
        for path in sorted(p for p in copy.rglob("*") if p.is_file() and not p.is_symlink()):
            name = path.relative_to(copy)
            if path.read_bytes() != (original / name).read_bytes():
                changed.append(str(name))
        old, new = problems(original.resolve(), changed), problems(copy, changed)
        worse = [p for p in changed if new.get(p, 0) > old.get(p, 0)]
        broken = []
        for name in changed:
            cells = list(zip(python_cells(original / name), python_cells(copy / name)))
            broken += [f"{name} (cell {i})" for i, (a, b) in enumerate(cells) if compiles(a) and not compiles(b)]
        fixed = {f["fingerprint"] for f in before if f["fix"] and f["fix"]["applicability"] != "display"}
        left = [f for f in after if f["fingerprint"] in fixed and f["fix"] and f["fix"]["applicability"] != "display"]
        print(f"{len(changed)} files changed")
        print(f"{len(worse)} read worse: {worse}")
        print(f"{len(broken)} no longer compile: {broken}")
        print(f"{len(left)} applicable fixes left: {[(f['path'], f['range']['start']['line'], f['code']) for f in left]}")
        new_codes = collections.Counter(f["code"] for f in after if f["path"] in changed and f["fingerprint"] not in {b["fingerprint"] for b in before})
        print(f"new findings in changed files: {dict(new_codes)}")
    return 1 if worse or broken or left else 0


if __name__ == "__main__":
    sys.exit(main())
