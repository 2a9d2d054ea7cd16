// Settings as the server takes them.

import * as vscode from "vscode";

export function setting<T>(key: string, otherwise: T): T {
  return vscode.workspace.getConfiguration("credscope").get<T>(key, otherwise);
}

export const runsOnSave = (): boolean => setting<string>("run", "onType") === "onSave";

/** The value of `initializationOptions`; later changes go by `workspace/didChangeConfiguration` in the same shape. */
export function serverSettings(): Record<string, unknown> {
  return {
    credscope: {
      run: setting("run", "onType"),
      select: setting("select", []),
      ignore: setting("ignore", []),
      severity: setting("severity", {}),
      secrets: {
        scope: setting("secrets.scope", ""),
        keyCase: setting("secrets.keyCase", "kebab"),
        declared: setting("secrets.declared", {}),
      },
      workspaceDiagnostics: setting("workspaceDiagnostics", "openFilesOnly"),
    },
  };
}
