// The universal extension on a machine without the program.

import * as fs from "node:fs";
import * as vscode from "vscode";
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

test("the order: Python environment of the workspace, then the setting", async () => {
  const program = process.env.CREDSCOPE_REAL ?? "";
  fs.mkdirSync(workspace(".venv/bin"), { recursive: true });
  fs.symlinkSync(program, workspace(".venv/bin/credscope"));
  await vscode.commands.executeCommand("credscope.restart");
  equal((await api()).program()?.origin, "Python environment");
  await findings((await open("settings.py")).document.uri, "CS106");
  await configure("path", "${workspaceFolder}/.venv/bin/credscope");
  await until("the setting", async () => (await api()).program()?.origin === "setting credscope.path");
  equal((await api()).program()?.path, workspace(".venv/bin/credscope"));
});

export const run = runAll;
