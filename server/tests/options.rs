//! Options of the command line and errors as people meet them.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a failure fails the test, as it should")]

use std::path::Path;

use assert_cmd::Command;

const DIRTY: &str = "password = 'q7#Lm2vX9'\n";

struct Run {
    status: i32,
    out: String,
    err: String,
}

fn run(folder: &Path, arguments: &[&str], input: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_credscope"));
    let output = command.env_clear().current_dir(folder).args(arguments).write_stdin(input).output().unwrap();
    Run {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder with one finding, `a.py`.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.py"), DIRTY).unwrap();
    folder
}

#[test]
fn mistakes_are_explained_and_end_with_2() {
    let folder = folder();
    let rows: &[(&[&str], &str)] = &[
        (&["check", "--select", "named-variabel"], "did you mean `named-variable`"),
        (&["check", "--ignore", "no-such-rule"], "`credscope rules` lists all"),
        (&["check", "--slect", "CS1"], "--select"),
        (&["check", "--format", "xml"], "possible values"),
        (&["check", "--baseline", "missing.json"], "missing.json"),
        (&["check", "--config", "missing.toml"], "missing.toml"),
        (&["check", "--settings", "{"], "--settings is no JSON"),
        (&["check", "--settings", "{\"selct\": []}"], "did you mean `select`"),
        (&["check", "--settings", "{\"x\": 1}"], "unknown key `x`"),
        (&["explain", "named-variabel"], "did you mean `named-variable`"),
    ];
    for (arguments, message) in rows {
        let run = run(folder.path(), arguments, "");
        assert_eq!(run.status, 2, "{arguments:?}: {}{}", run.out, run.err);
        assert!(run.err.contains(message), "{arguments:?}: {}", run.err);
    }
    let run = run(folder.path(), &["check", "no-such-file.py"], "");
    assert!(run.status == 2 && format!("{}{}", run.out, run.err).contains("does not exist"), "{}", run.err);
}

#[test]
fn paths_that_overlap_name_a_file_once() {
    let folder = folder();
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    let whole = folder.path().join("a.py");
    let around = format!("../{name}/a.py");
    for arguments in [[".", "a.py"], ["a.py", &around], [whole.to_str().unwrap(), "a.py"]] {
        let run = run(folder.path(), &[&["check", "--format", "concise"], &arguments[..]].concat(), "");
        assert_eq!(run.out.matches("CS106").count(), 1, "{arguments:?}: {}", run.out);
        assert!(!run.out.contains("CS540"), "{arguments:?}: {}", run.out);
    }
}

#[test]
fn files_below_several_folders_are_told_apart() {
    let (here, one, two) = (tempfile::tempdir().unwrap(), folder(), folder());
    let [one, two] = [&one, &two].map(|f| f.path().to_str().unwrap());
    let run = run(here.path(), &["check", "--format", "concise", one, two], "");
    assert!(run.out.contains(&format!("{one}/a.py:1")) && run.out.contains(&format!("{two}/a.py:1")), "{}", run.out);
}

#[test]
fn counts_are_of_what_was_read() {
    let folder = folder();
    let missing = run(folder.path(), &["check", "nosuch"], "");
    assert!(missing.out.contains("no findings in 0 files"), "{}", missing.out);
    std::fs::write(folder.path().join("b.py"), "token = 'q7Lm2vX9kW4rPqZt8w'\n").unwrap();
    let two = run(folder.path(), &["check"], "");
    assert!(two.out.contains("2 errors in 2 files"), "{}", two.out);
    let one = run(folder.path(), &["check", "a.py"], "");
    assert!(one.out.contains("1 error in 1 file\n"), "{}", one.out);
}

#[test]
fn options_without_effect_and_baselines_of_another_form_are_said() {
    let folder = folder();
    let unsafe_fixes = run(folder.path(), &["check", "--unsafe-fixes"], "");
    assert!(unsafe_fixes.status == 1 && unsafe_fixes.err.contains("does nothing without them"), "{}", unsafe_fixes.err);
    std::fs::write(folder.path().join("b.json"), "{\"version\": 9, \"findings\": []}").unwrap();
    let baseline = run(folder.path(), &["check", "--baseline", "b.json"], "");
    assert!(baseline.status == 2 && baseline.err.contains("has version 9"), "{}", baseline.err);
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_are_counted() {
    let (folder, other) = (tempfile::tempdir().unwrap(), folder());
    let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
    link(&other.path().join("a.py"), "l.py");
    link(Path::new("nothing.py"), "m.py");
    std::fs::write(folder.path().join("b.py"), "x = 1\n").unwrap();
    link(&folder.path().join("b.py"), "n.py");
    let run = run(folder.path(), &["check"], "");
    assert!(run.status == 0 && run.err.contains("2 symbolic links were not followed"), "{}{}", run.out, run.err);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_said_to_be_unread() {
    let run = run(folder().path(), &["check", "/dev/null"], "");
    assert!(run.status == 2 && format!("{}{}", run.out, run.err).contains("was not read"), "{}{}", run.out, run.err);
}

#[test]
fn configuration_is_found_and_its_mistakes_are_named() {
    for name in ["credscope.toml", ".credscope.toml"] {
        let folder = folder();
        std::fs::write(folder.path().join(name), "ignore = [\"CS106\"]\n").unwrap();
        assert_eq!(run(folder.path(), &["check"], "").status, 0, "{name}");
        std::fs::write(folder.path().join(name), "[secrets]\nscop = \"jdbc\"\n").unwrap();
        let run = run(folder.path(), &["check"], "");
        let said = format!("{}{}", run.out, run.err);
        assert!(run.status == 2 && said.contains("did you mean `scope`"), "{name}: {said}");
    }
    for (text, message) in [
        ("ignore = \"CS102\"\n", "`ignore` takes a list"),
        ("scop = \"x\"\n", "`scope` belongs under `[secrets]`"),
        ("[secrets]\nscope = 1\n", "`scope` takes a text in quotes"),
    ] {
        let folder = folder();
        std::fs::write(folder.path().join("credscope.toml"), text).unwrap();
        let run = run(folder.path(), &["check"], "");
        let said = format!("{}{}", run.out, run.err);
        assert!(run.status == 2 && said.contains(message) && !said.contains("CS102"), "{text}: {said}");
    }
    let folder = folder();
    std::fs::write(folder.path().join("a.py"), "# credscope: ignore[named-varible]\nx = 1\n").unwrap();
    let said = run(folder.path(), &["check", "--format", "concise"], "").out;
    assert!(said.contains("there is no rule `named-varible`; did you mean `named-variable`?"), "{said}");
    std::fs::write(folder.path().join("a.py"), DIRTY).unwrap();
    std::fs::write(folder.path().join("pyproject.toml"), "[tool.credscope]\nignore = [\"named-variable\"]\n").unwrap();
    assert_eq!(run(folder.path(), &["check"], "").status, 0);
    std::fs::write(folder.path().join("pyproject.toml"), "[tool.other]\nx = 1\n").unwrap();
    assert_eq!(run(folder.path(), &["check"], "").status, 1, "a project without our table has defaults");
}

#[test]
fn what_is_reported_can_be_chosen() {
    let folder = folder();
    let status = |arguments: &[&str]| run(folder.path(), arguments, "").status;
    assert_eq!(status(&["check", "--select", "CS2"]), 0);
    assert_eq!(status(&["check", "--select", "CS1"]), 1);
    assert_eq!(status(&["check", "--ignore", "named-variable"]), 0);
    assert_eq!(status(&["check", "--exclude", "a.py"]), 0);
    assert_eq!(status(&["check", "--exit-zero"]), 0);
    assert_eq!(status(&["check", "--jobs", "1"]), 1);
    assert_eq!(status(&["check", "--min-severity", "error"]), 1);
    std::fs::write(folder.path().join(".gitignore"), "a.py\n").unwrap();
    assert_eq!(status(&["check"]), 0);
    assert_eq!(status(&["check", "--no-ignore"]), 1);
}

#[test]
fn reports_go_where_they_are_sent() {
    let folder = folder();
    let run_ = run(folder.path(), &["check", "--format", "json", "--output", "report.json"], "");
    assert!(run_.status == 1 && run_.out.is_empty(), "{}", run_.out);
    let report = std::fs::read_to_string(folder.path().join("report.json")).unwrap();
    assert!(report.contains("\"CS106\""));
    let run_ = run(folder.path(), &["check", "--statistics", "--quiet"], "");
    assert!(run_.out.contains("1  CS106 named-variable"), "{}", run_.out);
}

#[test]
fn standard_input_is_a_filter() {
    let folder = tempfile::tempdir().unwrap();
    let fix = ["check", "-", "--stdin-filename", "a.py", "--fix", "--unsafe-fixes"];
    let run_ = run(folder.path(), &fix, "# Databricks notebook source\npassword = 'q7#Lm2vX9'\n");
    assert!(run_.out.contains("dbutils.secrets.get(") && !run_.out.contains("q7#Lm2vX9"), "{}", run_.out);
    let clean = "x = 1\n";
    assert_eq!(run(folder.path(), &fix, clean).out, clean, "text without findings is passed on");
}

#[test]
fn an_editors_settings_count_where_the_configuration_is_silent() {
    let folder = folder();
    let with = |settings: &str| run(folder.path(), &["check", "--format", "concise", "--settings", settings], "");
    assert_eq!(with(r#"{"ignore": ["CS106"]}"#).status, 0);
    assert_eq!(with(r#"{"select": ["CS2"]}"#).status, 0);
    assert!(with(r#"{"credscope": {"severity": {"CS106": "info"}}}"#).out.contains("info"), "a hint of the editor");
    assert_eq!(with(r#"{"severity": {"CS106": "info"}}"#).status, 0);
    let fixed =
        |settings: &str| run(folder.path(), &["check", "--unsafe-fixes", "--diff", "--settings", settings], "").out;
    assert!(fixed(r#"{"secrets": {"scope": "from-editor"}}"#).contains("from-editor"));
    std::fs::write(folder.path().join("credscope.toml"), "[secrets]\nscope = \"from-file\"\n").unwrap();
    assert!(fixed(r#"{"secrets": {"scope": "from-editor"}}"#).contains("from-file"));
    std::fs::write(
        folder.path().join("credscope.toml"),
        "[severity]\nCS106 = \"warning\"\n[secrets]\nkey-case = \"kebab\"\n",
    )
    .unwrap();
    assert!(with(r#"{"severity": {"named-variable": "hint"}}"#).out.contains("warning"));
    std::fs::write(folder.path().join("a.py"), "db_password = 'q7#Lm2vX9'\n").unwrap();
    assert!(fixed(r#"{"secrets": {"keyCase": "snake"}}"#).contains("db-password"));
    // Options count beside them.
    let both = ["check", "--settings", r#"{"ignore": ["CS1"]}"#, "--select", "CS106"];
    assert_eq!(run(folder.path(), &both, "").status, 0);
}

#[test]
fn the_json_report_has_the_keys_of_the_readme() {
    let folder = folder();
    let report: serde_json::Value =
        serde_json::from_str(&run(folder.path(), &["check", "--format", "json"], "").out).unwrap();
    let readme = include_str!("../../README.md");
    let (_, section) = readme.split_once("### The JSON report").unwrap();
    let (section, _) = section.split_once("\n###").unwrap();
    let finding = &report["findings"][0];
    for key in report.as_object().unwrap().keys().chain(finding.as_object().unwrap().keys()) {
        assert!(section.contains(&format!("`{key}`")) || section.contains(&format!("\"{key}\"")), "{key}");
    }
    assert!(finding["help"].as_str().unwrap().contains("rotate"), "{}", finding["help"]);
}

/// What `config` prints for a path is a configuration file that means the same for it.
#[test]
fn the_configuration_in_force_can_be_pasted_back() {
    let folder = folder();
    let config = "ignore = [\"CS540\"]\nmin-severity = \"info\"\n[severity]\nnamed-variable = \"warning\"\n[per-file-ignores]\n\"jobs/**\" = [\"CS108\"]\n[secrets]\nscope = \"all\"\nstyle = \"unity-catalog\"\ndeclared = { all = [\"password\"] }\npaths = { \"jobs/**\" = \"jobs\" }\n[extend]\noptions = [\"acme.*\"]\n[[detectors]]\nname = \"acme-token\"\npattern = \"(acme_[a-z]{20})\"\nanchors = [\"acme_\"]\n";
    std::fs::write(folder.path().join("credscope.toml"), config).unwrap();
    let first = run(folder.path(), &["config", "jobs/a.py"], "");
    assert_eq!(first.status, 0, "{}", first.err);
    for line in [
        "ignore = [\n    \"CS540\",\n    \"CS108\",\n]", "scope = \"jobs\"", "style = \"unity-catalog\"",
        "min-severity = \"info\"",
    ] {
        assert!(first.out.contains(line), "{line} in\n{}", first.out);
    }
    std::fs::write(folder.path().join("credscope.toml"), &first.out).unwrap();
    let second = run(folder.path(), &["config", "jobs/a.py"], "");
    let settings = |run: &Run| run.out.split_once('\n').unwrap().1.to_owned();
    assert_eq!((second.status, settings(&second)), (0, settings(&first)), "{}", second.err);
}

#[test]
fn a_text_without_a_name_is_read_as_what_it_says_that_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let check = |arguments: &[&str], text: &str| {
        run(folder.path(), &[&["check", "-", "--format", "concise"], arguments].concat(), text)
    };
    let scala = check(&[], "// Databricks notebook source\nval password = \"q7#Lm2vX9\"\n");
    assert!(scala.out.contains("stdin.scala") && scala.err.is_empty(), "{}{}", scala.out, scala.err);
    let unknown = check(&[], DIRTY);
    assert!(unknown.out.contains("stdin.py") && unknown.err.contains("is read as Python"), "{}", unknown.err);
    assert!(check(&["--quiet"], DIRTY).err.is_empty());
    assert!(check(&["--stdin-filename", "a.py"], DIRTY).err.is_empty());
}
