// The commands of the palette and of the menus.

import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as vscode from "vscode";
import { actions, api, ask, closeAll, codeOf, configure, equal, findings, found, has, hasNot, notice, open, move, take, test, texts, until, workspace } from "./harness";

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

test("check workspace shows how far it is", async () => {
  const folder = workspace("many");
  fs.mkdirSync(folder);
  for (let n = 0; n < 400; n++) fs.copyFileSync(workspace("src/Load.scala"), `${folder}/Load${n}.scala`);
  const counted = vscode.commands.executeCommand<number>("credscope.checkWorkspace");
  await notice("checking sales");
  fs.rmSync(folder, { recursive: true });
  if (!((await counted) > 5)) throw new Error("no findings");
});

test("show logs opens the extension's own log", async () => {
  await open("settings.py");
  await vscode.commands.executeCommand("credscope.showLogs");
  // What stands in it is written by a native part of VS Code that is not built here.
  await until("the log", () => vscode.workspace.textDocuments.find((d) => d.uri.scheme === "output" && d.uri.path.includes("credscope")));
  await until("its panel", async () => (await texts(".panel .output-view-content, .panel .view-lines")).length > 0);
  await vscode.commands.executeCommand("workbench.action.closePanel");
});

test("check workspace: the settings count as in open files, and a leak names where the secret was read", async () => {
  const check = () => vscode.commands.executeCommand<number>("credscope.checkWorkspace");
  const leak = vscode.Uri.file(workspace("flow.py"));
  const scala = vscode.Uri.file(workspace("src/Load.scala"));
  await check();
  const related = found(leak).find((d) => codeOf(d) === "CS209")?.relatedInformation?.[0];
  equal([related?.location.uri.fsPath, related?.location.range.start.line], [leak.fsPath, 1]);
  await configure("severity", { "jdbc-properties": "info" });
  await check();
  equal(found(scala).map((d) => d.severity), [vscode.DiagnosticSeverity.Information]);
  await configure("severity", undefined);
  await configure("ignore", ["CS101"]);
  await check();
  equal([found(scala).length, found(leak).length > 0], [0, true]);
  await configure("ignore", undefined);
  await configure("select", ["CS101"]);
  await check();
  equal([found(scala).length, found(leak).length], [1, 0]);
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
  has(all.title, "uses in open files");
  await take(all);
  const changed = all.edit?.entries().map(([uri]) => uri.path) ?? [];
  for (const document of [first, second]) hasNot(`${all.title}, in ${changed.join(" ")}: ${document.getText()}`, "Lm2vX9");
});

test("the page of a rule opens, without a network", async () => {
  const { document } = await open("settings.py");
  const [finding] = await findings(document.uri, "CS106");
  const page = (await actions(document.uri, finding!.range)).at(-1);
  await take(page);
  await until("the preview", () => vscode.window.tabGroups.all.flatMap((g) => g.tabs).some((t) => t.label.includes("CS106")));
  const text = await vscode.workspace.openTextDocument(vscode.Uri.parse("credscope-rule:/CS106.md"));
  has(text.getText(), "# named-variable (CS106)");
  // From the palette it is the page of the finding at the cursor.
  await closeAll();
  const job = await open("job.py");
  await vscode.commands.executeCommand("credscope.openRulePage");
  await notice("No finding here");
  const [option] = await findings(job.document.uri, "CS102");
  job.selection = new vscode.Selection(option!.range.start, option!.range.start);
  await vscode.commands.executeCommand("credscope.openRulePage");
  await until("the preview", () => vscode.window.tabGroups.all.flatMap((g) => g.tabs).some((t) => t.label.includes("CS102")));
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
