#!/usr/bin/env python3
"""Keystroke to diagnostics: `credscope server` against `ruff server` (S105-S107), same texts, same edits, same run.

    cargo build --release -p credscope
    python3 -m venv .venv && .venv/bin/pip install ruff
    python3 benches/server.py [--credscope PATH] [--ruff PATH] [--edits N] [--rounds N]

Single characters are typed into a string literal in the middle of generated documents; the time from the first byte of
the change to the last byte of the diagnostics counts. Both servers push. Rounds alternate between the servers, so that
both meet the same load. Prints p50 and p99, the ratio of each pair, and whether each target is met. `first` is the time to
the first diagnostics after the document was opened, `all` to the last ones: a large notebook is told in two steps.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time


def cell_python(n, rng, lines):
    body = [f"# Load and check orders of region {n}", "from pyspark.sql import functions as F"]
    if n % 10 == 3:
        body.append(f'password = "q7#Lm2vX9{n:04d}"')
        body.append('df = spark.read.format("jdbc").option("url", url).option("user", "etl").load()')
    elif n % 10 == 6:
        body.append(f'pw_{n} = dbutils.secrets.get("jdbc", "password-{n}")')
        body.append(f'reader_{n} = spark.read.format("jdbc").option("password", pw_{n})')
    while len(body) < lines:
        k = rng.randrange(6)
        i = rng.randrange(1000)
        body += [
            [f'orders_{n} = spark.table("sales.orders_{i}").where(F.col("amount") > {i})'],
            [f"for row in df.limit({i}).collect():", f'    total_{i} = row["amount"] * {i} + offset', f"    rows.append(total_{i})"],
            [f"def clean_{n}_{i}(frame, limit={i}):", '    """Drops what is not needed."""', '    return frame.drop("tmp").limit(limit)'],
            [f'path_{n} = f"/mnt/landing/{{region}}/{i}"', f"df = df.unionByName(spark.read.parquet(path_{n}))"],
            [f"if threshold_{n} > {i}:", f'    df = df.withColumn("flag_{i}", F.lit({i}))', "else:", "    df = df.cache()"],
            [f"# step {i}: keep the last value per key", f'window = Window.partitionBy("key_{i}").orderBy("day")'],
        ][k]
    return body[:lines]


def notebook(total, seed=7):
    """A Databricks source notebook of about `total` lines."""
    rng = random.Random(seed)
    lines = ["# Databricks notebook source"]
    n = 0
    while len(lines) < total:
        if n:
            lines += ["", "# COMMAND ----------", ""]
        kind = n % 8
        if kind == 5:
            lines += ["# MAGIC %md", f"# MAGIC ## Step {n}"] + [f"# MAGIC The table is read, cleaned and joined ({i})." for i in range(6)]
        elif kind == 7:
            lines += ["# MAGIC %sql", "# MAGIC SELECT day, sum(amount) AS total"] + [f"# MAGIC   , max(c{i}) AS m{i}" for i in range(10)] + [f"# MAGIC FROM sales.orders_{n} GROUP BY day"]
        else:
            lines += cell_python(n, rng, 20)
        n += 1
    return "\n".join(lines) + "\n"


def plain(total, seed=7):
    """The same code as a plain Python file."""
    rng = random.Random(seed)
    lines = ["import os", ""]
    n = 0
    while len(lines) < total:
        body = cell_python(n, rng, 18)
        lines += [f"def job_{n}(spark, dbutils, df, url, region, rows, offset):"] + ["    " + line for line in body] + ["    return df", "", ""]
        n += 1
    return "\n".join(lines) + "\n"


class Server:
    def __init__(self, command, options=None):
        self.started = time.perf_counter()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        self.input, self.output = self.process.stdin.fileno(), self.process.stdout.fileno()
        self.buffer, self.id = b"", 0
        capabilities = {"general": {"positionEncodings": ["utf-16"]}, "textDocument": {"publishDiagnostics": {"relatedInformation": True, "versionSupport": True}}}
        self.send({"id": 0, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": capabilities, "initializationOptions": options}})
        while json.loads(self.read()).get("id") != 0:
            pass
        self.initialized = time.perf_counter() - self.started
        self.send({"method": "initialized", "params": {}})

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        data = b"Content-Length: %d\r\n\r\n" % len(body) + body
        while data:
            data = data[os.write(self.input, data):]

    def read(self):
        """Body of the next message."""
        while True:
            head = self.buffer.find(b"\r\n\r\n")
            if head >= 0:
                length = int(self.buffer[: head].lower().split(b"content-length:")[1].split(b"\r\n")[0])
                if len(self.buffer) >= head + 4 + length:
                    body = self.buffer[head + 4 : head + 4 + length]
                    self.buffer = self.buffer[head + 4 + length :]
                    return body
            data = os.read(self.output, 1 << 20)
            if not data:
                raise SystemExit("the server is gone")
            self.buffer += data

    def diagnostics(self, version):
        """Waits for the diagnostics of a version; how many."""
        mark = b'"version":%d' % version
        while True:
            body = self.read()
            if b"publishDiagnostics" in body[:4096] and mark in body:
                return body

    def rest(self, uri, body):
        """The last diagnostics of the version just opened, and when they came: those before a hover is answered."""
        came = time.perf_counter()
        self.id += 1
        place = {"line": 0, "character": 0}
        self.send({"id": self.id, "method": "textDocument/hover", "params": {"textDocument": {"uri": uri}, "position": place}})
        while True:
            message = self.read()
            if b"publishDiagnostics" in message[:4096] and b'"version":1' in message:
                body, came = message, time.perf_counter()
            elif json.loads(message).get("id") == self.id:
                return body, came

    def open(self, uri, text):
        self.send({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": text}}})

    def rss(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))

    def end(self):
        self.send({"id": 99999, "method": "shutdown"})
        self.send({"method": "exit"})
        self.process.wait(10)


def typing_place(text):
    """Line and column inside the literal nearest to the middle."""
    lines = text.split("\n")
    literals = [i for i, line in enumerate(lines) if 'password = "' in line]
    line = min(literals, key=lambda i: abs(i - len(lines) // 2))
    return line, lines[line].index('password = "') + len('password = "') + 4


def typing(server, uri, text, version, edits):
    """Types and deletes single characters; seconds each took."""
    line, column = typing_place(text)
    times = []
    for k in range(edits):
        version += 1
        at = {"line": line, "character": column}
        after = {"line": line, "character": column + 1}
        change = {"range": {"start": at, "end": at}, "text": "k"} if k % 2 == 0 else {"range": {"start": at, "end": after}, "text": ""}
        start = time.perf_counter()
        server.send({"method": "textDocument/didChange", "params": {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}})
        server.diagnostics(version)
        times.append(time.perf_counter() - start)
        time.sleep(0.002)
    return times, version


def percentiles(times):
    times = sorted(times)
    return statistics.median(times) * 1e3, times[min(len(times) - 1, int(len(times) * 0.99))] * 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--credscope", default="target/release/credscope")
    parser.add_argument("--ruff", default=".venv/bin/ruff" if os.path.exists(".venv/bin/ruff") else shutil.which("ruff"))
    parser.add_argument("--edits", type=int, default=100, help="edits per round")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    options = {"settings": {"lint": {"select": ["S105", "S106", "S107"]}}}
    commands = {"credscope": ([args.credscope, "server"], None), "ruff": ([args.ruff, "server"], options)}
    if not args.ruff:
        del commands["ruff"]
    cases = [
        ("1,000-line notebook", notebook(1000), 1.0),
        ("10,000-line notebook", notebook(10000), 1 / 3),
        ("10,000-line plain file", plain(10000), 1.0),
    ]
    met = True
    print(f"{'':24} {'server':10} {'p50 ms':>8} {'p99 ms':>8} {'first ms':>9} {'all ms':>9} {'first':>6} {'all':>6}")
    for name, text, target in cases:
        uri = f"file:///bench/{name.replace(' ', '-').replace(',', '')}.py"
        servers, versions, times = {}, {}, {}
        for server, (command, options) in commands.items():
            running = Server(command, options)
            start = time.perf_counter()
            running.open(uri, text)
            early = running.diagnostics(1)
            first = time.perf_counter() - start
            late, everything = running.rest(uri, early)
            everything = everything - start if late is not early else first
            servers[server] = (running, first, everything, early.count(b'"severity"'), late.count(b'"severity"'))
            versions[server], times[server] = 1, []
            warm, versions[server] = typing(running, uri, text, 1, 10)
        for _ in range(args.rounds):
            for server, (running, *_) in servers.items():
                taken, versions[server] = typing(running, uri, text, versions[server], args.edits)
                times[server] += taken
        rows = {}
        for server, (running, first, everything, early, found) in servers.items():
            rows[server] = percentiles(times[server])
            row = f"{first * 1e3:9.1f} {everything * 1e3:9.1f} {early:6} {found:6}"
            print(f"{name:24} {server:10} {rows[server][0]:8.2f} {rows[server][1]:8.2f} {row}")
            running.end()
        if "ruff" in rows:
            ratios = [c / r for c, r in zip(rows["credscope"], rows["ruff"])]
            good = all(ratio <= target for ratio in ratios)
            met &= good
            print(f"{'':24} {'ratio':10} {ratios[0]:8.2f} {ratios[1]:8.2f}   target {target:.2f}: {'met' if good else 'MISSED'}")
        if name.endswith("notebook") and "10,000" in name:
            good = servers["credscope"][1] <= 0.030
            met &= good
            print(f"{'':24} first diagnostics {servers['credscope'][1] * 1e3:.1f} ms, target 30: {'met' if good else 'MISSED'}")
    starts = []
    for _ in range(10):
        running = Server(commands["credscope"][0])
        starts.append(running.initialized * 1e3)
        running.end()
    good = statistics.median(starts) <= 10
    met &= good
    print(f"initialize answered in {statistics.median(starts):.1f} ms (median of 10, process start included), target 10: {'met' if good else 'MISSED'}")
    running = Server(commands["credscope"][0])
    text = notebook(1000)
    for n in range(200):
        running.open(f"file:///bench/open_{n}.py", text.replace("orders", f"orders{n}"))
    for n in range(200):
        running.diagnostics(1)
    rss = running.rss()
    running.end()
    met &= rss <= 60
    print(f"resident memory with 200 open documents of 1,000 lines: {rss:.1f} MiB, target 60: {'met' if rss <= 60 else 'MISSED'}")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
