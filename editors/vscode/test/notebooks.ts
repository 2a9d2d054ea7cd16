// Cells in every language, notebooks of any type, and every kind of file that the server reads.

import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";
import { LANGUAGES } from "../src/selector";
import { actions, codeOf, equal, findings, found, gone, has, move, openNotebook, take, test, until, workspace } from "./harness";

/** The fix of a cell's finding, and what it leaves. */
async function fixedCell(cell: vscode.TextDocument, code: string, expected: string): Promise<void> {
  const [finding] = await findings(cell.uri, code);
  const fix = move(await actions(cell.uri, finding!.range));
  equal(fix?.isPreferred, true);
  await take(fix);
  has(cell.getText(), expected);
  await gone(cell.uri, code);
}

test("a %sql cell of a notebook: finding, fix, finding gone", async () => {
  const notebook = await openNotebook("sales.ipynb");
  const cell = notebook.getCells().map((c) => c.document).find((d) => d.getText().startsWith("%sql"))!;
  equal(cell.languageId, "python");
  await fixedCell(cell, "CS121", "OPTIONS (host 'crm.example.com', user secret('");
  has(cell.getText(), /^%sql\n/);
});

const SECRET = "q7#Lm2vX9";
const CELLS: { title: string; code: string; text: string; own?: string; fixed: string }[] = [
  { title: "%scala", code: "CS106", text: `%scala\nval password = "${SECRET}"`, fixed: "val password = dbutils.secrets.get(scope = " },
  { title: "scala, as the cell says itself", code: "CS106", own: "scala", text: `val password = "${SECRET}"`, fixed: "val password = dbutils.secrets.get(scope = " },
  { title: "%r", code: "CS106", text: `%r\npassword <- "${SECRET}"`, fixed: "password <- dbutils.secrets.get(scope = " },
  { title: "r, as the cell says itself", code: "CS106", own: "r", text: `password <- "${SECRET}"`, fixed: "password <- dbutils.secrets.get(scope = " },
  { title: "sql, as the cell says itself", code: "CS121", own: "sql", text: `CREATE CONNECTION c TYPE mysql OPTIONS (password '${SECRET}')`, fixed: "OPTIONS (password secret('" },
];

test("cells in Scala, R and SQL, by magic and by their own language", async () => {
  const cells = CELLS.map(({ text, own }, i) => ({
    cell_type: "code", id: `k${i}`, execution_count: null, metadata: own ? { vscode: { languageId: own } } : {}, outputs: [], source: text,
  }));
  const metadata = { language_info: { name: "python" } };
  fs.writeFileSync(workspace("kinds.ipynb"), JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }));
  const notebook = await openNotebook("kinds.ipynb");
  for (const [i, { title, code, fixed }] of CELLS.entries()) {
    await fixedCell(notebook.cellAt(i).document, code, fixed).catch((error: Error) => {
      throw new Error(`${title}: ${error.message}`);
    });
  }
});

test("a notebook of another type", async () => {
  const encoder = new TextEncoder();
  const serializer: vscode.NotebookSerializer = {
    deserializeNotebook: (bytes) =>
      new vscode.NotebookData(
        new TextDecoder().decode(bytes).split("\n---\n").map((text) => new vscode.NotebookCellData(vscode.NotebookCellKind.Code, text, "python")),
      ),
    serializeNotebook: (data) => encoder.encode(data.cells.map((c) => c.value).join("\n---\n")),
  };
  const registered = vscode.workspace.registerNotebookSerializer("credscope-test-notebook", serializer);
  try {
    fs.writeFileSync(workspace("other.testbook"), `password = "${SECRET}"\n---\nprint(1)`);
    const notebook = await openNotebook("other.testbook");
    equal([notebook.notebookType, notebook.cellCount], ["credscope-test-notebook", 2]);
    await fixedCell(notebook.cellAt(0).document, "CS106", "password = dbutils.secrets.get(scope=");
  } finally {
    registered.dispose();
  }
});

/** One file of each kind; what a bare VS Code calls it does not matter. */
const FILES: [name: string, text: string][] = [
  ["job.r", `password <- "${SECRET}"\n`],
  ["job.sc", `val password = "${SECRET}"\n`],
  ["job.json", `{"spark_conf": {"spark.hadoop.fs.azure.account.key.acc.dfs.core.windows.net": "${SECRET}"}}\n`],
  ["job.jsonc", `{"password": "${SECRET}"}\n`],
  ["db.properties", `db.password=${SECRET}\n`],
  ["spark-defaults.conf", `spark.db.password ${SECRET}\n`],
  ["main.tf", `resource "x" "y" {\n  password = "${SECRET}"\n}\n`],
  ["prod.tfvars", `db_password = "${SECRET}"\n`],
  ["run.sh", `export DB_PASSWORD='${SECRET}'\n`],
  [".env", `DB_PASSWORD=${SECRET}\n`],
  ["settings.toml", `password = "${SECRET}"\n`],
  ["settings.ini", `[db]\npassword = ${SECRET}\n`],
  ["docker-compose.yml", `services:\n  db:\n    environment:\n      DB_PASSWORD: ${SECRET}\n`],
  [".databrickscfg", `[DEFAULT]\nhost = https://adb.example.com\npassword = ${SECRET}\n`],
  [".aws/credentials", `[default]\naws_secret_access_key = ${"q7Lm2vX9".repeat(5)}\n`],
  ["notes.md", `    export DB_PASSWORD='${SECRET}'\n`],
  ["Jenkinsfile", `def password = "${SECRET}"\n`],
  ["Dockerfile", `FROM python\nENV DB_PASSWORD=${SECRET}\n`],
];

test("files of every kind in the selector", async () => {
  const silent: string[] = [];
  for (const [name, text] of FILES) {
    const uri = vscode.Uri.file(workspace(`kinds/${name}`));
    fs.mkdirSync(path.dirname(uri.fsPath), { recursive: true });
    fs.writeFileSync(uri.fsPath, text);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
    await until(`a finding in ${name}`, () => found(uri).length > 0, 6000).catch(() => silent.push(`${name} (${document.languageId})`));
    if (found(uri).length > 0 && !/^CS\d+$/.test(codeOf(found(uri)[0]!))) silent.push(`${name}: code`);
  }
  fs.rmSync(workspace("kinds"), { recursive: true });
  equal(silent, []);
});

test("what the server reads starts the extension", async () => {
  const events: string[] = vscode.extensions.getExtension("credscope.credscope")!.packageJSON.activationEvents;
  const missing = LANGUAGES.filter((language) => !events.includes(`onLanguage:${language}`));
  equal(missing, []);
  // Files that a bare VS Code does not know, and notebooks.
  for (const event of ["onLanguage:plaintext", "onNotebook:*"]) equal(events.includes(event), true);
});
