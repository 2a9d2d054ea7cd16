// What stands between VS Code and the server.

import * as vscode from "vscode";
import { vsdiag, type Middleware } from "vscode-languageclient/node";
import { offerProvisioning, SERVER_COMMAND } from "./provisioning";
import { runsOnSave } from "./settings";
import type { Session } from "./session";

const OPEN_PAGE = "credscope.openRulePage";

export function middleware(session: Session): Middleware {
  return {
    sendRequest: (type, param, token, next) => {
      session.trace(nameOf(type));
      return next(type, param, token);
    },
    sendNotification: (type, next, params) => {
      session.trace(nameOf(type));
      return next(type, params);
    },
    provideDiagnostics: (document, previousResultId, token, next) => {
      // Also a refresh that the server asks for comes through here: with `run: onSave` no unsaved text is ever pulled.
      if (runsOnSave() && !(document instanceof vscode.Uri) && isUnsaved(document)) {
        return { kind: vsdiag.DocumentDiagnosticReportKind.unChanged, resultId: previousResultId ?? "" };
      }
      return next(document, previousResultId, token);
    },
    provideCodeActions: async (document, range, context, token, next) => {
      const actions = (await next(document, range, context, token)) ?? [];
      return [...actions, ...pageActions(document, range, context)];
    },
    // What stands in the menu from here is not the server's to complete.
    resolveCodeAction: async (action, token, next) => {
      if (action.command?.command === OPEN_PAGE) return action;
      const resolved = await next(action, token);
      // Edits are asked for when they are about to be made.
      if (resolved?.edit && resolved.title.startsWith("Move ")) session.steps.done("fix");
      return resolved;
    },
    provideHover: async (document, position, token, next) => {
      const hover = await next(document, position, token);
      return hover && new vscode.Hover(hover.contents.map((part) => withoutMessages(part, document)), hover.range);
    },
    executeCommand: async (command, args, next) =>
      command === SERVER_COMMAND ? offerProvisioning(session, args) : next(command, args),
  };
}

const nameOf = (type: string | { method: string }): string => (typeof type === "string" ? type : type.method);

/** VS Code shows the messages of the findings above every hover: they are not said twice. */
function withoutMessages(part: vscode.MarkdownString | vscode.MarkedString, document: vscode.TextDocument): vscode.MarkdownString | vscode.MarkedString {
  if (!(part instanceof vscode.MarkdownString)) return part;
  const messages = vscode.languages.getDiagnostics(document.uri).map((d) => `\n\n${d.message}\n\n`);
  part.value = messages.reduce((text, message) => text.replace(message, "\n\n"), part.value);
  return part;
}

/** Whether the text of a document, or of a cell's notebook, differs from what is on disk. */
function isUnsaved(document: vscode.TextDocument): boolean {
  if (document.uri.scheme !== "vscode-notebook-cell") return document.isDirty && !document.isUntitled;
  const notebook = vscode.workspace.notebookDocuments.find((n) => n.getCells().some((c) => c.document === document));
  return notebook !== undefined && notebook.isDirty && !notebook.isUntitled;
}

/** The last entries of the menu: the pages of the rules that apply here. */
function pageActions(document: vscode.TextDocument, range: vscode.Range, context: vscode.CodeActionContext): vscode.CodeAction[] {
  if (context.only && !context.only.contains(vscode.CodeActionKind.QuickFix) && !vscode.CodeActionKind.QuickFix.contains(context.only)) {
    return [];
  }
  const here = vscode.languages
    .getDiagnostics(document.uri)
    .filter((d) => d.source === "credscope" && d.range.intersection(range) !== undefined);
  const codes = [...new Set(here.map(ruleCode).filter((c) => c !== undefined))];
  return codes.map((code) => {
    const action = new vscode.CodeAction(`Open the page of rule ${code}`, vscode.CodeActionKind.QuickFix);
    action.diagnostics = here.filter((d) => ruleCode(d) === code);
    action.command = { command: OPEN_PAGE, title: action.title, arguments: [code] };
    return action;
  });
}

export function ruleCode(diagnostic: vscode.Diagnostic): string | undefined {
  const code = typeof diagnostic.code === "object" ? diagnostic.code.value : diagnostic.code;
  return code === undefined ? undefined : String(code);
}
