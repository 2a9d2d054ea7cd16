// Runs one suite inside a real VS Code: its server as a process, its workbench in Chromium.
// node driver.mjs SUITE   env: VSCODE, NODE (its Node), EXT (unpacked extension), WS (workspace, changed by the suite),
//                          CREDSCOPE_SHOTS (folder for pictures), SETTINGS (JSON), TRUST=1 (keep workspace trust on)
// The suite asks for what only a user can do (click, press, look) through files beside its result.
import { spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const [suite] = process.argv.slice(2).map((p) => path.resolve(p));
const at = (key) => path.resolve(process.env[key]);
const cache = path.resolve(import.meta.dirname, "../.cache");
const { chromium } = createRequire(cache + "/pw/")("playwright-core");
const port = await new Promise((resolve) => {
  const probe = net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const authority = `127.0.0.1:${port}`;
const data = fs.mkdtempSync(path.join(os.tmpdir(), "credscope-vscode-"));
const result = path.join(data, "result.json");
const settings = {
  "chat.disableAIFeatures": true,
  "workbench.startupEditor": "none",
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.tips.enabled": false,
  "telemetry.telemetryLevel": "off",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "editor.minimap.enabled": false,
  "problems.autoReveal": false,
  "editor.occurrencesHighlight": "off",
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "never",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "files.autoSave": "off",
  ...JSON.parse(process.env.SETTINGS ?? "{}"),
};
fs.mkdirSync(data + "/data/Machine", { recursive: true });
fs.writeFileSync(data + "/data/Machine/settings.json", JSON.stringify(settings));

// A notebook type that VS Code does not bring.
const other = data + "/extensions/credscope-test.notebook-type-0.0.1";
const notebooks = [{ type: "credscope-test-notebook", displayName: "Test notebook", selector: [{ filenamePattern: "*.testbook" }] }];
fs.mkdirSync(other, { recursive: true });
const manifest = { name: "notebook-type", publisher: "credscope-test", version: "0.0.1", engines: { vscode: "^1.99.0" }, contributes: { notebooks } };
fs.writeFileSync(other + "/package.json", JSON.stringify(manifest));

const args = ["--host", "127.0.0.1", "--port", String(port), "--without-connection-token", "--accept-server-license-terms"];
args.push("--server-data-dir", data, "--extensions-dir", data + "/extensions", "--disable-telemetry", "--telemetry-level", "off");
args.push("--disable-experiments", "--skip-welcome", "--enable-smoke-test-driver");
if (!process.env.TRUST) args.push("--disable-workspace-trust");
const server = spawn(at("NODE"), [at("VSCODE") + "/out/server-main.js", ...args], {
  detached: true,
  env: { ...process.env, E2E_OUT: result },
  stdio: ["ignore", fs.openSync(data + "/server.log", "w"), fs.openSync(data + "/server.err", "w")],
});
const gone = new Promise((resolve) => server.once("exit", resolve));

async function until(what, ready, ms) {
  for (const start = Date.now(); !(await ready()); ) {
    if (Date.now() - start > ms) throw new Error(`timeout: ${what}; see ${data}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What a suite can ask the window for. */
function hands(page) {
  return {
    texts: ({ selector }) => page.locator(selector).allInnerTexts(),
    click: ({ selector, text }) => page.locator(selector, text ? { hasText: text } : undefined).first().click({ timeout: 10_000 }),
    hover: ({ selector }) => page.locator(selector).first().hover({ timeout: 10_000 }),
    size: ({ height }) => page.setViewportSize({ width: 1180, height }),
    press: ({ key }) => page.keyboard.press(key),
    type: ({ text }) => page.keyboard.type(text),
    // Two frames that look the same: nothing moves any more.
    settle: async ({ stay }) => {
      if (!stay) await page.mouse.move(300, 2);
      for (let last = "", tries = 0; tries < 40; tries++) {
        const now = (await page.screenshot()).toString("base64");
        if (now === last) return;
        last = now;
        await page.waitForTimeout(100);
      }
    },
    picture: async ({ name, clip }) => {
      if (!process.env.CREDSCOPE_SHOTS) return;
      fs.mkdirSync(at("CREDSCOPE_SHOTS"), { recursive: true });
      await page.screenshot({ path: path.join(at("CREDSCOPE_SHOTS"), name + ".png"), ...(clip && { clip }) });
    },
  };
}

let status = 1;
let browser;
try {
  await until("the server", () => fetch(`http://${authority}/version`).then((r) => r.ok, () => false), 30_000);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: 1180, height: 720 } });
  const remote = (file) => `vscode-remote://${authority}${file}`;
  const payload = [["extensionDevelopmentPath", remote(at("EXT"))], ["extensionTestsPath", remote(suite)]];
  await page.goto(`http://${authority}/?folder=${at("WS")}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
  const hand = hands(page);
  const answer = async () => {
    for (const name of fs.readdirSync(data).filter((f) => f.endsWith(".ask"))) {
      const file = path.join(data, name);
      const { method, params } = JSON.parse(fs.readFileSync(file, "utf8"));
      let reply;
      try {
        reply = { value: (await hand[method](params)) ?? null };
      } catch (error) {
        reply = { error: String(error).split("\n")[0] };
      }
      fs.rmSync(file);
      fs.writeFileSync(file + ".tmp", JSON.stringify(reply));
      fs.renameSync(file + ".tmp", file.replace(/\.ask$/, ".answer"));
    }
  };
  await until("the suite", async () => (await answer(), fs.existsSync(result)), 480_000).catch(async (error) => {
    await page.screenshot({ path: data + "/last.png" });
    throw error;
  });
  const { version, rows } = JSON.parse(fs.readFileSync(result, "utf8"));
  const failed = rows.filter((row) => row.error);
  console.log(`VS Code ${version}, ${path.basename(suite, ".js")}`);
  for (const row of rows) console.log(`  ${row.error ? "FAIL" : "ok  "} ${row.name} (${row.ms} ms)${row.error ? "\n" + row.error : ""}`);
  if (failed.length > 0) {
    await page.screenshot({ path: data + "/last.png" });
    console.log(`see ${data}`);
  }
  console.log(`${rows.length - failed.length} passed, ${failed.length} failed`);
  status = failed.length > 0 || rows.length === 0 ? 1 : 0;
} catch (error) {
  console.error(String(error));
} finally {
  await browser?.close();
  // VS Code starts helpers of its own: the whole group ends.
  try {
    process.kill(-server.pid, "SIGTERM");
  } catch {}
  await gone;
  await new Promise((resolve) => setTimeout(resolve, 300));
  try {
    process.kill(-server.pid, "SIGKILL");
  } catch {}
  if (status === 0) fs.rmSync(data, { recursive: true, force: true });
  process.exit(status);
}
