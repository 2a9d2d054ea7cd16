// Each setting, credscope.toml, and the status.

import * as fs from "node:fs";
import * as vscode from "vscode";
import {
  actions, api, ask, clean, codeOf, configure, equal, findings, found, KEYS,
  has, open, openNotebook, move, take, test, texts, until, workspace,
} from "./harness";

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

test("settings: select, spelling of keys, declared scopes", async () => {
  const { document } = await open("settings.py");
  await findings(document.uri, "CS106");
  await configure("select", ["CS2"]);
  await clean(document.uri);
  await configure("select", undefined);
  const [finding] = await findings(document.uri, "CS106");
  const titles = async () => (await actions(document.uri, finding!.range)).map((a) => a.title);
  has((await titles())[0] ?? "", "`db-password`");
  await configure("secrets.keyCase", "snake");
  await until("the spelling", async () => (await titles())[0]?.includes("`db_password`"));
  await configure("secrets.declared", { vault: ["db_password"] });
  await until("the declared scope", async () => (await titles()).some((t) => t.startsWith("Move to secret scope `vault`")));
  // What the project says counts more.
  fs.writeFileSync(workspace("credscope.toml"), '[secrets]\nscope = "project"\nkey-case = "kebab"\n');
  await until("the project's scope", async () => (await titles()).some((t) => t.includes("`project` as `db-password`")));
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
  // As a user sees it: the braces in the status bar, and what stands behind them.
  await ask("hover", { selector: "[id='status.languageStatus']" });
  const item = await until("the item", async () => (await texts(".hover-language-status")).find((t) => t.includes("credscope")));
  has(item, /credscope: 1 finding[\s\S]*bundled[\s\S]*Logs/);
  await ask("picture", { name: "status" });
  await ask("settle");
  fs.writeFileSync(workspace("calm.py"), "x = 1\n");
  await open("calm.py");
  await until("none", () => status() === "credscope: no findings");
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

test("every setting of the manifest is one of those above", async () => {
  const groups: { properties: object }[] = vscode.extensions.getExtension("credscope.credscope")!.packageJSON.contributes.configuration;
  const all = groups.flatMap((g) => Object.keys(g.properties).map((k) => k.replace("credscope.", "")));
  equal(all.sort(), [...KEYS].sort());
  for (const row of groups.flatMap((g) => Object.values(g.properties))) has(row.markdownDescription ?? "", /^[A-Z`].*\.$/);
});
