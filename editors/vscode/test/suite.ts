// The extension in a real VS Code.

// First: its page must not have been open before.
import "./walkthrough";
import "./documents";
import "./notebooks";
import "./settings";
import "./commands";
import "./pictures";

export { runAll as run } from "./harness";
