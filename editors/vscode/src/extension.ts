// The extension's life: one server session, the commands, the status item.

import * as vscode from "vscode";
import { registerCommands } from "./commands";
import { Session } from "./session";
import { Status } from "./status";
import { Steps } from "./steps";

/** What other extensions, and the tests, may ask. */
export interface Api {
  /** Program in use and where it was found; `undefined` while none runs. */
  program(): { path: string; version: string; origin: string } | undefined;
  /** Text of the status item. */
  status(): string;
  /** Names of the last messages that were traced, oldest first. */
  traced(): readonly string[];
  /** Resolves when no start, stop or restart is under way. */
  settled(): Promise<void>;
}

let session: Session | undefined;

export function activate(context: vscode.ExtensionContext): Api {
  const log = vscode.window.createOutputChannel("credscope", { log: true });
  const status = new Status();
  const steps = new Steps(context.globalState);
  const started = new Session(context, log, status, steps);
  session = started;
  context.subscriptions.push(log, status, steps, started, ...registerCommands(started));

  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (["enable", "path", "workspaceDiagnostics"].some((key) => change.affectsConfiguration(`credscope.${key}`))) {
        void started.restart();
      } else if (change.affectsConfiguration("credscope.run")) {
        started.refresh();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void started.restart()),
  );
  void started.restart();
  return { program: () => started.program, status: () => status.text, traced: () => started.traced, settled: () => started.settled() };
}

export async function deactivate(): Promise<void> {
  await session?.stop();
}
