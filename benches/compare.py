#!/usr/bin/env python3
"""Whole-process time of credscope against rg and ruff on the same generated tree of notebooks.

usage: benches/compare.py [--files N] [--runs N] [--credscope PATH]

19 of 20 files hold no credential word. Tools that are not installed are left out. Prints the median of the runs and the
ratio to credscope; absolute times say nothing about another machine.
"""
import argparse, os, shutil, statistics, subprocess, sys, tempfile, time


def notebook(number, dirty):
    lines = ["# Databricks notebook source"]
    for cell in range(12):
        lines += ["", "# COMMAND ----------", "", f"df_{cell} = spark.table('sales.orders_{number}_{cell}')",
                  f"df_{cell} = df_{cell}.where('amount > {cell}').groupBy('day').count()", f"df_{cell}.write.mode('overwrite').saveAsTable('out.t_{cell}')"]
        if dirty and cell == 5:
            lines += [f"spark.read.format('jdbc').option('url', u).option('password', 'q7#Lm2v{number}').load()"]
    return "\n".join(lines) + "\n"


def timed(commands, runs):
    """Median seconds of each command. They take turns, so that what else the machine does falls on all of them."""
    times = {name: [] for name in commands}
    for run in range(runs + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            # The first turn fills the caches.
            if run > 0:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--files", type=int, default=4000)
    ap.add_argument("--runs", type=int, default=7)
    here = os.path.dirname(os.path.abspath(__file__))
    ap.add_argument("--credscope", default=os.path.join(here, "..", "target", "release", "credscope"))
    o = ap.parse_args()
    if not os.path.exists(o.credscope):
        sys.exit(f"{o.credscope} is missing: run `cargo build --release` first")
    with tempfile.TemporaryDirectory() as root:
        for i in range(o.files):
            folder = os.path.join(root, f"d{i % 50}")
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, f"n{i}.py"), "w") as f:
                f.write(notebook(i, i % 20 == 0))
        commands = {"credscope": [o.credscope, "check", "--quiet", "--format", "concise", root],
                    "rg": ["rg", "-n", "option\\('password', '[^']+'", root],
                    "ruff": ["ruff", "check", "--no-cache", "--isolated", "--select", "S105,S106,S107", root]}
        times = timed({name: c for name, c in commands.items() if name == "credscope" or shutil.which(c[0])}, o.runs)
        for name in ("rg", "ruff"):
            if name not in times:
                print(f"{name}: not installed, left out")
        for name, seconds in times.items():
            print(f"{name:10} {seconds * 1000:8.1f} ms   {seconds / times['credscope']:.2f} of credscope")


main()
