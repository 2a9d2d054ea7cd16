// The commands of the palette.

import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import { ruleCode } from "./middleware";
import { showProvisioning } from "./provisioning";
import { run } from "./run";
import { CONFIG, SAMPLE } from "./sample";
import type { Session } from "./session";
import { activeUris } from "./status";
import { WorkspaceCheck } from "./workspaceCheck";

const RULE_SCHEME = "credscope-rule";

export function registerCommands(session: Session): vscode.Disposable[] {
  const workspace = new WorkspaceCheck(session);
  const command = (name: string, body: (...args: never[]) => unknown) =>
    vscode.commands.registerCommand(`credscope.${name}`, async (...args: never[]) => {
      try {
        return await body(...args);
      } catch (error) {
        session.log.error(String(error));
        void vscode.window.showErrorMessage(`credscope: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      }
    });
  return [
    workspace,
    vscode.workspace.registerTextDocumentContentProvider(RULE_SCHEME, { provideTextDocumentContent: (uri) => rulePage(session, uri) }),
    command("restart", () => session.restart()),
    command("showLogs", () => session.log.show()),
    command("checkWorkspace", () => workspace.check()),
    command("fixAll", () => fixAll()),
    command("showProvisioningCommands", () => showProvisioning(session, activeUris().slice(0, 1).map((uri) => ({ uri: uri.toString() })))),
    command("openRulePage", (code?: string) => openRulePage(code)),
    command("createConfig", () => createConfig(session)),
    command("createBaseline", () => createBaseline(session)),
    command("openSample", () => openSample().then(() => session.steps.done("sample"))),
  ];
}

/** Applies the fixes that cannot break the run: scope and key are declared. Returns whether there were any. */
async function fixAll(): Promise<boolean> {
  const notebook = vscode.window.activeNotebookEditor !== undefined;
  const kind = vscode.CodeActionKind.Empty.append(notebook ? "notebook.source.fixAll.credscope" : "source.fixAll.credscope");
  const uri = activeUris()[0];
  if (!uri) return false;
  const range = new vscode.Range(0, 0, Number.MAX_SAFE_INTEGER, 0);
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>("vscode.executeCodeActionProvider", uri, range, kind.value, 5);
  const edit = actions?.find((action) => action.kind?.value === kind.value && action.edit)?.edit;
  if (!edit) {
    void vscode.window.showInformationMessage("No safe fix here. A fix is safe when its scope and key are declared in credscope.toml.");
    return false;
  }
  return vscode.workspace.applyEdit(edit);
}

async function openRulePage(code?: string): Promise<void> {
  const rule = code ?? codeAtCursor();
  if (!rule) {
    void vscode.window.showInformationMessage("No finding here.");
    return;
  }
  const uri = vscode.Uri.from({ scheme: RULE_SCHEME, path: `/${rule}.md` });
  await vscode.commands.executeCommand("markdown.showPreview", uri);
}

function codeAtCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  const found = vscode.languages.getDiagnostics(editor.document.uri).filter((d) => d.source === "credscope");
  const here = found.find((d) => d.range.contains(editor.selection.active)) ?? found.find((d) => d.range.start.line === editor.selection.active.line);
  return here && ruleCode(here);
}

/** The page as the running program knows it: it fits the version, and needs no network. */
async function rulePage(session: Session, uri: vscode.Uri): Promise<string> {
  const program = session.program;
  const rule = path.posix.basename(uri.path, ".md");
  if (!program || !/^[\w-]+$/.test(rule)) return "credscope is not running.";
  const outcome = await run(program.path, ["explain", rule], session.workingFolder);
  return outcome?.stdout || outcome?.stderr || "";
}

async function folder(): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.length > 1 ? vscode.window.showWorkspaceFolderPick() : folders[0];
}

async function createConfig(session: Session): Promise<void> {
  const at = await folder();
  if (!at) return;
  const uri = vscode.Uri.joinPath(at.uri, "credscope.toml");
  if (!fs.existsSync(uri.fsPath)) fs.writeFileSync(uri.fsPath, CONFIG);
  session.steps.done("gate");
  await vscode.window.showTextDocument(uri);
}

async function createBaseline(session: Session): Promise<void> {
  const at = await folder();
  if (!at || !session.program) return;
  const program = session.program.path;
  const options = { location: vscode.ProgressLocation.Notification, title: "credscope: writing the baseline", cancellable: true };
  const outcome = await vscode.window.withProgress(options, (_, token) => run(program, ["baseline"], at.uri.fsPath, token));
  if (!outcome) return;
  const last = outcome.stderr.trim().split("\n").at(-1) ?? "";
  if (outcome.status !== 0) throw new Error(last || `credscope ended with ${outcome.status}`);
  session.steps.done("gate");
  const file = vscode.Uri.joinPath(at.uri, "credscope-baseline.json");
  const open = "Open";
  const choice = await vscode.window.showInformationMessage(
    `${last}. Findings in it are not reported by credscope check --baseline credscope-baseline.json.`,
    open,
  );
  if (choice === open) await vscode.window.showTextDocument(file);
}

async function openSample(): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: "python", content: SAMPLE });
  const editor = await vscode.window.showTextDocument(document);
  const at = document.positionAt(SAMPLE.indexOf("q7#") + 1);
  editor.selection = new vscode.Selection(at, at);
}
