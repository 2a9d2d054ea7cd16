// The extension in a real VS Code.

// First, as a user does: VS Code does not tick steps that were done before.
import "./walkthrough";
import "./documents";
import "./notebooks";
import "./settings";
import "./commands";
import "./pictures";

export { runAll as run } from "./harness";
