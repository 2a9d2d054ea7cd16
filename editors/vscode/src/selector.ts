// Documents that the server gets. Patterns stand for languages that a bare VS Code does not know.

import type { DocumentSelector } from "vscode-languageclient/node";

export const LANGUAGES = [
  "python", "scala", "sql", "r", "yaml", "json", "jsonc", "properties", "terraform", "terraform-vars", "shellscript", "dotenv",
  "toml", "ini", "xml", "dockerfile", "makefile", "dockercompose", "groovy", "markdown",
];

const PATTERNS = [
  "**/*.{scala,sc}", "**/*.{tf,tfvars,hcl}", "**/{.env,.env.*,*.env}", "**/*.{conf,properties,cfg,toml}", "**/*.{r,R}",
  // Whatever an extension for workflows, pipelines or charts calls them.
  "**/*.{yml,yaml}", "**/*.{tmpl,share}",
  "**/{.databrickscfg,.netrc,.pgpass,.npmrc,.pypirc,requirements*.txt}", "**/.aws/credentials",
];

/** Cells whose language the editor does not know are plain text: the notebook says what they are. */
const CELL_LANGUAGES = ["python", "scala", "sql", "r", "shellscript", "markdown", "plaintext"];

export const SELECTOR: DocumentSelector = [
  ...["file", "untitled"].flatMap((scheme) => LANGUAGES.map((language) => ({ scheme, language }))),
  ...PATTERNS.map((pattern) => ({ scheme: "file", pattern })),
  // Without this scheme cells get findings, but no quick fixes.
  ...CELL_LANGUAGES.map((language) => ({ scheme: "vscode-notebook-cell", language })),
];
