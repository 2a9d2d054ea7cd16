#!/usr/bin/env python3
"""Runs programs before and after their fixes and compares what they do.

usage: run.py CREDSCOPE [WORD]

CREDSCOPE is the binary. Each program of programs*.txt is fixed with `check --fix --unsafe-fixes` as a plain file, as a
Databricks source notebook and as a Jupyter notebook, then the original and the fixed text are executed with stand-ins:
every module outside the standard library, `spark` and the clients record the calls that they get, `dbutils.secrets.get`
answers with the value that the program's head names for the key. The records have to be equal, and no value may be left
in the fixed text. WORD runs only programs whose title holds it. Exit 1 when something differs.

Head of a program: `#: KEY = VALUE` a secret, `#! NAME = VALUE` a variable of the environment, `#~ LINE` a line of
`credscope.toml`. A line `#@ NAME` begins another file, `NAME.py`, beside the program: the program imports it, or, as a source
notebook, runs it with `# MAGIC %run ./NAME`. A key `SCOPE/KEY` (or `CATALOG.SCHEMA/KEY`) has to be asked for in that scope.
"""

import builtins
import contextlib
import importlib.abc
import importlib.machinery
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import traceback
import types
import unicodedata  # noqa: F401  compiling `\N{…}` uses it: it must not be taken away between two programs
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
REAL = set(sys.stdlib_module_names)


def programs():
    """(title, secrets, environment, configuration, code, other files) of every program."""
    for file in sorted(HERE.glob("programs*.txt")):
        for block in re.split(r"^#### ", file.read_text(encoding="utf-8"), flags=re.M)[1:]:
            title, _, rest = block.partition("\n")
            secrets, env, config, code, others = {}, {}, [], [], {}
            into = code
            for line in rest.splitlines():
                if line.startswith("#@ "):
                    into = others.setdefault(line[3:], [])
                    continue
                if line.startswith("#~ "):
                    config.append(line[3:])
                    continue
                head = re.match(r"#([:!]) (\S+) = (.*)$", line)
                if head:
                    (secrets if head[1] == ":" else env)[head[2]] = head[3]
                else:
                    into.append(line)
            whole = lambda lines: "\n".join(lines).strip("\n") + "\n"
            others = {name: whole(lines) for name, lines in others.items()}
            yield title.strip(), secrets, env, "\n".join(config), whole(code), others


class Recorder:
    """An object that takes every call and remembers it under the path that led there."""

    def __init__(self, path, log):
        object.__setattr__(self, "_path", path)
        object.__setattr__(self, "_log", log)

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Recorder(f"{self._path}.{name}", self._log)

    def __setattr__(self, name, value):
        self._log.append(("set", f"{self._path}.{name}", plain(value)))

    def __call__(self, *args, **kwargs):
        if len(args) == 1 and isinstance(args[0], types.FunctionType) and not kwargs:
            return args[0]  # a decorator
        if self._path.startswith("requests."):
            args, kwargs = authorised(args, kwargs)
        self._log.append(("call", self._path, plain(args), plain(kwargs)))
        return Recorder(f"{self._path}()", self._log)

    def __getitem__(self, key):
        return Recorder(f"{self._path}[{key!r}]", self._log)

    def __iter__(self):
        return iter(())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False

    def __repr__(self):
        return f"<{self._path}>"


class Reader:
    """Spark's reader: what counts is the connection that comes out of format, URL and options."""

    def __init__(self, log, what, options=None, form=None):
        self.log, self.what, self.kept, self.form = log, what, dict(options or {}), form

    def _with(self, more):
        return Reader(self.log, self.what, {**self.kept, **{k.lower(): v for k, v in more.items()}}, self.form)

    def format(self, form):
        return Reader(self.log, self.what, self.kept, form)

    def option(self, key, value):
        return self._with({key: value})

    def options(self, **more):
        return self._with(more)

    def load(self, *args):
        self.log.append(("connect", self.what, self.form, effective(self.kept), plain(args)))
        return Recorder("df", self.log)

    def jdbc(self, url, table=None, properties=None, **more):
        options = {"url": url, "dbtable": table, **(properties or {}), **more}
        return self._with(options).format("jdbc").load()


def effective(options):
    """User and password that stand in a JDBC URL are options."""
    options = dict(options)
    url = str(options.get("url", ""))
    if url.startswith("jdbc:"):
        for found in re.finditer(r"[;?&](user|password)=([^;&]*)", url):
            options.setdefault(found[1], found[2])
        url = re.sub(r";(user|password)=[^;]*", "", url)
        url = re.sub(r"([?&])(?:(?:user|password)=[^&]*&?)+", r"\1", url).rstrip("?&")
        options["url"] = url
    return sorted((k, plain(v)) for k, v in options.items())


def authorised(args, kwargs):
    """User and password that stand in the address of a request are its `auth`, decoded (requests.utils.get_auth_from_url)."""
    address = urllib.parse.urlsplit(str(args[0] if args else ""))
    if address.password is None or "auth" in kwargs:
        return args, kwargs
    pair = (urllib.parse.unquote(address.username), urllib.parse.unquote(address.password))
    bare = address._replace(netloc=address.netloc.rpartition("@")[2]).geturl()
    return (bare, *args[1:]), {**kwargs, "auth": pair}


def plain(value):
    """A value as text that is equal in both runs."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (str, bytes, int, float, bool, type(None))):
        return repr(value)
    if isinstance(value, Recorder):
        return repr(value)
    return f"<{type(value).__name__}>"


class Secrets:
    def __init__(self, values):
        self.values = values

    def get(self, scope=None, key=None, catalog=None, schema=None):
        assert scope or (catalog and schema), "names no scope"
        if key not in self.values:
            key = f"{scope or f'{catalog}.{schema}'}/{key}"
        return self.values[key]

    def getBytes(self, scope, key):
        return self.get(scope, key).encode()


class Widgets:
    """A widget's value is its default. Making one is no effect that counts: its fix reads the secret instead."""

    def __init__(self):
        self.values = {}

    def text(self, name, default, label=None):
        self.values[name] = default

    combobox = dropdown = multiselect = lambda self, name, default, choices=None, label=None: self.text(name, default)

    def get(self, name):
        return self.values[name]


class DbUtils:
    def __init__(self, values, log):
        self.secrets = Secrets(values)
        self.widgets = Widgets()
        self._log = log

    def __getattr__(self, name):
        return Recorder(f"dbutils.{name}", self._log)


class Spark(Recorder):
    def __init__(self, path, log, secrets):
        super().__init__(path, log)
        object.__setattr__(self, "_secrets", secrets)

    def sql(self, query):
        """SQL reads secrets by itself: a literal stands where `secret('scope','key')` stood."""
        found = lambda call: "'" + self._secrets.get(call[1], call[2]).replace("'", "\\'") + "'"
        self._log.append(("sql", re.sub(r"\bsecret\('([^']*)','([^']*)'\)", found, query)))
        return Recorder("df", self._log)

    @property
    def read(self):
        return Reader(self._log, "read")

    @property
    def readStream(self):
        return Reader(self._log, "readStream")


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Modules that do not belong to the standard library record calls."""

    def __init__(self, log, dbutils, others):
        self.log, self.dbutils, self.others = log, dbutils, others

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in REAL:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        log, dbutils, name = self.log, self.dbutils, spec.name
        module = types.ModuleType(name)
        module.__path__ = []
        if name in self.others:
            return module

        def attribute(attr):
            if attr.startswith("__"):
                raise AttributeError(attr)
            if attr == "DBUtils":
                return lambda *_: dbutils
            if attr == "WorkspaceClient":
                client = lambda *a, **k: types.SimpleNamespace(dbutils=dbutils)
                return client
            return Recorder(f"{name}.{attr}", log)

        if name == "databricks.sdk.runtime":
            module.dbutils = dbutils
            module.spark = Spark("spark", log, dbutils.secrets)
        else:
            module.__getattr__ = attribute
        return module

    def exec_module(self, module):
        if module.__name__ in self.others:
            exec(compile(self.others[module.__name__], f"{module.__name__}.py", "exec"), module.__dict__)


RUN = re.compile(r"^# MAGIC %run \./(\w+)$", re.M)


def execute(code, values, env, notebook, others):
    """What a program does: its records, its output, how it ends."""
    code = RUN.sub(lambda run: others[run[1]], code)
    log, out = [], io.StringIO()
    dbutils = DbUtils(values, log)
    scope = {"__name__": "program", "__builtins__": builtins, "spark": Spark("spark", log, dbutils.secrets), "sc": Recorder("sc", log)}
    if notebook:
        scope["dbutils"] = dbutils
    finder = StandIns(log, dbutils, others)
    kept = dict(sys.modules)
    environ = dict(os.environ)
    os.environ.update(env)
    sys.meta_path.insert(0, finder)
    end = "ok"
    module = types.ModuleType("program")
    module.__dict__.update(scope)
    sys.modules["program"] = module
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(code, "program.py", "exec"), module.__dict__)
    except Exception as error:
        end = f"{type(error).__name__}: {error}" if not isinstance(error, KeyError) else f"no secret {error}"
        end += "\n" + traceback.format_exc(limit=-2)
    finally:
        sys.meta_path.remove(finder)
        for name in set(sys.modules) - set(kept):
            del sys.modules[name]
        os.environ.clear()
        os.environ.update(environ)
    return log, out.getvalue(), end


def as_notebook(code):
    return "# Databricks notebook source\n" + code


def as_ipynb(code):
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [],
            "source": code.splitlines(keepends=True)}
    return json.dumps({"cells": [cell], "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def of_ipynb(text):
    with contextlib.suppress(ImportError):
        import nbformat
        nbformat.validate(nbformat.reads(text, as_version=4))
    lines = json.loads(text)["cells"][0]["source"]
    assert all(line.find("\n") in (-1, len(line) - 1) for line in lines), "an element of a source holds several lines"
    return "".join(lines)


CONTAINERS = {
    "file": ("job.py", lambda code: code, lambda text: text),
    "source": ("note.py", as_notebook, lambda text: text),
    "ipynb": ("note.ipynb", as_ipynb, of_ipynb),
}


def fixed(binary, name, text, config, others):
    """The program and the other files after fixes of all of them."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, name)
        if config:
            pathlib.Path(folder, "credscope.toml").write_text(config, encoding="utf-8")
        path.write_bytes(text.encode())
        for other, code in others.items():
            pathlib.Path(folder, f"{other}.py").write_text(code, encoding="utf-8")
        run = [binary, "check", "--fix", "--unsafe-fixes", "--quiet", folder if others else str(path)]
        done = subprocess.run(run, capture_output=True, text=True)
        if done.returncode == 2:
            raise RuntimeError(done.stderr)
        read = {other: pathlib.Path(folder, f"{other}.py").read_text(encoding="utf-8") for other in others}
        return path.read_bytes().decode(), read


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    word = sys.argv[2] if len(sys.argv) > 2 else ""
    wrong, ran = [], 0
    for title, secrets, env, config, code, others in programs():
        if word not in title:
            continue
        runs = RUN.search(code)
        if runs:
            others = {name: as_notebook(text) for name, text in others.items()}
        for container, (name, wrap, unwrap) in CONTAINERS.items():
            if runs and container != "source":
                continue
            ran += 1
            after, new = fixed(binary, name, wrap(code), config, others)
            after = unwrap(after)
            all_after = "".join([after, *new.values()])
            before = execute(code, secrets, env, container != "file", others)
            problem = None
            if before[2] != "ok":
                problem = f"the program itself fails: {before[2]}"
            elif after == unwrap(wrap(code)) and new == others:
                problem = "nothing was fixed"
            elif any(f"{value!r}"[1:-1] in all_after for value in secrets.values()):
                problem = "a value is left"
            else:
                done = execute(after, secrets, env, container != "file", new)
                if done != before:
                    problem = f"differs\n  before: {before}\n  after:  {done}"
            if problem:
                wrong.append(f"{title} ({container}): {problem}\n{all_after}")
            if problem and container == "file":
                break
    for text in wrong:
        print(text, "\n" + "-" * 60)
    print(f"{ran} runs of {len(set(t for t, *_ in programs()))} programs, {len(wrong)} wrong")
    return 1 if wrong or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
