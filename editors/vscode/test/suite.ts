// The extension in a real VS Code: findings and fixes in each kind of document, commands, settings, pictures.

import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as vscode from "vscode";
import {
  actions, api, ask, clean, closeAll, codeOf, configure, equal, findings, found, gone, has, hasNot, notice, open, openNotebook, runAll, take, test, texts,
  until, workspace,
} from "./harness";

const MOVE = /^Move to secret scope `/;
const move = (all: vscode.CodeAction[]) => all.find((a) => MOVE.test(a.title));

test("activates with the bundled program", async () => {
  await open("settings.py");
  const program = (await api()).program();
  equal(program?.origin, "bundled");
  has(program?.version ?? "", /^\d+\.\d+\.\d+$/);
});

async function fixedIn(name: string, code: string, expected: string): Promise<void> {
  const { document } = await open(name);
  const [finding] = await findings(document.uri, code);
  if (!finding) throw new Error("no finding");
  has(JSON.stringify(finding.code), "http");
  const all = await actions(document.uri, finding.range);
  equal(move(all)?.isPreferred, true);
  await take(move(all));
  has(document.getText(), expected);
  await until("the finding is gone", () => !found(document.uri).some((d) => codeOf(d) === code && d.range.start.line === finding.range.start.line));
}

test("a source notebook (.py): finding, fix, finding gone", () => fixedIn("job.py", "CS102", '.option("password", dbutils.secrets.get(scope='));
test("a %sql cell of a source notebook", () => fixedIn("job.py", "CS121", "# MAGIC OPTIONS (host 'crm.example.com', user secret("));
test("a .scala file, which a bare VS Code calls plain text", () => fixedIn("src/Load.scala", "CS101", 'put("password", dbutils.secrets.get(scope = '));
test("a .sql notebook", () => fixedIn("crm.sql", "CS121", "password secret("));

test("a bundle's YAML", async () => {
  const { document } = await open("databricks.yml");
  const finding = (await until("a finding", () => found(document.uri)[0])) as vscode.Diagnostic;
  await take(move(await actions(document.uri, finding.range)));
  has(document.getText(), "{{secrets/");
  await gone(document.uri, codeOf(finding));
});

test("a leak names the place where the secret was read", async () => {
  const { document } = await open("flow.py");
  const [finding] = await findings(document.uri, "CS209");
  const read = finding?.relatedInformation?.[0]?.location;
  equal(read?.uri.toString(), document.uri.toString());
  equal(read?.range.start.line, 1);
});

test("cells of a notebook, a %sql cell, and the flow between cells", async () => {
  const notebook = await openNotebook("sales.ipynb");
  const [, source, load, sql, print] = notebook.getCells().map((c) => c.document);
  if (!source || !load || !sql || !print) throw new Error("cells");
  const [option] = await findings(load.uri, "CS102");
  await findings(sql.uri, "CS121");
  const [printed] = await findings(print.uri, "CS201");
  equal(printed?.relatedInformation?.[0]?.location.uri.toString(), source.uri.toString());
  if (!option) throw new Error("no finding");
  await take(move(await actions(load.uri, option.range)));
  has(load.getText(), "dbutils.secrets.get(scope=");
  await gone(load.uri, "CS102");
  // What a cell reads decides about another cell: it is asked again.
  const edit = new vscode.WorkspaceEdit();
  edit.replace(source.uri, new vscode.Range(0, 0, 0, 1000), 'token = "none"');
  await vscode.workspace.applyEdit(edit);
  await until("the other cell follows", () => !found(print.uri).some((d) => codeOf(d) === "CS201"));
});

test("the menu: move, other scopes, all uses, ignore, the rule's page", async () => {
  fs.writeFileSync(workspace("credscope.toml"), '[secrets]\nscope = "shop"\ndeclared = { shop = ["password"], warehouse = ["password"] }\n');
  await open("settings.py");
  const { document } = await open("job.py");
  const titles = await until("the declared scopes", async () => {
    const [finding] = await findings(document.uri, "CS102");
    const seen = (await actions(document.uri, finding!.range)).map((a) => a.title);
    return seen.some((t) => t.includes("`warehouse`")) && seen.some((t) => /^Move all/.test(t)) && seen;
  });
  const expected = [/^Move to secret scope `shop`/, /`warehouse`/, /^Move all \d+ uses/, /^Ignore .* here with a reason/, /^Open the page of rule CS102/];
  const places = expected.map((piece) => titles.findIndex((t) => piece.test(t)));
  equal(places, [...places].sort((a, b) => a - b));
  equal([places[0], places.at(-1)], [0, titles.length - 1]);
  // The cursor in the middle of the value is enough.
  const [finding] = await findings(document.uri, "CS102");
  const cursor = finding!.range.start.translate(0, 2);
  has((await actions(document.uri, new vscode.Range(cursor, cursor)))[0]?.title ?? "", MOVE);
});

test("a change of credscope.toml is picked up", async () => {
  const { document } = await open("settings.py");
  const [finding] = await findings(document.uri, "CS106");
  if (!finding) throw new Error("no finding");
  fs.writeFileSync(workspace("credscope.toml"), '[secrets]\nscope = "warehouse"\ndeclared = { warehouse = ["db-password"] }\n');
  await until("the scope in the menu", async () => (await actions(document.uri, finding.range)).some((a) => a.title.includes("`warehouse`")));
  fs.writeFileSync(workspace("credscope.toml"), 'ignore = ["named-variable"]\n');
  await clean(document.uri);
  fs.rmSync(workspace("credscope.toml"));
  await findings(document.uri, "CS106");
});

test("settings: severity, ignore, scope, without a restart", async () => {
  const { document } = await open("settings.py");
  await findings(document.uri, "CS106");
  await configure("severity", { "named-variable": "info" });
  await until("the severity", () => found(document.uri)[0]?.severity === vscode.DiagnosticSeverity.Information);
  await configure("severity", undefined);
  await configure("ignore", ["CS106"]);
  await clean(document.uri);
  await configure("ignore", undefined);
  const [finding] = await findings(document.uri, "CS106");
  await configure("secrets.scope", "from-settings");
  await until("the scope", async () => (await actions(document.uri, finding!.range))[0]?.title.includes("`from-settings`"));
});

const servers = (): number =>
  fs.readdirSync("/proc").filter((pid) => {
    try {
      const [program, argument] = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return program?.endsWith("/bundled/credscope") && argument === "server";
    } catch {
      return false;
    }
  }).length;

test("switched off, on, and restarted: never two servers", async () => {
  const { document } = await open("settings.py");
  await findings(document.uri, "CS106");
  await configure("enable", false);
  await clean(document.uri);
  await until("no server", () => servers() === 0);
  has((await api()).status(), "off");
  await configure("enable", undefined);
  await findings(document.uri, "CS106");
  await Promise.all([vscode.commands.executeCommand("credscope.restart"), vscode.commands.executeCommand("credscope.restart")]);
  await findings(document.uri, "CS106");
  await until("one server", () => servers() === 1);
});

test("run on save: silent while typing, also when the server asks for a refresh", async () => {
  await configure("run", "onSave");
  fs.writeFileSync(workspace("typed.py"), "x = 1\n");
  const { document } = await open("typed.py");
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, new vscode.Position(1, 0), 'db_password = "q7#Lm2vX9"\n');
  await vscode.workspace.applyEdit(edit);
  equal(document.isDirty, true);
  // A change of configuration makes the server ask for everything again; another file shows that it did.
  const other = await vscode.workspace.openTextDocument(workspace("settings.py"));
  await vscode.window.showTextDocument(other, { preview: false, viewColumn: vscode.ViewColumn.Beside });
  await findings(other.uri, "CS106");
  await configure("severity", { "named-variable": "hint" });
  await until("the refresh", () => found(other.uri)[0]?.severity === vscode.DiagnosticSeverity.Hint);
  equal(found(document.uri).length, 0);
  await configure("severity", undefined);
  await until("the second refresh", () => found(other.uri)[0]?.severity === vscode.DiagnosticSeverity.Error);
  equal(found(document.uri).length, 0);
  await document.save();
  await findings(document.uri, "CS106");
});

test("run on save, in a notebook", async () => {
  await configure("run", "onSave");
  fs.copyFileSync(workspace("sales.ipynb"), workspace("saved.ipynb"));
  const notebook = await openNotebook("saved.ipynb");
  const cells = notebook.getCells().map((c) => c.document);
  await findings(cells[2]!.uri, "CS102");
  const edit = new vscode.WorkspaceEdit();
  edit.replace(cells[1]!.uri, new vscode.Range(0, 0, 0, 1000), 'db_password = "q7#Lm2vX9"');
  await vscode.workspace.applyEdit(edit);
  await configure("severity", { CS102: "hint" });
  const other = await open("job.py");
  await until("the refresh", () => found(other.document.uri).some((d) => codeOf(d) === "CS102" && d.severity === vscode.DiagnosticSeverity.Hint));
  equal(found(cells[1]!.uri).length, 0);
  await vscode.window.showNotebookDocument(notebook);
  await notebook.save();
  await findings(cells[1]!.uri, "CS106");
});

test("status: state and number of findings", async () => {
  const { document } = await open("settings.py");
  await findings(document.uri, "CS106");
  const status = (await api()).status;
  await until("one finding", () => status() === "credscope: 1 finding");
  fs.writeFileSync(workspace("calm.py"), "x = 1\n");
  await open("calm.py");
  await until("none", () => status() === "credscope: no findings");
});

test("check workspace: findings of files that are not open", async () => {
  const count = await vscode.commands.executeCommand<number>("credscope.checkWorkspace");
  if (!(count > 5)) throw new Error(`${count} findings`);
  const uri = vscode.Uri.file(workspace("src/Load.scala"));
  equal(found(uri).length, 1);
  equal(found(uri)[0]?.range.start.line, 6);
  // Once open, the server's finding is the only one.
  await open("src/Load.scala");
  await findings(uri, "CS101");
  await until("one finding", () => found(uri).length === 1);
});

test("fix all in a file takes safe fixes only", async () => {
  fs.writeFileSync(workspace("credscope.toml"), '[secrets]\nscope = "shop"\ndeclared = { shop = ["username", "password"] }\n');
  const { document } = await open("job.py");
  await until("the configuration", async () => {
    const [finding] = await findings(document.uri, "CS102");
    return (await actions(document.uri, finding!.range)).some((a) => a.title.includes("`shop`"));
  });
  equal(await vscode.commands.executeCommand<boolean>("credscope.fixAll"), true);
  has(document.getText(), 'dbutils.secrets.get(scope="shop", key="password")');
  // The other password has no declared key: storing it comes first.
  has(document.getText(), "'demo-Pw#2032'");
});

test("all uses of a secret move at once, in every open file", async () => {
  const first = (await open("settings.py")).document;
  await findings(first.uri, "CS106");
  const second = (await open("job.py")).document;
  const [finding] = await findings(second.uri, "CS102");
  const all = await until("the action", async () => (await actions(second.uri, finding!.range)).find((a) => /^Move all/.test(a.title)));
  await take(all);
  for (const document of [first, second]) hasNot(document.getText(), "Lm2vX9");
});

test("the trace holds names of messages only", async () => {
  const { document } = await open("settings.py");
  await findings(document.uri, "CS106");
  equal((await api()).traced().length, 0);
  await configure("trace.server", "messages");
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, new vscode.Position(0, 0), "# one more line\n");
  await vscode.workspace.applyEdit(edit);
  const traced = (await api()).traced;
  await until("the messages", () => traced().includes("textDocument/didChange") && traced().includes("textDocument/diagnostic"));
  if (!traced().every((name) => /^[\w$/]+$/.test(name))) throw new Error(traced().join(" "));
});

test("findings of the whole workspace, where that is wanted", async () => {
  await configure("workspaceDiagnostics", "workspace");
  const uri = vscode.Uri.file(workspace("src/Load.scala"));
  await findings(uri, "CS101");
  await configure("workspaceDiagnostics", undefined);
  await clean(uri);
});

test("the page of a rule opens, without a network", async () => {
  const { document } = await open("settings.py");
  const [finding] = await findings(document.uri, "CS106");
  const page = (await actions(document.uri, finding!.range)).at(-1);
  await take(page);
  await until("the preview", () => vscode.window.tabGroups.all.flatMap((g) => g.tabs).some((t) => t.label.includes("CS106")));
  const text = await vscode.workspace.openTextDocument(vscode.Uri.parse("credscope-rule:/CS106.md"));
  has(text.getText(), "# named-variable (CS106)");
});

test("commands write a configuration and a baseline that the program reads", async () => {
  const program = (await api()).program()!.path;
  await vscode.commands.executeCommand("credscope.createConfig");
  has(execFileSync(program, ["config", "."], { cwd: workspace(), encoding: "utf8" }), "credscope.toml");
  void vscode.commands.executeCommand("credscope.createBaseline");
  await until("the baseline", () => fs.existsSync(workspace("credscope-baseline.json")));
  await notice("--baseline credscope-baseline.json");
  execFileSync(program, ["check", "--baseline", "credscope-baseline.json", "--quiet", "."], { cwd: workspace() });
  fs.rmSync(workspace("credscope.toml"));
  fs.rmSync(workspace("credscope-baseline.json"));
});

test("after a fix: an offer, then the commands in an untitled document, without the value", async () => {
  const { document } = await open("settings.py");
  const [finding] = await findings(document.uri, "CS106");
  await take(move(await actions(document.uri, finding!.range)));
  await notice("must be stored");
  await ask("click", { selector: ".notification-list-item .monaco-button", text: "Show Commands" });
  const shown = await until("the document", () => vscode.workspace.textDocuments.find((d) => d.isUntitled && d.languageId === "shellscript"));
  has(shown.getText(), "databricks secrets put-secret");
  hasNot(shown.getText(), "Lm2vX9");
});

test("the offer can be switched off", async () => {
  await configure("showProvisioningHint", false);
  const { document } = await open("settings.py");
  const [finding] = await findings(document.uri, "CS106");
  const fix = await until("the setting", async () => {
    const first = move(await actions(document.uri, finding!.range));
    return !first?.command && first;
  });
  await take(fix);
  await clean(document.uri);
  equal((await texts(".notification-list-item")).length, 0);
});

// Made once, in the version that the README shows.
const pictures = process.env.CREDSCOPE_SHOTS ? test : () => undefined;
pictures("pictures", async () => {
  for (const name of ["typed.py", "calm.py", "saved.ipynb"]) fs.rmSync(workspace(name), { force: true });
  fs.writeFileSync(workspace("credscope.toml"), '[secrets]\ndeclared = { jdbc = ["username", "password"], warehouse = ["password"] }\n');
  for (const theme of ["dark", "light"]) {
    const workbench = vscode.workspace.getConfiguration("workbench");
    await workbench.update("colorTheme", theme === "dark" ? "Default Dark Modern" : "Default Light Modern", vscode.ConfigurationTarget.Workspace);
    await vscode.commands.executeCommand("workbench.action.closeSidebar");
    await vscode.commands.executeCommand("workbench.action.closePanel");
    const editor = await open("job.py");
    const [finding] = await findings(editor.document.uri, "CS102");
    const cursor = finding!.range.start.translate(0, 2);
    editor.selection = new vscode.Selection(cursor, cursor);
    await until("the squiggle", async () => (await texts(".squiggly-error")).length > 0);
    await vscode.commands.executeCommand("editor.action.showHover");
    const hover = await until("the hover", async () => (await texts(".monaco-hover:not(.hidden)")).find((t) => t.includes("CS102") && t.includes("Why")));
    equal(hover.split("is written in the source").length, 2);
    await ask("settle");
    await ask("picture", { name: `hover-${theme}` });
    await ask("press", { key: "Escape" });
    await vscode.commands.executeCommand("editor.action.quickFix");
    await until("the menu", async () => (await texts(".action-widget")).some((t) => t.includes("Move to secret scope")));
    await ask("settle");
    await ask("picture", { name: `menu-${theme}` });
    await ask("press", { key: "Escape" });
    await vscode.commands.executeCommand("credscope.checkWorkspace");
    await vscode.commands.executeCommand("notifications.clearAll");
    await until("the rows", async () => (await texts(".markers-panel .monaco-list-row")).length > 5);
    await ask("settle");
    await ask("picture", { name: `problems-${theme}` });
    await vscode.commands.executeCommand("workbench.action.closePanel");
    await closeAll();
    fs.copyFileSync(workspace("sales.ipynb"), workspace(`load-${theme}.ipynb`));
    const notebook = await openNotebook(`load-${theme}.ipynb`);
    const cell = notebook.cellAt(2).document;
    const [option] = await findings(cell.uri, "CS102");
    const fixes = await actions(cell.uri, option!.range);
    await take(fixes.find((a) => a.title.includes("`api`")) ?? move(fixes));
    await gone(cell.uri, "CS102");
    await notice("must be stored");
    await ask("settle");
    await ask("picture", { name: `notebook-${theme}` });
    await closeAll();
    fs.rmSync(workspace(`load-${theme}.ipynb`));
  }
});

export const run = runAll;
