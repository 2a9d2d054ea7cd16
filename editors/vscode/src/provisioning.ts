// After a fix: the commands that store the secret, in an untitled document. The server writes them; they hold no value.

import * as vscode from "vscode";
import type { Session } from "./session";
import { setting } from "./settings";

/** The server's command; its actions carry it. */
export const SERVER_COMMAND = "credscope.showProvisioning";

/** An unobtrusive question; nothing opens unasked. */
export async function offerProvisioning(session: Session, args: unknown[]): Promise<void> {
  if (!setting("showProvisioningHint", true)) return;
  const show = "Show Commands";
  const never = "Don't Ask Again";
  const choice = await vscode.window.showInformationMessage(
    `${named(args)} must be stored before this code runs. Enter a new value: the old one stood in plain text.`,
    show,
    never,
  );
  if (choice === show) await showProvisioning(session, args);
  if (choice === never) {
    await vscode.workspace.getConfiguration("credscope").update("showProvisioningHint", false, vscode.ConfigurationTarget.Global);
  }
}

/** `jdbc/password and jdbc/username`, from the arguments of the server's action. */
function named(args: unknown[]): string {
  const secrets = args.flatMap((a) => (a as { secrets?: { scope: string; key: string }[] } | null)?.secrets ?? []);
  const names = secrets.map((s) => `${s.scope}/${s.key}`);
  return names.length === 0 ? "The secret" : names.length < 4 ? names.join(" and ") : `${names.slice(0, 2).join(", ")} and ${names.length - 2} more secrets`;
}

export async function showProvisioning(session: Session, args: unknown[]): Promise<void> {
  // The text is shown here: an untitled document leaves no file behind.
  const content = await session.execute(SERVER_COMMAND, (args.length > 0 ? args : [{}]).map((a) => ({ ...(a as object), offer: false, show: false })));
  if (typeof content !== "string" || !content.trim()) {
    void vscode.window.showInformationMessage("Nothing to store: this file reads no secret that was moved out of it.");
    return;
  }
  session.steps.done("provision");
  const document = await vscode.workspace.openTextDocument({ language: "shellscript", content });
  await vscode.window.showTextDocument(document, { preview: false, viewColumn: vscode.ViewColumn.Beside });
}
