// What every suite uses: tests in order, states to wait for, the hands of a user.

import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import type { Api } from "../src/extension";

type Body = () => Promise<void>;
const tests: [string, Body][] = [];

export function test(name: string, body: Body): void {
  tests.push([name, body]);
}

export async function runAll(): Promise<void> {
  const rows: { name: string; ms: number; error?: string }[] = [];
  for (const [name, body] of tests.filter(([name]) => new RegExp(process.env.CREDSCOPE_ONLY ?? "").test(name))) {
    const start = Date.now();
    try {
      await body();
      rows.push({ name, ms: Date.now() - start });
    } catch (error) {
      await ask("picture", { name: `failed-${rows.length}` }).catch(() => undefined);
      rows.push({ name, ms: Date.now() - start, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
    await reset().catch(() => undefined);
  }
  const out = process.env.E2E_OUT ?? "";
  fs.writeFileSync(out + ".tmp", JSON.stringify({ version: vscode.version, rows }));
  fs.renameSync(out + ".tmp", out);
}

/** Waits for a state, not for a time. */
export async function until<T>(what: string, look: () => T | undefined | false | Thenable<T | undefined | false>, ms = Number(process.env.CREDSCOPE_PATIENCE ?? 20_000)): Promise<T> {
  const start = Date.now();
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() - start > ms) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

export function equal<T>(seen: T, expected: T): void {
  const [a, b] = [JSON.stringify(seen), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${a} is not ${b}`);
}

export function has(text: string, piece: string | RegExp): void {
  if (!(typeof piece === "string" ? text.includes(piece) : piece.test(text))) throw new Error(`no ${piece} in: ${text}`);
}

export function hasNot(text: string, piece: string): void {
  if (text.includes(piece)) throw new Error(`${piece} in: ${text}`);
}

let asked = 0;
/** Asks the driver to do or to look at something in the window. */
export async function ask<T = unknown>(method: string, params: Record<string, unknown> = {}): Promise<T> {
  const base = path.join(path.dirname(process.env.E2E_OUT ?? ""), String(++asked));
  fs.writeFileSync(base + ".tmp", JSON.stringify({ method, params }));
  fs.renameSync(base + ".tmp", base + ".ask");
  const reply = await until(`an answer to ${method}`, () => fs.existsSync(base + ".answer") && JSON.parse(fs.readFileSync(base + ".answer", "utf8")), 30_000);
  if (reply.error) throw new Error(`${method}: ${reply.error}`);
  return reply.value as T;
}

export const texts = (selector: string): Promise<string[]> => ask("texts", { selector });

export function workspace(name = ""): string {
  return path.join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "", name);
}

export async function api(): Promise<Api> {
  const extension = vscode.extensions.getExtension<Api>("credscope.credscope");
  if (!extension) throw new Error("the extension is not there");
  const exports = await extension.activate();
  await exports.settled();
  return exports;
}

export const found = (uri: vscode.Uri): vscode.Diagnostic[] => vscode.languages.getDiagnostics(uri).filter((d) => d.source === "credscope");

export function findings(uri: vscode.Uri, code: string): Promise<vscode.Diagnostic[]> {
  return until(`${code} in ${uri.path}`, () => {
    const rows = found(uri).filter((d) => codeOf(d) === code);
    return rows.length > 0 && rows;
  });
}

export const clean = (uri: vscode.Uri): Promise<true> => until(`no finding in ${uri.path}`, () => found(uri).length === 0 && (true as const));

/** What follows a fix may be advice: only the finding itself has to go. */
export const gone = (uri: vscode.Uri, code: string): Promise<true> =>
  until(`no ${code} in ${uri.path}`, () => !found(uri).some((d) => codeOf(d) === code) && (true as const));

export const codeOf = (d: vscode.Diagnostic): string => String(typeof d.code === "object" ? d.code.value : d.code);

export async function open(name: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(vscode.Uri.file(workspace(name)), { preview: false });
}

export async function openNotebook(name: string): Promise<vscode.NotebookDocument> {
  const notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.file(workspace(name)));
  await vscode.window.showNotebookDocument(notebook, { preview: false });
  return notebook;
}

/** Complete actions. Where a configuration changed between menu and choice, the edit is refused: then, as a user would, once more. */
export async function actions(uri: vscode.Uri, range: vscode.Range, kind = "quickfix"): Promise<vscode.CodeAction[]> {
  return until("actions with edits", async () => {
    const offered = await vscode.commands.executeCommand<vscode.CodeAction[]>("vscode.executeCodeActionProvider", uri, range, kind, 40);
    const all = offered.filter((a) => a.kind?.value.startsWith(kind));
    return all.every((a) => a.edit || a.command) && all;
  });
}

export const MOVE = /^Move to secret scope `/;
export const move = (all: vscode.CodeAction[]): vscode.CodeAction | undefined => all.find((a) => MOVE.test(a.title));

/** Applies an action as the menu does: its edit, then its command, not waiting for the user's answer. */
export async function take(action: vscode.CodeAction | undefined): Promise<void> {
  if (!action) throw new Error("no such action");
  if (!action.edit && !action.command) throw new Error(`nothing to apply: ${action.title}`);
  if (action.edit && !(await vscode.workspace.applyEdit(action.edit))) throw new Error(`not applied: ${action.title}`);
  if (action.command) void vscode.commands.executeCommand(action.command.command, ...(action.command.arguments ?? []));
}

export async function closeAll(): Promise<void> {
  for (let tries = 0; tries < 40 && vscode.window.tabGroups.all.some((g) => g.tabs.length > 0); tries++) {
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  }
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  await vscode.commands.executeCommand("notifications.clearAll");
}

/** Texts of the notifications; VS Code shows no toasts under a test driver, but lists them. */
export async function notice(piece: string): Promise<string> {
  return until(`a notice with "${piece}"`, async () => {
    await vscode.commands.executeCommand("notifications.showList");
    return (await texts(".notification-list-item")).find((t) => t.includes(piece));
  });
}

export const KEYS = ["enable", "path", "run", "select", "ignore", "severity", "secrets.scope", "secrets.keyCase", "secrets.declared", "showProvisioningHint", "trace.server", "workspaceDiagnostics"];

/** As each test finds it. */
async function reset(): Promise<void> {
  await closeAll();
  fs.rmSync(workspace("credscope.toml"), { force: true });
  for (const key of KEYS) {
    if (vscode.workspace.getConfiguration("credscope").inspect(key)?.workspaceValue !== undefined) await configure(key, undefined);
  }
}

export async function configure(key: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration("credscope").update(key, value, vscode.ConfigurationTarget.Workspace);
}
