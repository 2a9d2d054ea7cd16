#!/usr/bin/env bash
# JupyterLab with jupyterlab-lsp and credscope's wheel, nothing configured: squiggle and tooltip in a real cell.
. "$(dirname "$0")/../common.sh"
need chromium npm node python3
program=$(credscope_binary)
python_with lab jupyterlab==4.6.6 jupyterlab-lsp==5.3.0 ipykernel maturin==1.16.0
if [ ! -d "$CACHE/pw/node_modules/playwright-core" ]; then
  mkdir -p "$CACHE/pw"
  echo '{"private":true}' >"$CACHE/pw/package.json"
  (cd "$CACHE/pw" && tried npm install --silent --ignore-scripts playwright-core@1.65.1) || unavailable playwright-core
fi

# The wheel, of the profile that is built already.
case $program in */release/*) profile=release ;; *) profile=dev ;; esac
rm -rf "$CACHE/wheel"
(cd "$ROOT" && "$CACHE/lab/bin/maturin" build --profile "$profile" --locked --out "$CACHE/wheel") >"$CACHE/maturin.log" 2>&1 \
  || { tail -5 "$CACHE/maturin.log"; echo "the wheel cannot be built"; exit 1; }
"$CACHE/lab/bin/pip" install -q --disable-pip-version-check --force-reinstall --no-deps "$CACHE"/wheel/*.whl
ls -sh "$CACHE"/wheel | tail -1
"$CACHE/lab/bin/python" -m credscope --version
python3 -m zipfile -l "$CACHE"/wheel/*.whl | grep 'entry_points.txt' >/dev/null || { echo "the wheel has no entry points"; exit 1; }
"$CACHE/lab/bin/python" "$HERE/test/fixed.py" "$ROOT" || exit 1
rm -rf "$CACHE/site" && mkdir -p "$CACHE/site/config" "$CACHE/site/data" "$CACHE/site/notebooks"
cp "$ROOT/editors/vscode/test/workspace/sales.ipynb" "$CACHE/site/notebooks/"
LAB=$CACHE/lab/bin/jupyter WORK=$CACHE/site SHOTS=$CACHE/shots node "$HERE/test/cells.mjs" && status=0 || status=1
duration
exit $status
