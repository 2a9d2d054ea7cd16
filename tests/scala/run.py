#!/usr/bin/env python3
"""Compiles and runs Scala programs before and after their fixes and compares what they do.

usage: run.py CREDSCOPE SCALAC SCALA

Programs of programs.txt become notebook cells, or source files of a JAR when their title begins with `jar:`. Both texts are
compiled in one run each, together with stand-ins that record calls; the records of original and fixed have to be equal,
and no value may be left in the fixed text. Head of a program: `//: KEY = VALUE` a secret. Exit 1 when something differs.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def programs():
    text = (HERE / "programs.txt").read_text(encoding="utf-8")
    for number, block in enumerate(re.split(r"^#### ", text, flags=re.M)[1:]):
        title, _, rest = block.partition("\n")
        secrets = dict(re.findall(r"^//: (\S+) = (.*)$", rest, flags=re.M))
        code = re.sub(r"^//: .*\n", "", rest, flags=re.M).strip("\n") + "\n"
        yield number, title.strip(), secrets, code


def fixed(binary, name, text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, name)
        path.write_text(text, encoding="utf-8")
        done = subprocess.run([binary, "check", "--fix", "--unsafe-fixes", "--quiet", str(path)], capture_output=True, text=True)
        if done.returncode == 2:
            raise RuntimeError(done.stderr)
        return path.read_text(encoding="utf-8")


def wrapped(number, jar, code):
    if jar:
        return f"package p{number}\n\n{code}"
    body = code.replace("// Databricks notebook source\n", "")
    return (f"package p{number}\n\nobject Job {{\n  val spark = standins.Spark\n  val dbutils = new standins.DBUtils\n"
            f"  def run(): Unit = {{\n{body}\n  ()\n  }}\n}}\n")


def driver(rows):
    calls = []
    for number, _, secrets, _ in rows:
        values = ", ".join(f"{key!r} -> {value!r}" for key, value in secrets.items()).replace("'", '"')
        calls.append(f'    standins.Values.of = Map({values})\n    standins.Log.lines.clear()\n'
                     f'    val end{number} = try {{ p{number}.Job.run(); "ok" }} catch {{ case e: Throwable => e.toString }}\n'
                     f'    println("#### {number} " + end{number})\n    standins.Log.lines.foreach(println)\n')
    return "object Driver {\n  def main(args: Array[String]): Unit = {\n" + "".join(calls) + "  }\n}\n"


def run(rows, texts, scalac, scala):
    """What each program does, by number."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "out")
        out.mkdir()
        files = [HERE / "Stubs.scala", HERE / "Holder.scala"]
        for number, text in texts.items():
            file = pathlib.Path(folder, f"p{number}.scala")
            file.write_text(text, encoding="utf-8")
            files.append(file)
        main = pathlib.Path(folder, "Driver.scala")
        main.write_text(driver(rows), encoding="utf-8")
        done = subprocess.run([scalac, "-nowarn", "-encoding", "utf-8", "-d", str(out), *map(str, [*files, main])], capture_output=True, text=True)
        if done.returncode:
            print(done.stdout + done.stderr)
            raise SystemExit("does not compile")
        done = subprocess.run([scala, "-cp", str(out), "Driver"], capture_output=True, text=True)
        parts = re.split(r"^#### (\d+) ", done.stdout, flags=re.M)[1:]
        return {int(n): text for n, text in zip(parts[::2], parts[1::2])}


def main():
    binary, scalac, scala = sys.argv[1:4]
    binary = str(pathlib.Path(binary).resolve())
    rows = list(programs())
    before, after, wrong = {}, {}, []
    for number, title, secrets, code in rows:
        jar = title.startswith("jar:")
        text = code if jar else "// Databricks notebook source\n" + code
        new = fixed(binary, "Job.scala", text)
        if new == text:
            wrong.append(f"{title}: nothing was fixed")
        elif any(value in new for value in secrets.values()):
            wrong.append(f"{title}: a value is left\n{new}")
        before[number], after[number] = wrapped(number, jar, text), wrapped(number, jar, new)
    if not wrong:
        old, new = run(rows, before, scalac, scala), run(rows, after, scalac, scala)
        for number, title, _, _ in rows:
            if not old.get(number, "").startswith("ok"):
                wrong.append(f"{title}: the program itself fails: {old.get(number)}")
            elif old[number] != new.get(number):
                wrong.append(f"{title}: differs\n{old[number]}\n{new.get(number)}\n{after[number]}")
    for text in wrong:
        print(text, "\n" + "-" * 60)
    print(f"{len(rows)} programs, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
