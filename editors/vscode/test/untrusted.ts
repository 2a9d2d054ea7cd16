// A workspace that is not trusted: only the bundled program runs, whatever the workspace's files say.

import * as fs from "node:fs";
import * as vscode from "vscode";
import { api, equal, findings, open, runAll, test, workspace } from "./harness";

test("only the bundled program is started", async () => {
  equal(vscode.workspace.isTrusted, false);
  const { document } = await open("settings.py");
  equal((await api()).program()?.origin, "bundled");
  await findings(document.uri, "CS106");
  equal(fs.existsSync(workspace("started")), false);
});

export const run = runAll;
