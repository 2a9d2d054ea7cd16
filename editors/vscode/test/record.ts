// What a transcript of VS Code should hold: a file and a notebook, findings, the menu, a fix, a hover, a completion.

import * as vscode from "vscode";
import { actions, findings, found, gone, open, openNotebook, runAll, take, test, until } from "./harness";

test("a visit", async () => {
  const { document } = await open("settings.py");
  const [finding] = await findings(document.uri, "CS106");
  await vscode.commands.executeCommand("vscode.executeHoverProvider", document.uri, finding!.range.start.translate(0, 1));
  await take((await actions(document.uri, finding!.range))[0]);
  await gone(document.uri, "CS106");
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, new vscode.Position(document.lineCount, 0), 'other = dbutils.secrets.get(scope="');
  await vscode.workspace.applyEdit(edit);
  const end = document.lineAt(document.lineCount - 1).range.end;
  await vscode.commands.executeCommand("vscode.executeCompletionItemProvider", document.uri, end);
  const notebook = await openNotebook("sales.ipynb");
  const cell = notebook.cellAt(2).document;
  const [option] = await findings(cell.uri, "CS102");
  await take((await actions(cell.uri, option!.range))[0]);
  await gone(cell.uri, "CS102");
  const change = new vscode.WorkspaceEdit();
  change.set(notebook.uri, [vscode.NotebookEdit.deleteCells(new vscode.NotebookRange(1, 2))]);
  await vscode.workspace.applyEdit(change);
  await until("the print is harmless", () => notebook.getCells().every((c) => found(c.document.uri).every((d) => d.code !== "CS201")));
});

export const run = runAll;
