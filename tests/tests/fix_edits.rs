//! Fixes on generated files, in every container, whichever of them are chosen: edits never overlap, nothing outside their
//! ranges changes, and the container still opens.

#![allow(clippy::unwrap_used, reason = "a failure fails the test, as it should")]

use credscope_grammars::{CellKind, Document, Span};
use credscope_linter::{
    Settings, Workspace, engine,
    fix::{self, Applicability, Names},
};
use credscope_tests::{
    cases::{self, Case},
    fakes::Fakes,
    fixing::fix_all,
    render,
};

/// Statements with a place for a password `@`, and others.
const PYTHON: &[&str] = &[
    "df = spark.read.format(\"jdbc\").option(\"password\", \"@\").load()",
    "password = '@'",
    "c = pyodbc.connect(\"DRIVER={x};SERVER=h;UID=etl;PWD=@;Encrypt=yes\")",
    "c = pyodbc.connect(\"SERVER={};UID=etl;PWD=@\".format(host))",
    "c = pyodbc.connect(f'SERVER={host};UID=etl;PWD=@')",
    "c = pyodbc.connect(\"SERVER=h;\"\n    \"PWD=@;\"  # naïve ü\n    \"X=1\")",
    "x = \"\"\"UID=etl;\nPWD=@;\n\"\"\"",
    "def connect(host, password=\"@\"):\n    return psycopg2.connect(host, password=password)",
    "token_secret = b\"@\"",
    "url = 'jdbc:postgresql://h/d?user=etl&password=@'\ndf = spark.read.format('jdbc').option('url', url).load()",
    "pw = dbutils.secrets.get(\"a\", \"password\")\nprint(pw)",
    "print(f\"{1 + 1}\")",
    "text = \"ünï \\u00e9 'q' \\\"r\\\" {y}\"",
    "spark.sql(\"CREATE CONNECTION c TYPE mysql OPTIONS (host 'h', user 'u', password '@')\")",
    "if debug:\n\tpassword = '@'",
    "os.environ[\"PGPASSWORD\"] = \"@\"",
    "# pw: @",
    "class Writer:\n    def open(self, p, e):\n        self.c = pymysql.connect(password=\"@\")\ndf.writeStream.foreach(Writer()).start()",
    "url = 'jdbc:sqlserver://h;user=etl;password={pw}'.replace('{pw}', '@')",
    "password = \"zq7Lm2vX9kW4\"\nrun(x, 'zq7Lm2vX9kW4')",
    "df.rdd.mapPartitions(lambda rows: connect(rows, password='@'))",
    "c = connect(\"S=%s;UID=etl;PWD=@\" % host)",
    "spark.conf.set(\"fs.azure.account.key.\" + account + \".dfs.core.windows.net\", \"@\")",
    "h = {\"Authorization\": \"Bearer \" + dbutils.secrets.get(\"a\", \"t\")}\nprint(h)\nrequests.post(\"http://h.example.com\", headers=h)",
    "sc._jsc.hadoopConfiguration().set(\"fs.s3a.secret.key\", dbutils.secrets.get(\"a\", \"k\"))",
];

const SCALA: &[&str] = &[
    "val password = \"@\"",
    "props.put(\"user\", \"etl\"); props.put(\"password\", \"@\")",
    "val u = s\"SERVER=$host;\\tUID=etl;PWD=@\"",
    "val u = \"SERVER=h;UID=etl;PWD=@;x=ü\"",
    "val df = spark.read.format(\"jdbc\").option(\"url\", \"jdbc:sqlserver://h;user=etl;password=@\").load()",
    "val pw = dbutils.secrets.get(scope = \"a\", key = \"password\")\nprintln(pw)",
    "def f(password: String = \"@\") = password",
    "val s = \"SERVER=%s;UID=etl;PWD=@\".format(host)",
    "df.foreachPartition { rows =>\n  val c = DriverManager.getConnection(u, \"etl\", \"@\")\n}",
    "val v = Map(\"password\" -> \"zq7Lm2vX9kW4\"); run(\"zq7Lm2vX9kW4\")",
];

const R: &[&str] = &[
    "password <- \"@\"",
    "con <- dbConnect(drv(), user = \"etl\", password = '@')",
    "x <- sprintf(\"Server=%s;UID=etl;PWD=@\", host)",
    "url <- 'jdbc:postgresql://h/d?user=etl&password=@'",
    "pw <- dbutils.secrets.get(scope = \"a\", key = \"password\"); print(pw)",
    "x <- \"ü\"",
];

const SQL: &[&str] = &[
    "CREATE CONNECTION c TYPE mysql OPTIONS (host 'h', user 'u', password '@');",
    "SELECT 'ü' FROM t;",
    "SELECT secret('a', 'b');",
];

fn value(fakes: &mut Fakes) -> String {
    fakes.make("password")
}

fn case(fakes: &mut Fakes, (language, statements): (&str, &[&str])) -> Case {
    let mut code = String::new();
    for _ in 0..1 + fakes.below(6) {
        let statement = statements[fakes.below(statements.len())].replace('@', &value(fakes));
        code.push_str(&statement);
        code.push('\n');
        match fakes.below(5) {
            0 => code.push_str("# COMMAND ----------\n"),
            1 => code.push('\n'),
            _ => {}
        }
    }
    let page = format!("# x\n\n## Cases\n\n### generated\n```{language}\n{code}```\n");
    cases::parse(&page).remove(0)
}

#[test]
fn chosen_fixes_touch_nothing_but_their_ranges() {
    let (mut ran, mut changed) = (0, 0);
    for seed in 0..300 {
        let mut fakes = Fakes::new(seed);
        let language =
            [("python", PYTHON), ("python", PYTHON), ("scala", SCALA), ("sql", SQL), ("r", R)][seed as usize % 5];
        for rendered in render::render(&case(&mut fakes, language)) {
            let text = match (rendered.container, fakes.below(3)) {
                ("ipynb", 0) => rendered.text,
                ("ipynb", choice) => other_notebook(&rendered.text, choice == 1, &mut fakes),
                (_, 0) => rendered.text.replace('\n', "\r\n"),
                _ => rendered.text,
            };
            ran += 1;
            changed += u32::from(holds(&rendered.path, &text, &mut fakes));
        }
    }
    assert!(ran > 500 && changed > 300, "{changed} of {ran} files had a fix");
}

/// The notebook with its cells' source as one string, as some programs write it, and stored outputs with a password.
fn other_notebook(text: &str, as_string: bool, fakes: &mut Fakes) -> String {
    let mut notebook: serde_json::Value = serde_json::from_str(text).unwrap();
    for cell in notebook["cells"].as_array_mut().unwrap() {
        if as_string {
            let lines = cell["source"].as_array().unwrap().iter();
            cell["source"] = lines.map(|line| line.as_str().unwrap()).collect::<String>().into();
        }
        if cell["cell_type"] == "code" {
            let line = format!("password={}\n", value(fakes));
            let mut outputs = vec![
                serde_json::json!({"output_type": "stream", "name": "stdout", "text": ["fine\n"]}),
                serde_json::json!({"output_type": "error", "ename": "E", "evalue": line, "traceback": ["a", line]}),
                serde_json::json!({"output_type": "display_data", "metadata": {}, "data": {"text/plain": [line], "text/html": line}}),
            ];
            outputs.truncate(fakes.below(4));
            cell["outputs"] = outputs.into();
        }
    }
    if as_string { notebook.to_string() } else { serde_json::to_string_pretty(&notebook).unwrap() }
}

/// Whether something was fixed.
fn holds(path: &str, text: &str, fakes: &mut Fakes) -> bool {
    let opened = credscope_grammars::open(path, text.as_bytes());
    let document = &opened.documents[0];
    let facts = engine::document_facts(document);
    let mut findings = credscope_linter::analyze(document, path, &Settings::default(), &Workspace::default()).findings;
    fix::resolve(document, &facts, &Settings::default(), &mut Names::default(), &mut findings);
    for finding in &mut findings {
        // Any of the fixes, or none.
        let choice = fakes.below(finding.fixes.len() + 1);
        finding.fixes = finding.fixes.drain(..).skip(choice).take(1).collect();
    }
    let Some(applied) = fix::apply(document, &findings, Applicability::Unsafe) else { return false };
    let mut ranges: Vec<(Span, String)> = Vec::new();
    for edit in applied.fixed.iter().flat_map(|&i| &findings[i].fixes[0].edits) {
        let (span, new) = document.edit(edit.place.cell as usize, edit.place.span, &edit.text).unwrap();
        match ranges.iter_mut().find(|(at, _)| *at == span) {
            Some((_, old)) => add_lines(old, &new),
            None => ranges.push((span, new)),
        }
    }
    ranges.sort();
    let mut rest = &*applied.text;
    let mut at = 0;
    for (span, new) in &ranges {
        assert!(span.start as usize >= at, "edits overlap in {path}:\n{text}");
        for part in [&text[at..span.start as usize], new.as_str()] {
            rest =
                rest.strip_prefix(part).unwrap_or_else(|| panic!("bytes outside the edits changed in {path}:\n{text}"));
        }
        at = span.end as usize;
    }
    assert_eq!(rest, &text[at..], "the end of {path} changed");
    loads(document, path, &applied.text, &ranges);
    true
}

/// What two fixes insert at one place: both, and what they share once.
fn add_lines(old: &mut String, new: &str) {
    let missing: Vec<&str> =
        new.split_inclusive('\n').filter(|l| !old.split_inclusive('\n').any(|o| o == *l)).collect();
    let shares = new.split_inclusive('\n').any(|l| !l.trim().is_empty() && !missing.contains(&l));
    old.push_str(&if shares { missing.concat() } else { new.to_owned() });
}

/// The container opens as before, and cells without an edit read as before.
fn loads(before: &Document, path: &str, text: &str, ranges: &[(Span, String)]) {
    let opened = credscope_grammars::open(path, text.as_bytes());
    assert!(opened.problems.is_empty(), "{path} does not open any more:\n{text}");
    let after = &opened.documents[0];
    if path.ends_with(".ipynb") {
        serde_json::from_str::<serde_json::Value>(text).unwrap();
        // `tests/equivalence/test.sh` validates them against the standard's schema.
        if let Some(folder) = std::env::var_os("CREDSCOPE_FIXED_NOTEBOOKS") {
            let folder = std::path::PathBuf::from(folder);
            let number = std::fs::read_dir(&folder).unwrap().count();
            std::fs::write(folder.join(format!("{number}.ipynb")), text).unwrap();
        }
    }
    assert_eq!(after.container, before.container);
    // A cell whose only statement was deleted is none any more.
    if ranges.iter().any(|(_, new)| new.is_empty()) && after.cells.len() < before.cells.len() {
        return;
    }
    assert_eq!(after.cells.len(), before.cells.len(), "{text}");
    for (i, (old, new)) in before.cells.iter().zip(&after.cells).enumerate() {
        assert_eq!((old.kind.clone(), old.language), (new.kind.clone(), new.language));
        let whole = before.physical(i, Span::new(0, old.text.len()));
        let touched = ranges.iter().any(|(s, _)| s.start <= whole.end && whole.start <= s.end);
        assert!(touched || old.text == new.text || old.kind != CellKind::Code, "cell {i} of {path} changed:\n{text}");
    }
}

/// Lines that many fixes insert at one place, or bind names with, are written in few rounds, each name once.
#[test]
fn many_lines_at_one_place_need_few_rounds() {
    let each = |text: &dyn Fn(usize) -> String| (0..16).map(text).collect::<String>();
    let value = |i: usize| format!("q7Lm{i:02}vX9w");
    let parameters = each(&|i| format!("password{i}=\"{}\", ", value(i)));
    let strings = each(&|i| format!("val a{i} = raw\"SERVER=h\\i;PWD={}\"\n", value(i)));
    let same =
        each(&|i| format!("def f{i}(h: String) = {{\n  c(s\"SERVER=h\\\\i;UID=etl_reader;PWD={}\")\n}}\n", value(i)));
    let calls = each(&|i| format!("    c{i} = connect(password=\"{}\")\n", value(i)));
    let blocks = each(&|i| {
        format!(
            "resource \"databricks_secret\" \"s{i}\" {{\n  key = \"k{i}\"\n  scope = \"s\"\n  string_value = \"{}\"\n}}\n",
            value(i)
        )
    });
    let rows = [
        ("a.py", format!("# Databricks notebook source\ndef f({parameters}):\n    return 1\n")),
        ("a.scala", format!("// Databricks notebook source\n{strings}")),
        ("b.scala", format!("// Databricks notebook source\n{same}")),
        ("b.py", format!("# Databricks notebook source\ndef part(it):\n{calls}df.foreachPartition(part)\n")),
        ("main.tf", blocks),
    ];
    for (path, text) in rows {
        let (settings, workspace) = (Settings::default(), Workspace::default());
        let fixed = fix_all(path, &text, &settings, &workspace, Applicability::Unsafe);
        assert!(
            fixed.wrong.is_empty() && fixed.rounds <= 3 && fixed.count >= 16,
            "{path}: {} rounds, {:?}\n{}",
            fixed.rounds,
            fixed.wrong,
            fixed.text
        );
        assert!(!fixed.text.contains("q7Lm"), "{}", fixed.text);
        let mut bound: Vec<&str> =
            fixed.text.lines().filter_map(|l| l.trim().strip_prefix("val ")?.split(" = ").next()).collect();
        let count = bound.len();
        bound.sort_unstable();
        bound.dedup();
        assert_eq!(bound.len(), count, "{}", fixed.text);
    }
}
