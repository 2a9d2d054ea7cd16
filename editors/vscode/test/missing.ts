// The universal extension on a machine without the program.

import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import { locate, OLDEST, type NotUsable, type Surroundings } from "../src/locate";
import { api, ask, configure, equal, findings, has, notice, open, runAll, test, until, workspace } from "./harness";

test("no program: a message with a next step", async () => {
  await open("settings.py");
  const extension = await api();
  equal(extension.program(), undefined);
  const text = await notice("was not found");
  has(text, "pip install credscope");
  has(text, "Open Settings");
  await ask("picture", { name: "missing" });
  has(extension.status(), "not running");
});

test("a path that does not run, and a program that is too old, are said", async () => {
  const script = (name: string, body: string) => {
    fs.writeFileSync(workspace(name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return workspace(name);
  };
  await configure("path", script("broken", "exit 3"));
  await notice("does not run as credscope");
  await vscode.commands.executeCommand("notifications.clearAll");
  await configure("path", script("old", "echo credscope 0.0.9"));
  await notice("0.0.9");
  await notice("too old");
  await vscode.commands.executeCommand("notifications.clearAll");
});

test("the order: setting, environment variable, Python environment, PATH", async () => {
  const real = process.env.CREDSCOPE_REAL ?? "";
  const place = (folder: string) => {
    fs.mkdirSync(workspace(folder), { recursive: true });
    fs.symlinkSync(real, workspace(`${folder}/credscope`));
    return workspace(`${folder}/credscope`);
  };
  const restarted = async () => {
    await vscode.commands.executeCommand("credscope.restart");
    return (await api()).program();
  };
  // Each of them comes before those that were there already.
  const folders = process.env.PATH;
  process.env.PATH = `${folders}:${path.dirname(place("on-path"))}`;
  equal((await restarted())?.origin, "PATH");
  await findings((await open("settings.py")).document.uri, "CS106");
  const environment = place(".venv/bin");
  equal((await restarted())?.path, environment);
  equal((await restarted())?.origin, "Python environment");
  process.env.CREDSCOPE_PATH = place("by-variable");
  equal((await restarted())?.origin, "environment variable CREDSCOPE_PATH");
  await configure("path", "${workspaceFolder}/.venv/bin/credscope");
  await until("the setting", async () => (await api()).program()?.origin === "setting credscope.path");
  equal((await api()).program()?.path, environment);
  has((await api()).status(), /findings?$/);
  delete process.env.CREDSCOPE_PATH;
  process.env.PATH = folders;
});

/** A program that says its version. */
function fake(folder: string, version: string): string {
  const file = path.join(folder, "credscope");
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(file, `#!/bin/sh\necho credscope ${version}\n`, { mode: 0o755 });
  return file;
}

test("every place in its order, and only the bundled one where nothing is trusted", async () => {
  const root = workspace("places");
  const at: Surroundings = {
    setting: fake(`${root}/setting`, "1.0.1"),
    trusted: true,
    folders: [`${root}/project`],
    interpreters: [`${root}/interpreter/python`],
    extension: `${root}/extension`,
    env: {
      CREDSCOPE_PATH: fake(`${root}/variable`, "1.0.2"), VIRTUAL_ENV: `${root}/virtual`, CONDA_PREFIX: `${root}/conda`, PATH: `${root}/none:${root}/path`,
    },
  };
  const places: [folder: string, origin: string, without?: () => void][] = [
    ["setting", "setting credscope.path", () => (at.setting = " ")],
    ["variable", "environment variable CREDSCOPE_PATH", () => delete at.env.CREDSCOPE_PATH],
    ["interpreter", "Python environment"], ["project/.venv/bin", "Python environment"], ["project/venv/bin", "Python environment"],
    ["virtual/bin", "Python environment"], ["conda/bin", "Python environment"], ["path", "PATH"], ["extension/bundled", "bundled"],
  ];
  for (const [folder] of places) fake(path.join(root, folder), "1.0.0");
  equal(await locate({ ...at, trusted: false }), { path: path.join(root, "extension/bundled/credscope"), version: "1.0.0", origin: "bundled" });
  for (const [folder, origin, without] of places) {
    equal(await locate(at), { path: path.join(root, folder, "credscope"), version: "1.0.0", origin });
    without?.();
    fs.rmSync(path.join(root, folder), { recursive: true });
  }
  const why = (at: Surroundings) => locate(at).then(() => "found", (error: NotUsable) => `${error.kind}: ${error.message}`);
  equal(await why(at), "missing: The program credscope was not found.");
  // A program that is too old is passed over while there is another one, and named otherwise.
  const old = fake(`${root}/path`, "0.0.9");
  has(await why(at), `old: credscope 0.0.9 at ${old} is too old: this extension needs ${OLDEST} or later.`);
  fake(`${root}/extension/bundled`, OLDEST);
  equal((await locate(at)).origin, "bundled");
  // What the user named is not replaced silently.
  has(await why({ ...at, setting: old }), "old: ");
  has(await why({ ...at, setting: `${root}/nowhere` }), "broken: ");
});

export const run = runAll;
