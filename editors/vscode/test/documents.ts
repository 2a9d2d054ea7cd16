// Findings and fixes in each kind of document and of cell.

import * as fs from "node:fs";
import * as vscode from "vscode";
import { actions, api, codeOf, equal, findings, found, gone, has, open, openNotebook, move, MOVE, take, test, until, workspace } from "./harness";

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
  equal(places[0], 0);
  // The same credential stands in settings.py: the page of that finding (CS540) comes last, too.
  equal(titles.slice(places.at(-1)).filter((t) => !/^Open the page of rule/.test(t)), []);
  // The cursor in the middle of the value is enough.
  const [finding] = await findings(document.uri, "CS102");
  const cursor = finding!.range.start.translate(0, 2);
  has((await actions(document.uri, new vscode.Range(cursor, cursor)))[0]?.title ?? "", MOVE);
});
