"""The language server as jupyter-lsp takes it (entry point `jupyter_lsp_spec_v1`): `pip install credscope` is enough."""

from __future__ import annotations

from typing import Any

from credscope import find_program


def specification(_manager: Any) -> dict[str, dict[str, Any]]:
    """Specification by server name; empty where the program cannot be found."""
    try:
        program = find_program()
    except FileNotFoundError:
        return {}
    return {
        "credscope": {
            "argv": [program, "server"],
            "version": 2,
            "display_name": "credscope",
            "languages": ["python", "scala", "sql", "r"],
            "mime_types": [
                "text/python",
                "text/x-ipython",
                "text/x-python",
                "text/x-scala",
                "text/x-sql",
                "application/sql",
                "text/x-rsrc",
            ],
            "urls": {"home": "https://github.com/credscope/credscope"},
            "install": {"pip": "pip install credscope"},
        }
    }
