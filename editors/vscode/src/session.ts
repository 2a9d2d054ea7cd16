// One running server. Starts, stops and restarts go through a queue: two quick changes never leave two servers.

import * as vscode from "vscode";
import { LanguageClient, RevealOutputChannelOn, TransportKind, type LanguageClientOptions } from "vscode-languageclient/node";
import { locate, NotUsable, type Program } from "./locate";
import { middleware } from "./middleware";
import { SELECTOR } from "./selector";
import { serverSettings, setting } from "./settings";
import type { Status } from "./status";
import type { Steps } from "./steps";

const HOW_TO_INSTALL = "https://github.com/credscope/credscope/tree/main/editors/vscode#the-program";

export class Session implements vscode.Disposable {
  program: Program | undefined;
  /** The last messages that were traced: names, no contents. */
  readonly traced: string[] = [];
  private client: LanguageClient | undefined;
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: vscode.ExtensionContext,
    readonly log: vscode.LogOutputChannel,
    private readonly status: Status,
    readonly steps: Steps,
  ) {}

  /** Where programs are run that look at no file. */
  get workingFolder(): string {
    return this.context.extensionPath;
  }

  /** Writes a message's name into the log, where `credscope.trace.server` asks for it. */
  trace(method: string): void {
    if (setting<string>("trace.server", "off") !== "messages") return;
    this.log.info(`sent ${method}`);
    this.traced.push(method);
    if (this.traced.length > 100) this.traced.shift();
  }

  restart(): Promise<void> {
    return this.enqueue(async () => {
      await this.halt();
      await this.start();
    });
  }

  stop(): Promise<void> {
    return this.enqueue(() => this.halt());
  }

  settled(): Promise<void> {
    return this.queue;
  }

  /** Asks for the findings of all visible documents again. */
  refresh(): void {
    this.client?.getFeature("textDocument/diagnostic").refresh();
  }

  /** Runs a command of the server. */
  async execute(command: string, args: unknown[]): Promise<unknown> {
    return this.client?.sendRequest("workspace/executeCommand", { command, arguments: args });
  }

  private enqueue(step: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(step).catch((error: unknown) => {
      this.log.error(String(error));
      this.status.failed(String(error));
    });
    return this.queue;
  }

  private async start(): Promise<void> {
    if (!setting("enable", true)) {
      this.status.off("switched off by credscope.enable");
      return;
    }
    this.status.starting();
    try {
      this.program = await locate(await this.surroundings());
    } catch (error) {
      if (!(error instanceof NotUsable)) throw error;
      this.log.error(error.message);
      this.status.failed(error.message);
      void this.complain(error);
      return;
    }
    this.log.info(`${this.program.path} (${this.program.version}, ${this.program.origin})`);
    const client = new LanguageClient(
      "credscope",
      "credscope",
      { command: this.program.path, args: ["server"], transport: TransportKind.stdio },
      this.clientOptions(),
    );
    this.client = client;
    await client.start();
    this.status.running(this.program.version, this.program.origin);
  }

  private async halt(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.program = undefined;
    // A server that does not answer is ended by the client.
    await client?.dispose(3000).catch((error: unknown) => this.log.warn(String(error)));
  }

  private clientOptions(): LanguageClientOptions {
    return {
      documentSelector: SELECTOR,
      outputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: serverSettings(),
      synchronize: { configurationSection: "credscope" },
      // Both triggers are on; the middleware holds back unsaved text where `run` says so.
      diagnosticPullOptions: { onChange: true, onSave: true, onTabs: false },
      middleware: middleware(this),
    };
  }

  private async surroundings() {
    return {
      setting: setting("path", ""),
      trusted: vscode.workspace.isTrusted,
      folders: (vscode.workspace.workspaceFolders ?? []).filter((f) => f.uri.scheme === "file").map((f) => f.uri.fsPath),
      interpreters: await interpreters(),
      extension: this.context.extensionPath,
      env: process.env,
    };
  }

  private async complain(error: NotUsable): Promise<void> {
    const next =
      error.kind === "broken"
        ? "Correct the path or empty it."
        : error.kind === "old"
          ? "Update it: pip install --upgrade credscope"
          : "Install it with pip install credscope, or set credscope.path.";
    const settings = "Open Settings";
    const install = "How to Install";
    const choice = await vscode.window.showErrorMessage(`${error.message} ${next}`, settings, install);
    if (choice === settings) await vscode.commands.executeCommand("workbench.action.openSettings", "credscope.path");
    if (choice === install) await vscode.env.openExternal(vscode.Uri.parse(HOW_TO_INSTALL));
  }

  dispose(): void {
    void this.stop();
  }
}

/** Interpreters that the Python extension has chosen, when it is there. */
async function interpreters(): Promise<string[]> {
  const python = vscode.extensions.getExtension("ms-python.python");
  if (!python) return [];
  try {
    const api = await python.activate();
    const places = vscode.workspace.workspaceFolders?.map((f) => f.uri) ?? [undefined];
    return places.map((uri) => api?.environments?.getActiveEnvironmentPath(uri)?.path).filter((p) => typeof p === "string");
  } catch {
    return [];
  }
}
