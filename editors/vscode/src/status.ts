// The language status item: is the server there, and how many findings has the active file.

import * as vscode from "vscode";
import { LANGUAGES } from "./selector";

export class Status implements vscode.Disposable {
  private readonly item: vscode.LanguageStatusItem;
  private readonly subscriptions: vscode.Disposable[];
  private state: { text: string; severity: vscode.LanguageStatusSeverity; busy: boolean } | undefined;

  constructor() {
    this.item = vscode.languages.createLanguageStatusItem("credscope.status", [
      ...LANGUAGES.map((language) => ({ language })),
      { scheme: "vscode-notebook-cell" },
      { pattern: "**/*.{scala,sc,tf,tfvars,conf}" },
    ]);
    this.item.name = "credscope";
    this.starting();
    const update = () => this.show();
    this.subscriptions = [
      vscode.languages.onDidChangeDiagnostics(update),
      vscode.window.onDidChangeActiveTextEditor(update),
      vscode.window.onDidChangeActiveNotebookEditor(update),
    ];
  }

  starting(): void {
    this.set("starting", vscode.LanguageStatusSeverity.Information, "", true, "credscope.showLogs", "Logs");
  }

  running(version: string, origin: string): void {
    this.item.detail = `${version}, ${origin}`;
    this.item.command = { command: "credscope.showLogs", title: "Logs" };
    this.state = undefined;
    this.show();
  }

  off(why: string): void {
    this.set("off", vscode.LanguageStatusSeverity.Information, why, false, "workbench.action.openSettings", "Settings");
  }

  failed(why: string): void {
    this.set("not running", vscode.LanguageStatusSeverity.Error, why, false, "credscope.restart", "Restart");
  }

  private set(
    text: string,
    severity: vscode.LanguageStatusSeverity,
    detail: string,
    busy: boolean,
    command: string,
    title: string,
  ): void {
    this.state = { text, severity, busy };
    this.item.detail = detail;
    const args = command.endsWith("openSettings") ? ["credscope"] : undefined;
    this.item.command = args ? { command, title, arguments: args } : { command, title };
    this.show();
  }

  private show(): void {
    if (this.state) {
      this.item.text = `credscope: ${this.state.text}`;
      this.item.severity = this.state.severity;
      this.item.busy = this.state.busy;
      return;
    }
    const found = activeUris().flatMap((uri) => vscode.languages.getDiagnostics(uri).filter((d) => d.source === "credscope"));
    const worst = found.some((d) => d.severity === vscode.DiagnosticSeverity.Error);
    this.item.text = found.length === 0 ? "credscope: no findings" : `credscope: ${found.length} finding${found.length === 1 ? "" : "s"}`;
    this.item.severity =
      found.length === 0
        ? vscode.LanguageStatusSeverity.Information
        : worst
          ? vscode.LanguageStatusSeverity.Error
          : vscode.LanguageStatusSeverity.Warning;
    this.item.busy = false;
  }

  /** For the tests. */
  get text(): string {
    return this.item.text;
  }

  dispose(): void {
    this.item.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}

/** Documents of the active editor: a file, or all cells of a notebook. */
export function activeUris(): vscode.Uri[] {
  const editor = vscode.window.activeTextEditor;
  const notebook = vscode.window.activeNotebookEditor?.notebook;
  if (notebook && (!editor || editor.document.uri.scheme === "vscode-notebook-cell")) {
    return notebook.getCells().map((cell) => cell.document.uri);
  }
  return editor ? [editor.document.uri] : [];
}
