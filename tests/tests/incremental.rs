//! The kept analysis is a fresh one: after each of more than 10,000 random edits, of plain files, source notebooks and
//! editors' notebooks, the findings are those of the text read anew.

#![allow(clippy::unwrap_used, reason = "a failure fails the test, as it should")]

use std::{fmt::Write, sync::Arc};

use credscope_grammars::{CellKind, Document, EditorCell, Language, LineIndex, container::in_blocks};
use credscope_linter::{
    Finding, Settings, engine,
    incremental::Memo,
    workspace::{Files, Reference, WorkspaceDocument},
};

/// A project of one module.
struct Module(Arc<WorkspaceDocument>);

impl Files for Module {
    fn find(&self, folder: &str, reference: &Reference) -> Option<String> {
        reference.candidates(folder).into_iter().find(|c| c == "secrets_of.py")
    }

    fn read(&self, _: &str) -> Option<Arc<WorkspaceDocument>> {
        Some(self.0.clone())
    }
}

/// Pieces of programs that read, bind, pass on and show credentials and names.
const PIECES: &[&str] = &[
    "pw = dbutils.secrets.get('jdbc', 'password')\n",
    "print(pw)\n",
    "password = 'q7#Lm2vX9'\n",
    "api_token = f'{pw}x'\n",
    "conf = {'password': 'q7#Lm2vX9', 'user': 'joe'}\n",
    "conf['token'] = pw\n",
    "conf = {}\n",
    "spark.read.option('password', password)\n",
    "def show(x, password='w8#Kn3uY0'):\n    print(x)\n    return x\n",
    "show(pw)\n",
    "url = f'jdbc:mysql://h/db?user=joe&password={password}'\n",
    "import os\n",
    "from secrets_of import TOKEN\n",
    "from secrets_of import TOKEN as pw\n",
    "import os as pw\n",
    "import secrets_of\nimport os\n",
    "print(secrets_of.TOKEN)\n",
    "def late():\n    from secrets_of import TOKEN\n    print(TOKEN)\nlate()\n",
    "%run ./secrets_of\n",
    "rdd.map(lambda r: dbutils.secrets.get('a', 'b'))\n",
    "rdd = spark.sparkContext.parallelize([1])\n",
    "print(TOKEN)\n",
    "get = dbutils.secrets.get\n",
    "os.environ['X'] = pw\n",
    "if x:\n    password = 'none'\nelse:\n    token = pw\n",
    "for p in [pw, 1]:\n    print(p)\n",
    "class A:\n    secret = 'v9#Jo4tZ1'\n    def m(self):\n        self.token = pw\n        return self.token\n",
    "a = A()\nprint(a.m())\n",
    "df = spark.sql(\"select secret('a', 'b') as c\")\n",
    "display(df)\n",
    "# credscope: ignore[secret-printed] demo\n",
    "# password = 'q7#Lm2vX9'\n",
    "x = 1\n",
    "key = 'k'\n",
    "'",
    "\"\"\"",
    "(",
    ")",
    "é𝄞",
    "\r\n",
    "\n",
    " ",
    "token",
    "q7#Lm2vX9",
    "%sql\n",
    "%sh\ncurl -u joe:q7#Lm2vX9 https://h\n",
    "# COMMAND ----------\n",
    "val password = \"q7#Lm2vX9\"\n",
    "println(pw)\n",
    "del pw\n",
    "pw = None\n",
    "host = 'db.example.org'\n",
    "user = 'etl'\n",
];

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }

    /// Types, pastes or deletes something.
    fn edit(&mut self, text: &mut String) {
        let at = |r: &mut Self, text: &str| {
            let mut at = r.below(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let line = |r: &mut Self, text: &str| {
            let line = r.below(text.matches('\n').count() + 1);
            text.split_inclusive('\n').take(line).map(str::len).sum::<usize>()
        };
        match self.below(8) {
            // Typing in a literal, as people do most.
            0..=2 => {
                let quotes: Vec<usize> = text.match_indices("#").map(|(i, _)| i).collect();
                let place = if quotes.is_empty() { at(self, text) } else { quotes[self.below(quotes.len())] + 1 };
                text.insert(place, char::from(b'a' + self.below(26) as u8));
            }
            3 => {
                let place = at(self, text);
                text.insert_str(place, PIECES[self.below(PIECES.len())]);
            }
            4 | 5 => {
                let place = line(self, text);
                text.insert_str(place, PIECES[self.below(PIECES.len())]);
            }
            _ => {
                let (a, b) = (at(self, text), at(self, text));
                let end = b.max(a).min(a.min(b) + 40);
                let end = (end..=text.len()).find(|e| text.is_char_boundary(*e)).unwrap();
                text.replace_range(a.min(b)..end, "");
            }
        }
        if text.len() > 900 {
            let place = line(self, text);
            let end = text[place..].find('\n').map_or(text.len(), |n| place + n + 1);
            text.replace_range(place..end, "");
        }
    }
}

fn print(document: &Document, findings: &[Finding]) -> String {
    let mut out = String::new();
    for f in findings {
        let _ = write!(
            out,
            "{} {:?} {:?} {} {} {}",
            f.rule.code,
            f.place,
            f.severity,
            f.message,
            f.fingerprint,
            f.plans.len()
        );
        for related in &f.related {
            let _ = write!(out, " [{:?} {} {:?}]", related.place, related.message, related.path);
        }
        let _ = writeln!(out, " in {:?}", document.cells.get(f.place.cell as usize).map(|c| c.number));
    }
    out
}

fn check(memo: &mut Memo, document: &Document, settings: &Arc<Settings>, files: &Module, what: &str) {
    let kept = memo.analyze(document, "job.py", settings, files, &|| false).unwrap();
    let (facts, workspace) = engine::read(document, "job.py", settings, files);
    let fresh = engine::analyze_facts(document, &facts, "job.py", settings, &workspace).findings;
    assert_eq!(print(document, &kept.findings), print(document, &fresh), "{what}");
}

fn module() -> Module {
    let text = "TOKEN = dbutils.secrets.get('app', 'token')\n";
    Module(Arc::new(WorkspaceDocument::new(Arc::new(
        credscope_grammars::open("secrets_of.py", text.as_bytes()).documents.remove(0),
    ))))
}

fn texts(seed: u64, steps: usize, name: &str, head: &str, view: &dyn Fn(Document) -> Document) {
    let (settings, files) = (Arc::new(Settings::default()), module());
    let (mut memo, mut random) = (Memo::default(), Random(seed));
    let mut text = String::new();
    let mut before: Option<Document> = None;
    for step in 0..steps {
        random.edit(&mut text);
        let whole: Arc<str> = format!("{head}{text}").into();
        let lines = LineIndex::new(&whole);
        // As the server reads it: what the edit did not touch is taken over.
        let reopened = before.take().and_then(|b| credscope_grammars::reopen(name, &whole, &lines, &b));
        let open = || credscope_grammars::open(name, whole.as_bytes()).documents.into_iter().next();
        let Some(document) = reopened.or_else(open).map(view) else { continue };
        check(&mut memo, &document, &settings, &files, &format!("seed {seed}, step {step}:\n{whole}"));
        before = Some(document);
    }
}

fn notebooks(seed: u64, steps: usize) {
    let (settings, files) = (Arc::new(Settings::default()), module());
    let (mut memo, mut random) = (Memo::default(), Random(seed));
    let mut cells: Vec<(String, bool)> = vec![(String::new(), true); 4];
    for step in 0..steps {
        match random.below(12) {
            0 if cells.len() < 8 => {
                let at = random.below(cells.len() + 1);
                cells.insert(at, (PIECES[random.below(PIECES.len())].to_owned(), true));
            }
            1 if cells.len() > 1 => {
                let at = random.below(cells.len());
                cells.remove(at);
            }
            2 => {
                let (a, b) = (random.below(cells.len()), random.below(cells.len()));
                cells.swap(a, b);
            }
            3 => {
                let at = random.below(cells.len());
                cells[at].1 = !cells[at].1;
            }
            _ => {
                let at = random.below(cells.len());
                random.edit(&mut cells[at].0);
                if cells[at].0.len() > 250 {
                    cells[at].0.clear();
                }
            }
        }
        let editor = cells.iter().map(|(text, code)| EditorCell {
            language: Language::Python,
            kind: if *code { CellKind::Code } else { CellKind::Markdown },
            text: text.as_str().into(),
        });
        let document = credscope_grammars::from_cells(Language::Python, editor.collect());
        check(&mut memo, &document, &settings, &files, &format!("seed {seed}, step {step}:\n{cells:#?}"));
    }
}

#[test]
fn plain_files_are_as_read_anew() {
    (0..12).for_each(|seed| texts(seed, 150, "job.py", "", &|d| d));
    texts(11, 100, "job.scala", "", &|d| d);
    texts(12, 60, "job.sql", "", &|d| d);
}

/// As large files are read: paragraphs come, go, join and part.
#[test]
fn plain_files_in_blocks_are_as_read_anew() {
    let head = "import os\n\npw = dbutils.secrets.get('jdbc', 'password')\n\ndef late(x):\n    print(x)\n\n";
    (100..116).for_each(|seed| texts(seed, 150, "job.py", head, &|d| in_blocks(&d)));
}

#[test]
fn source_notebooks_are_as_read_anew() {
    let head = "# Databricks notebook source\npw = dbutils.secrets.get('jdbc', 'password')\n\n# COMMAND ----------\n\npassword = 'q7#Lm2vX9'\n\n# COMMAND ----------\n\n";
    (20..54).for_each(|seed| texts(seed, 120, "job.py", head, &|d| d));
}

#[test]
fn editor_notebooks_are_as_read_anew() {
    (60..94).for_each(|seed| notebooks(seed, 120));
}
