// Where the program is. Order: setting, environment variable, the workspace's Python environment, PATH, bundled.

import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** Oldest program that this extension works with. */
export const OLDEST = "0.1.0";

export interface Program {
  path: string;
  version: string;
  origin: string;
}

interface Candidate {
  path: string;
  origin: string;
  /** Named by the user: what is wrong with it is said, nothing else is tried. */
  named: boolean;
}

export class NotUsable extends Error {
  constructor(
    message: string,
    readonly kind: "missing" | "old" | "broken",
  ) {
    super(message);
  }
}

const EXECUTABLE = process.platform === "win32" ? "credscope.exe" : "credscope";

export interface Surroundings {
  /** `credscope.path`. */
  setting: string;
  trusted: boolean;
  /** Folders of the workspace on this machine. */
  folders: string[];
  /** Python interpreters that the Python extension has chosen for them. */
  interpreters: string[];
  extension: string;
  env: NodeJS.ProcessEnv;
}

/** Candidates in order; only those whose file exists, and those that the user named. */
export function candidates(at: Surroundings): Candidate[] {
  const found: Candidate[] = [];
  const add = (file: string, origin: string) => {
    if (fs.existsSync(file)) found.push({ path: file, origin, named: false });
  };
  if (at.trusted) {
    const named = (file: string, origin: string) => found.push({ path: expand(file, at), origin, named: true });
    if (at.setting.trim()) named(at.setting.trim(), "setting credscope.path");
    if (at.env.CREDSCOPE_PATH) named(at.env.CREDSCOPE_PATH, "environment variable CREDSCOPE_PATH");
    const bin = process.platform === "win32" ? "Scripts" : "bin";
    for (const interpreter of at.interpreters) add(path.join(path.dirname(interpreter), EXECUTABLE), "Python environment");
    for (const folder of at.folders) {
      for (const name of [".venv", "venv"]) add(path.join(folder, name, bin, EXECUTABLE), "Python environment");
    }
    for (const variable of ["VIRTUAL_ENV", "CONDA_PREFIX"]) {
      const root = at.env[variable];
      if (root) add(path.join(root, bin, EXECUTABLE), "Python environment");
    }
    for (const folder of (at.env.PATH ?? "").split(path.delimiter)) {
      if (folder) add(path.join(folder, EXECUTABLE), "PATH");
    }
  }
  add(path.join(at.extension, "bundled", EXECUTABLE), "bundled");
  return found;
}

function expand(file: string, at: Surroundings): string {
  const folder = at.folders[0] ?? "";
  return file.replace(/^~(?=$|[/\\])/, os.homedir()).replaceAll("${workspaceFolder}", folder);
}

/** The first candidate that runs and is new enough. */
export async function locate(at: Surroundings): Promise<Program> {
  let old: NotUsable | undefined;
  for (const candidate of candidates(at)) {
    const version = await versionOf(candidate.path);
    if (version === undefined) {
      if (candidate.named) {
        throw new NotUsable(`${candidate.path} (${candidate.origin}) does not run as credscope.`, "broken");
      }
      continue;
    }
    if (isOlder(version, OLDEST)) {
      const error = new NotUsable(
        `credscope ${version} at ${candidate.path} is too old: this extension needs ${OLDEST} or later.`,
        "old",
      );
      if (candidate.named) throw error;
      old ??= error;
      continue;
    }
    return { path: candidate.path, version, origin: candidate.origin };
  }
  throw old ?? new NotUsable("The program credscope was not found.", "missing");
}

function versionOf(program: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, ["--version"], { timeout: 10_000 }, (error, stdout) => {
      resolve(error ? undefined : /^credscope (\d+\.\d+\.\d+)/.exec(stdout)?.[1]);
    });
  });
}

export function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((v) => v.split(".").map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
