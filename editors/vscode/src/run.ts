// One run of the program outside the server.

import { spawn } from "node:child_process";
import type * as vscode from "vscode";

export interface Outcome {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs to the end; `undefined` when the user cancelled. */
export function run(program: string, args: string[], cwd: string, token?: vscode.CancellationToken): Promise<Outcome | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let cancelled = false;
    const subscription = token?.onCancellationRequested(() => {
      cancelled = true;
      child.kill();
    });
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", reject);
    child.on("close", (status) => {
      subscription?.dispose();
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString("utf8");
      resolve(cancelled ? undefined : { status: status ?? 2, stdout: text(out), stderr: text(err) });
    });
  });
}
