#!/usr/bin/env python3
"""Stands between an editor and a language server and writes down what they say.

    record.py LOG ROOT PROGRAM ARGUMENTS…

Each message becomes a line of LOG: {"from": "client" or "server", "message": {…}}. ROOT, the folder of the workspace,
is written as /project, process ids as null: a transcript holds nothing of the machine. Environment variables
CREDSCOPE_RECORD_LOG and CREDSCOPE_RECORD_ROOT stand for the first two arguments where an editor takes a program only
(then PROGRAM is CREDSCOPE_RECORD_PROGRAM, and all arguments are the server's).
"""

import json
import os
import re
import subprocess
import sys
import threading

LOCK = threading.Lock()


def read(stream):
    """The next message's body; None at the end."""
    length = 0
    while True:
        line = stream.readline()
        if not line:
            return None
        line = line.strip()
        if not line:
            break
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return stream.read(length)


def cleaned(body, root):
    # Written anew first: some clients escape the slashes.
    text = json.dumps(json.loads(body), ensure_ascii=False)
    # Remote windows name their server in each address.
    text = re.sub(r"127\.0\.0\.1(%3A|:)\d+", "server", text)
    for spelling in (root, root.replace("/", "%2F")):
        text = text.replace(spelling, "/project")
    text = re.sub(r"/(tmp|root|home/\w+)/[\w.-]+", "/elsewhere", text)
    message = json.loads(text)
    params = message.get("params")
    if isinstance(params, dict) and "processId" in params:
        params["processId"] = None
    return message


def copy(source, target, sender, log, root):
    while (body := read(source)) is not None:
        line = json.dumps({"from": sender, "message": cleaned(body, root)}, ensure_ascii=False, separators=(",", ":"))
        with LOCK:
            log.write(line + "\n")
            log.flush()
        target.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        target.flush()
    target.close()


def main():
    environment = os.environ
    if "CREDSCOPE_RECORD_LOG" in environment:
        path, root = environment["CREDSCOPE_RECORD_LOG"], environment["CREDSCOPE_RECORD_ROOT"]
        command = [environment["CREDSCOPE_RECORD_PROGRAM"], *sys.argv[1:]]
    else:
        path, root, *command = sys.argv[1:]
    if command[1:2] == ["--version"]:
        os.execvp(command[0], command)
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with open(path, "w", encoding="utf-8") as log:
        to_server = threading.Thread(
            target=copy, args=(sys.stdin.buffer, server.stdin, "client", log, root), daemon=True
        )
        to_server.start()
        try:
            copy(server.stdout, sys.stdout.buffer, "server", log, root)
        except (BrokenPipeError, ValueError):
            pass
    sys.exit(server.wait())


if __name__ == "__main__":
    main()
