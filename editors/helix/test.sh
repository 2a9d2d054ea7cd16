#!/usr/bin/env bash
# Tests in real Helixes under tmux: 25.01 (findings are pushed) and the newest that Debian has (pulled).
. "$(dirname "$0")/../common.sh"
need tmux python3 apt-get=apt
program=$(credscope_binary)
mkdir -p "$CACHE/bin"
ln -sf "$program" "$CACHE/bin/credscope-real"
failed=0 passed=0
for suite in trixie forky; do
  bash "$HERE/get.sh" "$suite" "$CACHE/$suite" >"$CACHE/$suite.log" 2>&1 || { tail -5 "$CACHE/$suite.log"; unavailable "Helix of Debian $suite"; }
done

ok() { passed=$((passed + 1)); echo "  ok   $*"; }
bad() { failed=$((failed + 1)); echo "  FAIL $*"; }
holds() { grep -qF -- "$2" "$1"; }

visit() { # SUITE LANGUAGES push|pull
  local hx=$CACHE/$1/hx ws config
  ws=$(mktemp -d) config=$(mktemp -d)
  cp -r "$ROOT/editors/vscode/test/workspace/." "$ws"
  mkdir "$ws/.git" "$config/helix"
  cp "$HERE/$2" "$config/helix/languages.toml"
  printf '[editor]\nend-of-line-diagnostics = "hint"\n[editor.inline-diagnostics]\ncursor-line = "hint"\nother-lines = "hint"\n' >"$config/helix/config.toml"
  "$hx" --version
  # The program as a user has it on the PATH, with a recorder before it.
  printf '#!/bin/sh\nexec python3 %s "%s/$(basename "$(pwd)").$$.jsonl" %s %s "$@"\n' "$ROOT/tests/record.py" "$config" "$ws" "$CACHE/bin/credscope-real" >"$config/credscope"
  chmod +x "$config/credscope"
  export PATH=$config:$PATH

  python3 "$HERE/test/defaults.py" "$(find "$CACHE/$1/root" -type f -name hx -perm -u+x | head -1)" "$HERE/$2" && passed=$((passed + 1)) || failed=$((failed + 1))
  XDG_CONFIG_HOME=$config "$hx" --health python 2>/dev/null | grep credscope >/dev/null && ok "hx --health names it" || bad "hx --health"
  SHOT=$CACHE/$1-menu.txt bash "$HERE/test/edit.sh" "$hx" "$config" "$ws/job.py" 'option `password`' 'Move to secret scope' \
    && holds "$ws/job.py" '.option("password", dbutils.secrets.get(scope=' && ok "source notebook: shown, moved, saved" || bad "source notebook"
  if grep -qh '"method":"textDocument/diagnostic"' "$config"/*.jsonl; then seen=pull; else seen=push; fi
  [ "$seen" = "$3" ] && ok "findings come by $3" || bad "findings come by $seen, not $3"
  [ -z "${KEEP_TRANSCRIPT:-}" ] || cp "$(ls -t "$config"/*.jsonl | head -1)" "$KEEP_TRANSCRIPT/helix-$1.jsonl"
  bash "$HERE/test/edit.sh" "$hx" "$config" "$ws/src/Load.scala" 'connection property' 'Move to secret scope' \
    && holds "$ws/src/Load.scala" 'dbutils.secrets.get(scope = ' && ok "Scala: shown, moved, saved" || bad "Scala"
  bash "$HERE/test/edit.sh" "$hx" "$config" "$ws/crm.sql" 'connection option' 'Move to secret scope' \
    && holds "$ws/crm.sql" 'password secret(' && ok "SQL: shown, moved, saved" || bad "SQL"
  bash "$HERE/test/edit.sh" "$hx" "$config" "$ws/databricks.yml" '`DB_PASSWORD`' 'Move to secret scope' \
    && holds "$ws/databricks.yml" '{{secrets/' && ok "bundle: shown, moved, saved" || bad "bundle"
  bash "$HERE/test/edit.sh" "$hx" "$config" "$ws/sales.ipynb" 'option `password`' && ok "raw .ipynb: shown" || bad "raw .ipynb"
  rm -rf "$ws" "$config"
}
visit trixie languages-25.01.toml push
visit forky languages.toml pull
echo "$passed passed, $failed failed"
duration
[ "$failed" = 0 ]
