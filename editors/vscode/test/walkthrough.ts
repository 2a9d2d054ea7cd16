// The walkthrough as a user goes through it: four steps, each of which can be done.

import * as vscode from "vscode";
import { ask, findings, gone, has, test, texts, until } from "./harness";

const STEPS = ["Try the sample", "Fix it", "Store the secret", "Keep it out"];
const DONE = ".getting-started-step .codicon-getting-started-step-checked";

const untitled = (language: string) =>
  until(`an untitled ${language} document`, () => vscode.workspace.textDocuments.find((d) => d.isUntitled && d.languageId === language));

async function walkthrough(): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.openWalkthrough", "credscope.credscope#start", false);
  await until("the steps", async () => (await texts(".getting-started-step")).length === STEPS.length);
}

/** As a user: opens a step and presses its button. */
async function press(step: string, button: string): Promise<void> {
  await walkthrough();
  await ask("click", { selector: ".getting-started-step", text: step });
  await ask("click", { selector: ".getting-started-step .monaco-button", text: button });
}

const ticked = async () => (await texts(DONE)).length;

/** Takes the sample's fix from the menu, with the keyboard. */
async function fixSample(): Promise<void> {
  const sample = await until("the sample", () => {
    const active = vscode.window.activeTextEditor?.document;
    return active?.isUntitled && active.languageId === "python" && active;
  });
  const [finding] = await findings(sample.uri, "CS102");
  await findings(sample.uri, "CS208");
  // The sample opens with the cursor on the password.
  const cursor = vscode.window.activeTextEditor?.selection.active;
  if (!cursor || !finding!.range.contains(cursor)) throw new Error("the cursor is elsewhere");
  await until("the menu", async () => {
    // Focus may still be on its way from the page to the editor.
    await vscode.window.showTextDocument(sample, { selection: new vscode.Range(cursor, cursor) });
    await vscode.commands.executeCommand("editor.action.quickFix");
    const menu = async () => (await texts(".action-widget")).some((t) => t.includes("Move to secret scope"));
    return until("the menu, this time", menu, 2000).catch(() => false as const);
  });
  await ask("press", { key: "Enter" });
  await until("the fix", () => sample.getText().includes('.option("password", dbutils.secrets.get(scope='));
  await gone(sample.uri, "CS102");
}

test("the walkthrough: what was done before its page opens is ticked", async () => {
  await vscode.commands.executeCommand("credscope.openSample");
  await fixSample();
  await walkthrough();
  await until("two steps that are done", async () => (await ticked()) === 2);
});

test("the walkthrough: try the sample, fix it, provision, gate CI", async () => {
  await walkthrough();
  const shown = await texts(".getting-started-step .step-title");
  STEPS.forEach((title, i) => has(shown[i] ?? "", title));
  for (const text of await texts(".getting-started-step")) if (/[*`]/.test(text)) throw new Error(`marks that nobody reads: ${text}`);
  await ask("click", { selector: ".getting-started-step", text: STEPS[0] });
  await ask("settle");
  await ask("picture", { name: "walkthrough" });
  await ask("click", { selector: ".getting-started-step .monaco-button", text: "Open sample" });
  await fixSample();
  await press("Store the secret", "Show commands");
  const commands = (await untitled("shellscript")).getText();
  has(commands, /databricks secrets put-secret [\w-]+ password/);
  await press("Keep it out", "Create credscope.toml");
  await until("the configuration", () => vscode.window.activeTextEditor?.document.fileName.endsWith("credscope.toml"));
  await walkthrough();
  await until("four steps that are done", async () => (await ticked()) === STEPS.length);
});
