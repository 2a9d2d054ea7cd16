// A notebook in JupyterLab, in Chromium. env: LAB (jupyter), WORK (folder with config, data, notebooks), SHOTS
import { spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import path from "node:path";

const { LAB, WORK, SHOTS } = process.env;
const { chromium } = createRequire(path.resolve(import.meta.dirname, "../.cache/pw") + "/")("playwright-core");
const port = await new Promise((resolve) => {
  const probe = net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const address = `http://127.0.0.1:${port}`;
const options = ["lab", "--allow-root", "--no-browser", "--ip", "127.0.0.1", "--port", String(port), "--ServerApp.port_retries=0"];
options.push("--ServerApp.token=", "--ServerApp.password=", `--notebook-dir=${WORK}/notebooks`, "--LabApp.news_url=None");
const lab = spawn(LAB, options, {
  detached: true,
  env: { ...process.env, JUPYTER_CONFIG_DIR: `${WORK}/config`, JUPYTER_DATA_DIR: `${WORK}/data`, JUPYTER_RUNTIME_DIR: `${WORK}/data` },
  stdio: ["ignore", fs.openSync(`${WORK}/lab.log`, "w"), fs.openSync(`${WORK}/lab.err`, "w")],
});

async function until(what, ready, ms = 60_000) {
  for (const start = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const seen = await ready();
    if (seen) return seen;
    if (Date.now() - start > ms) throw new Error(`never: ${what}`);
  }
}
let passed = 0;
const ok = (name) => (passed++, console.log(`  ok   ${name}`));
let status = 1;
let browser;
try {
  await until("JupyterLab", () => fetch(`${address}/api`).then((r) => r.ok, () => false));
  const known = await fetch(`${address}/lsp/status`).then((r) => r.json());
  if (!known.sessions?.credscope) throw new Error("/lsp/status does not list credscope");
  ok("the wheel is enough: /lsp/status lists the server");

  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: 1100, height: 640 } });
  await page.goto(`${address}/lab/tree/sales.ipynb?reset`);
  await page.locator(".jp-Notebook .jp-CodeCell").first().waitFor({ timeout: 60_000 });
  // Questions about news and the kernel.
  for (const button of ["No Kernel", "No", "Dismiss"]) {
    const found = page.locator(".jp-Dialog button, .Toastify button", { hasText: new RegExp(`^${button}$`) });
    if (await found.count()) await found.first().click().catch(() => undefined);
  }
  const cell = page.locator(".jp-Notebook .jp-CodeCell", { hasText: "jdbc:postgresql" });
  await cell.click();
  const mark = cell.locator(".cm-lintRange-error, .cm-lintRange-warning").first();
  await mark.waitFor({ timeout: 60_000 });
  if (!(await mark.innerText()).includes("q7#Lm2vX9")) throw new Error(`the squiggle is at ${await mark.innerText()}`);
  ok("the squiggle stands under the credential in its cell");

  await mark.hover();
  const tooltip = page.locator(".cm-tooltip .cm-diagnosticText, .cm-tooltip-lint").first();
  await tooltip.waitFor({ timeout: 20_000 });
  const text = await tooltip.innerText();
  if (!text.includes("is written in the source") || text.includes("Lm2vX9")) throw new Error(text);
  ok("the tooltip says what is wrong");
  fs.mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/jupyterlab.png` });

  // A secret that one cell reads and another prints: the cells are one program.
  const printed = page.locator(".jp-Notebook .jp-CodeCell", { hasText: "print(token)" });
  await printed.scrollIntoViewIfNeeded();
  await printed.locator(".cm-lintRange").first().waitFor({ timeout: 20_000 });
  ok("the flow between cells is followed");

  await cell.locator(".cm-line", { hasText: "password" }).click();
  await page.keyboard.press("End");
  for (let i = 0; i < 13; i++) await page.keyboard.press("Backspace");
  await page.keyboard.type("read())");
  await until("the squiggle is gone", async () => (await cell.locator(".cm-lintRange-error").count()) === 0);
  ok("it goes when the credential goes");
  console.log(`${passed} passed, 0 failed`);
  status = 0;
} catch (error) {
  console.log(`  FAIL ${String(error).split("\n")[0]}\n${passed} passed, 1 failed`);
  await browser?.contexts()[0]?.pages()[0]?.screenshot({ path: `${WORK}/last.png` });
} finally {
  await browser?.close();
  try {
    process.kill(-lab.pid, "SIGTERM");
  } catch {}
  await new Promise((resolve) => setTimeout(resolve, 500));
  try {
    process.kill(-lab.pid, "SIGKILL");
  } catch {}
  process.exit(status);
}
