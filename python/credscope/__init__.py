"""credscope: credential hygiene in Databricks notebooks and jobs. The program does the work; see `credscope --help`."""

from __future__ import annotations

import os
import shutil
import sysconfig

__all__ = ["find_program"]


def find_program() -> str:
    """Path of the program that came with this package, else of the one on the PATH."""
    name = "credscope.exe" if os.name == "nt" else "credscope"
    schemes = {sysconfig.get_path("scripts"), sysconfig.get_path("scripts", f"{os.name}_user")}
    for folder in filter(None, schemes):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    path = shutil.which("credscope")
    if path is None:
        raise FileNotFoundError("the program credscope is not installed")
    return path
