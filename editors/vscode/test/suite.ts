// The extension in a real VS Code.

import "./documents";
import "./notebooks";
import "./settings";
import "./commands";
import "./walkthrough";
import "./pictures";

export { runAll as run } from "./harness";
