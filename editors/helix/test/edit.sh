#!/usr/bin/env bash
# One visit to a file in a real Helix under tmux.
# usage: edit.sh HX CONFIG_HOME FILE SHOWN [ACTION]: opens FILE, waits for the text SHOWN; with ACTION takes the first code action,
# whose title must hold ACTION, at the first finding, and saves. Ends with the screen and 1 when a state never comes.
set -euo pipefail
hx=$1 config=$2 file=$3 shown=$4 action=${5:-}
session=credscope-$$
t() { tmux -L "$session" "$@"; }
trap 't kill-server 2>/dev/null || true' EXIT
screen() { t capture-pane -p -t "$session" 2>/dev/null || true; }
until_screen() {
  for _ in $(seq 150); do
    screen | grep -F -- "$1" >/dev/null && return 0
    sleep 0.1
  done
  echo "never saw: $1"
  screen
  exit 1
}
t -f /dev/null new-session -d -s "$session" -x 170 -y 40 "cd $(dirname "$file") && XDG_CONFIG_HOME=$config XDG_CACHE_HOME=$config/cache $hx $(basename "$file")"
until_screen "$shown"
[ -n "$action" ] || exit 0
before=$(cat "$file")
t send-keys -t "$session" g g
t send-keys -t "$session" ']' d
# The menu opens once the cursor is at the finding and the server has answered.
for _ in 1 2 3; do
  t send-keys -t "$session" Space a
  for _ in $(seq 20); do
    screen | grep -F -- "$action" >/dev/null && break 2
    sleep 0.1
  done
  t send-keys -t "$session" Escape
done
until_screen "$action"
[ -z "${SHOT:-}" ] || screen >"$SHOT"
t send-keys -t "$session" Enter
t send-keys -t "$session" ':wq!' Enter
for _ in $(seq 100); do
  t has-session -t "$session" 2>/dev/null || break
  sleep 0.1
done
[ "$(cat "$file")" != "$before" ] || { echo "the file is as before"; exit 1; }
