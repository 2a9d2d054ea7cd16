// "Check Workspace": one run of `credscope check` per folder; findings of files that are not open go to the Problems view.

import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import { run } from "./run";
import { serverSettings, setting } from "./settings";
import type { Session } from "./session";

interface Position {
  line: number;
  column: number;
}
interface Range {
  start: Position;
  end: Position;
}
interface Finding {
  code: string;
  severity: "error" | "warning" | "info" | "hint";
  message: string;
  path: string;
  range: Range;
  related: { message: string; path: string; range: Range }[];
}
interface Report {
  findings: Finding[];
  problems: { path: string; message: string }[];
}

const SEVERITIES = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

export class WorkspaceCheck implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection("credscope workspace");
  private readonly subscription: vscode.Disposable;

  constructor(private readonly session: Session) {
    // An open file belongs to the server.
    this.subscription = vscode.window.tabGroups.onDidChangeTabs(() => {
      for (const uri of shown()) this.collection.delete(uri);
    });
  }

  /** Number of findings, or `undefined` when nothing ran to the end. */
  async check(): Promise<number | undefined> {
    const program = this.session.program;
    if (!program) {
      void vscode.window.showErrorMessage("credscope is not running.");
      return undefined;
    }
    const folders = (vscode.workspace.workspaceFolders ?? []).filter((f) => f.uri.scheme === "file");
    const options = { location: vscode.ProgressLocation.Notification, title: "credscope", cancellable: true };
    // The same findings as in open files.
    const settings = JSON.stringify(serverSettings());
    const reports = await vscode.window.withProgress(options, async (progress, token) => {
      const done: [string, Report][] = [];
      for (const folder of folders) {
        progress.report({ message: `checking ${folder.name}`, increment: 100 / folders.length });
        const outcome = await run(program.path, ["check", "--format", "json", "--settings", settings, "."], folder.uri.fsPath, token);
        if (!outcome) return undefined;
        if (!outcome.stdout.trim()) throw new Error(outcome.stderr.trim() || `credscope ended with ${outcome.status}`);
        done.push([folder.uri.fsPath, JSON.parse(outcome.stdout) as Report]);
      }
      return done;
    });
    if (!reports) return undefined;
    const rules = await run(program.path, ["rules", "--format", "json"], this.session.workingFolder);
    const pages = new Map((JSON.parse(rules?.stdout || "[]") as { code: string; url: string }[]).map((r) => [r.code, r.url]));
    return this.show(reports, pages);
  }

  private async show(reports: [string, Report][], pages: Map<string, string>): Promise<number> {
    this.collection.clear();
    const open = new Set(shown().map((uri) => uri.toString()));
    const files = new Map<string, Finding[]>();
    const roots = new Map<string, string>();
    const unread: string[] = [];
    for (const [folder, report] of reports) {
      for (const finding of report.findings) {
        // A place inside an archive is shown at the archive.
        const file = path.resolve(folder, finding.path.split("!/")[0] ?? finding.path);
        roots.set(file, folder);
        files.set(file, [...(files.get(file) ?? []), finding]);
      }
      unread.push(...report.problems.map((p) => `${p.path}: ${p.message}`));
    }
    let count = 0;
    for (const [file, findings] of files) {
      count += findings.length;
      const uri = vscode.Uri.file(file);
      if (!open.has(uri.toString()) && setting<string>("workspaceDiagnostics", "openFilesOnly") === "openFilesOnly") {
        this.collection.set(uri, diagnosticsOf(file, findings, pages, roots.get(file) ?? ""));
      }
    }
    for (const line of unread) this.session.log.warn(line);
    const summary = `${count} finding${count === 1 ? "" : "s"} in ${files.size} file${files.size === 1 ? "" : "s"}.`;
    if (unread.length > 0) {
      void vscode.window.showWarningMessage(`${summary} ${unread.length} could not be read: see the log.`, "Show Logs").then((choice) => {
        if (choice) this.session.log.show();
      });
    } else {
      void vscode.window.showInformationMessage(summary);
    }
    if (count > 0) await vscode.commands.executeCommand("workbench.actions.view.problems");
    return count;
  }

  dispose(): void {
    this.collection.dispose();
    this.subscription.dispose();
  }
}

/** Files with a tab: what VS Code calls open may have been closed long ago. */
function shown(): vscode.Uri[] {
  const inputs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).map((tab) => tab.input as { uri?: unknown } | undefined);
  return inputs.map((input) => input?.uri).filter((uri) => uri instanceof vscode.Uri);
}

/** Ranges of a report, which counts characters, in a file, where VS Code counts UTF-16 units. */
function ranges(file: string): (range: Range) => vscode.Range {
  let lines: string[] = [];
  if (!file.endsWith(".dbc")) {
    try {
      lines = fs.readFileSync(file, "utf8").split(/\r\n|\n|\r/);
    } catch {
      // Gone since: positions stay as they are.
    }
  }
  const place = ({ line, column }: Position) => {
    const units = [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length;
    return new vscode.Position(line - 1, lines[line - 1] === undefined ? column - 1 : units);
  };
  return ({ start, end }) => new vscode.Range(place(start), place(end));
}

function diagnosticsOf(file: string, findings: Finding[], pages: Map<string, string>, folder: string): vscode.Diagnostic[] {
  const own = ranges(file);
  return findings.map((finding) => {
    const diagnostic = new vscode.Diagnostic(own(finding.range), finding.message, SEVERITIES[finding.severity]);
    diagnostic.source = "credscope";
    const page = pages.get(finding.code);
    diagnostic.code = page ? { value: finding.code, target: vscode.Uri.parse(page) } : finding.code;
    diagnostic.relatedInformation = finding.related.map(({ message, path: at, range }) => {
      const other = path.resolve(folder, at.split("!/")[0] ?? at);
      return new vscode.DiagnosticRelatedInformation(new vscode.Location(vscode.Uri.file(other), (other === file ? own : ranges(other))(range)), message);
    });
    return diagnostic;
  });
}
