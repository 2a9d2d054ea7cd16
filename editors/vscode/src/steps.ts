// The steps of the walkthrough that are done, whether its page was open or not.

import * as vscode from "vscode";

export type Step = "sample" | "fix" | "provision" | "gate";

const DONE = "credscope.steps";
/** How long VS Code may take until it knows the walkthrough of a page that opens, in milliseconds. */
const LATER = [0, 500, 2000, 5000];

/**
 * VS Code ticks a step when its context key becomes true while the walkthrough is known, which it is from the first time that
 * its page opens. A key that is true before never ticks. So keys are true for a moment only: when a step is done, and whenever a
 * page opens that may be the walkthrough.
 */
export class Steps implements vscode.Disposable {
  private readonly subscription: vscode.Disposable;

  constructor(private readonly memento: vscode.Memento) {
    this.subscription = vscode.window.tabGroups.onDidChangeTabs(({ opened }) => {
      // Pages of VS Code itself have no input.
      if (opened.some((tab) => tab.input === undefined)) for (const ms of LATER) setTimeout(() => this.tick(this.all()), ms);
    });
  }

  done(step: Step): void {
    if (!this.all().includes(step)) void this.memento.update(DONE, [...this.all(), step]);
    this.tick([step]);
  }

  private all(): Step[] {
    return this.memento.get<Step[]>(DONE, []);
  }

  private tick(steps: Step[]): void {
    for (const step of steps) for (const value of [true, false]) void vscode.commands.executeCommand("setContext", `credscope.step.${step}`, value);
  }

  dispose(): void {
    this.subscription.dispose();
  }
}
