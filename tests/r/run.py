#!/usr/bin/env python3
"""Runs R programs before and after their fixes and compares what they do.

usage: run.py CREDSCOPE RSCRIPT [WORD]

Each program of programs.txt is fixed with `check --fix --unsafe-fixes` as a Databricks notebook; original and fixed text run with
stand_ins.R, which records calls. Records and output have to be equal, and no value may be left in the fixed text. WORD runs
only programs whose title holds it. Head of a program: `#: KEY = VALUE` a secret, `#! NAME = VALUE` a variable of the environment.
Exit 1 when something differs.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
HEADER = "# Databricks notebook source\n"


def programs():
    text = (HERE / "programs.txt").read_text(encoding="utf-8")
    for block in re.split(r"^#### ", text, flags=re.M)[1:]:
        title, _, rest = block.partition("\n")
        heads = re.findall(r"^#([:!]) (\S+) = (.*)$", rest, flags=re.M)
        secrets = {key: value for mark, key, value in heads if mark == ":"}
        env = {key: value for mark, key, value in heads if mark == "!"}
        code = re.sub(r"^#[:!] .*\n", "", rest, flags=re.M).strip("\n") + "\n"
        yield title.strip(), secrets, env, code


def fixed(binary, text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "note.r")
        path.write_text(text, encoding="utf-8")
        done = subprocess.run([binary, "check", "--fix", "--unsafe-fixes", "--quiet", str(path)], capture_output=True, text=True)
        if done.returncode == 2:
            raise RuntimeError(done.stderr)
        return path.read_text(encoding="utf-8")


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def execute(rscript, code, secrets, env):
    """Records, output and end of a program."""
    values = ", ".join(f"`{key}` = {quoted(value)}" for key, value in secrets.items())
    whole = "\n".join([(HERE / "stand_ins.R").read_text(encoding="utf-8"), f".secrets <- list({values})", code,
                       'cat(.log$lines, sep = "\\n")'])
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "program.R")
        path.write_text(whole, encoding="utf-8")
        done = subprocess.run([rscript, "--vanilla", "--encoding=UTF-8", str(path)], capture_output=True, text=True,
                              env={**os.environ, "LC_ALL": "C.UTF-8", **env})
    return done.returncode, done.stdout, done.stderr


def main():
    binary, rscript = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2]
    word = sys.argv[3] if len(sys.argv) > 3 else ""
    wrong, ran = [], 0
    for title, secrets, env, code in programs():
        if word not in title:
            continue
        ran += 1
        new = fixed(binary, HEADER + code).removeprefix(HEADER)
        before = execute(rscript, code, secrets, env)
        if before[0] != 0 or not before[1].strip():
            wrong.append(f"{title}: the program itself does nothing or fails: {before}")
        elif new == code:
            wrong.append(f"{title}: nothing was fixed")
        elif any(quoted(value)[1:-1] in new for value in secrets.values()):
            wrong.append(f"{title}: a value is left\n{new}")
        elif (after := execute(rscript, new, secrets, env)) != before:
            wrong.append(f"{title}: differs\n  before: {before}\n  after:  {after}\n{new}")
    for text in wrong:
        print(text, "\n" + "-" * 60)
    print(f"{ran} programs, {len(wrong)} wrong")
    return 1 if wrong or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
