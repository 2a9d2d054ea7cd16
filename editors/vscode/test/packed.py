"""Checks what the packages for the marketplaces hold.

    packed.py UNIVERSAL.vsix PLATFORM.vsix
"""

import json
import re
import struct
import sys
import zipfile

PICTURES = [f"{name}-{theme}.png" for name in ("hover", "menu", "notebook", "problems") for theme in ("dark", "light")]
FILES = {
    "[Content_Types].xml", "extension.vsixmanifest", "extension/package.json", "extension/readme.md", "extension/changelog.md",
    "extension/LICENSE.txt", "extension/dist/extension.js", "extension/media/icon.png", "extension/media/icon.svg",
    *(f"extension/media/{name}" for name in PICTURES),
    *(f"extension/walkthrough/{name}.md" for name in ("1-sample", "2-fix", "3-provision", "4-gate")),
}
PROGRAM = "extension/bundled/credscope"
MEGABYTE = 1 << 20
problems = []


def check(fine, problem):
    if not fine:
        problems.append(problem)


def files(package):
    return {name for name in package.namelist() if not name.endswith("/")}


universal, platform = (zipfile.ZipFile(name) for name in sys.argv[1:3])
for package, expected, largest in ((universal, FILES, 1.5), (platform, FILES | {PROGRAM}, 25)):
    size = sum(row.compress_size for row in package.infolist()) / MEGABYTE
    check(files(package) == expected, f"{package.filename}: {sorted(files(package) ^ expected)} too many or missing")
    check(size < largest, f"{package.filename}: {size:.1f} MB")
mode = platform.getinfo(PROGRAM).external_attr >> 16 if PROGRAM in files(platform) else 0
check(mode & 0o111, "the bundled program is not executable")
target = re.search(r'TargetPlatform="([^"]+)"', platform.read("extension.vsixmanifest").decode())
check(target and target[1] == "linux-x64", "the platform's package names no platform")
check(b"TargetPlatform" not in universal.read("extension.vsixmanifest"), "the universal package names a platform")

manifest = json.loads(universal.read("extension/package.json"))
for key in ("displayName", "description", "version", "publisher", "license", "icon", "repository", "categories", "keywords", "bugs", "galleryBanner"):
    check(manifest.get(key), f"package.json has no {key}")
check(len(manifest["keywords"]) <= 30, "the marketplace takes 30 keywords")
check(f"## {manifest['version']}" in universal.read("extension/changelog.md").decode(), "the changelog does not name the version")
header = universal.read("extension/media/icon.png")[:24]
check(header[:8] == b"\x89PNG\r\n\x1a\n" and min(struct.unpack(">II", header[16:24])) >= 128, "the icon is no PNG of 128 points or more")
readme = universal.read("extension/readme.md").decode()
pictures = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", readme)
check(len(pictures) >= 4, "the README has pictures")
for words, address in pictures:
    check(address.startswith("https://") and address.endswith(tuple(PICTURES)), f"{address} is no picture of the package")
for command in manifest["contributes"]["commands"]:
    check(command["title"] in readme or command["command"].endswith(("restart", "showLogs", "openSample")), f"the README lacks {command['title']}")
for group in manifest["contributes"]["configuration"]:
    for name in group["properties"]:
        check(re.search(rf"`(credscope)?\.{re.escape(name.split('.')[-1])}`|`{re.escape(name)}`", readme), f"the README lacks {name}")
check("no telemetry" in readme, "the README does not speak of telemetry")
script = universal.read("extension/dist/extension.js").decode()
check(not re.search(r"telemetry(Reporter|Logger)|createTelemetryLogger|applicationinsights", script), "the extension has telemetry")
print("\n".join(f"  FAIL {p}" for p in problems) or "  ok   the packages hold what they should, and nothing else")
sys.exit(bool(problems))
