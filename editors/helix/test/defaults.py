"""Checks that a languages.toml keeps the servers that a Helix starts by itself.

    defaults.py HX LANGUAGES.toml

Helix's own configuration stands as text in its program.
"""

import re
import sys
import tomllib

program = open(sys.argv[1], "rb").read().decode("utf-8", "replace")
ours = tomllib.load(open(sys.argv[2], "rb"))
servers = {row["name"]: row["language-servers"] for row in ours["language"]}
known = {}
for block in program.split("[[language]]\n")[1:]:
    block = re.split(r"\n\[\[?", block)[0]
    name = re.match(r'name = "([^"]+)"', block)
    if name and name[1] not in known:
        row = re.search(r"^language-servers = (\[.*?\])", block, re.M | re.S)
        known[name[1]] = re.findall(r'"([^"]+)"', row[1]) if row else []
problems = [f"{name} is no language of this Helix" for name in servers if name not in known]
for name, own in servers.items():
    if own != ["credscope", *known.get(name, own[1:])]:
        problems.append(f"{name}: Helix starts {known[name]}, the file names {own}")
print("\n".join(problems) or f"  ok   {len(servers)} languages keep their servers")
sys.exit(bool(problems))
