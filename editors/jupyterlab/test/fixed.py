"""What the wheel brings, and that fixed notebooks are still notebooks: nbformat, which JupyterLab reads them with, says so.

    fixed.py ROOT   (in the environment that the wheel is installed in)
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import entry_points

import nbformat
from credscope import find_program

root = pathlib.Path(sys.argv[1])
(entry,) = (e for e in entry_points(group="jupyter_lsp_spec_v1") if e.name == "credscope")
(specification,) = entry.load()(None).values()
assert specification["argv"] == [find_program(), "server"], specification
assert specification["version"] == 2 and "python" in specification["languages"], specification
print("  ok   the wheel's entry point names the server")

notebooks = [root / "editors/vscode/test/workspace/sales.ipynb", *sorted((root / "fixtures").rglob("*.ipynb"))]
changed = 0
for source in notebooks:
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(shutil.copy(source, folder))
        before = nbformat.read(copy, as_version=nbformat.NO_CONVERT)
        subprocess.run([find_program(), "check", "--fix", "--unsafe-fixes", "--quiet", str(copy)], stdout=subprocess.DEVNULL)
        after = nbformat.read(copy, as_version=nbformat.NO_CONVERT)
        nbformat.validate(before)
        nbformat.validate(after)
        changed += before != after
        assert len(before.cells) == len(after.cells), source
        # Cells are as they were but for their text and, where it showed a credential, their output.
        for old, new in zip(before.cells, after.cells):
            same = [{k: v for k, v in cell.items() if k not in ("source", "outputs", "execution_count")} for cell in (old, new)]
            assert same[0] == same[1], source
assert changed >= 2, f"{changed} notebooks were fixed"
print(f"  ok   {changed} of {len(notebooks)} notebooks were fixed and are valid for nbformat {nbformat.__version__}")
