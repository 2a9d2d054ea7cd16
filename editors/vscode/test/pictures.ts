// The pictures of the README, in the version that it shows.

import * as fs from "node:fs";
import * as vscode from "vscode";
import { actions, ask, closeAll, equal, findings, gone, notice, open, openNotebook, move, take, test, texts, until, workspace } from "./harness";

/** A picture of what a command shows. Late changes of the window may close it again: then it is shown once more. */
async function taken(name: string, command: string, shown: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    await ask("settle");
    await vscode.commands.executeCommand(command);
    await until(name, shown);
    await ask("settle", { stay: true });
    await ask("picture", { name, clip: { x: 0, y: 0, width: 1180, height: 720 } });
    if (await shown()) return;
  }
  throw new Error(`never stays: ${name}`);
}

// Made once, in the version that the README shows.
const pictures = process.env.CREDSCOPE_SHOTS ? test : () => undefined;
pictures("pictures", async () => {
  for (const name of ["typed.py", "calm.py", "saved.ipynb", "kinds.ipynb"]) fs.rmSync(workspace(name), { force: true });
  fs.writeFileSync(workspace("credscope.toml"), '[secrets]\ndeclared = { jdbc = ["url"], warehouse = ["token"] }\n');
  const dress = async (theme: string) => {
    const workbench = vscode.workspace.getConfiguration("workbench");
    await workbench.update("colorTheme", theme === "dark" ? "Default Dark Modern" : "Default Light Modern", vscode.ConfigurationTarget.Workspace);
    await vscode.commands.executeCommand("workbench.action.closeSidebar");
    await vscode.commands.executeCommand("workbench.action.closePanel");
  };
  const onValue = async () => {
    const editor = await open("job.py");
    const [finding] = await findings(editor.document.uri, "CS102");
    const cursor = finding!.range.start.translate(0, 2);
    editor.selection = new vscode.Selection(cursor, cursor);
  };
  // Before other files are read: the hover of one finding.
  for (const theme of ["dark", "light"]) {
    await dress(theme);
    await onValue();
    await until("the squiggle", async () => (await texts(".squiggly-error")).length > 0);
    const hover = () => texts(".monaco-hover:not(.hidden)").then((all) => all.find((t) => t.includes("CS102") && t.includes("Why")));
    // A hover takes a quarter of the window: the picture shows all of it.
    await ask("size", { height: 1660 });
    await taken(`hover-${theme}`, "editor.action.showHover", hover);
    equal((await hover())?.split("is written in the source").length, 2);
    await ask("press", { key: "Escape" });
    await ask("size", { height: 720 });
    await closeAll();
  }
  for (const theme of ["dark", "light"]) {
    await dress(theme);
    // The same password twice.
    await open("settings.py");
    await onValue();
    await taken(`menu-${theme}`, "editor.action.quickFix", () => texts(".action-widget").then((all) => all.some((t) => t.includes("Move to secret scope") && /Move all \d+ uses/.test(t))));
    await ask("press", { key: "Escape" });
    await vscode.commands.executeCommand("credscope.checkWorkspace");
    await vscode.commands.executeCommand("notifications.clearAll");
    const rows = () => texts(".markers-panel .monaco-list-row").then((all) => all.length > 5 && all[0]?.includes("crm.sql"));
    await taken(`problems-${theme}`, "workbench.panel.markers.view.focus", rows);
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
    // Room for the offer below the cells.
    await ask("size", { height: 860 });
    await ask("settle");
    await ask("picture", { name: `notebook-${theme}` });
    await ask("size", { height: 720 });
    await closeAll();
    fs.rmSync(workspace(`load-${theme}.ipynb`));
  }
});
