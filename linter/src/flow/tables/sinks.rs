//! Calls that show, store or pass on what they are given (catalog §B.2).

/// What happens to an argument; with the kind of source it decides the severity (catalog §0.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flow) enum Class {
    /// Shown in the cell.
    Output,
    /// Shown as a table, whose redaction is not documented.
    Table,
    /// A header or connection string, shown as a whole (catalog CS209: K2).
    Header,
    /// Process output and logs.
    Log,
    /// Stored: file, table, run result.
    Stored,
    /// Stored in a file that goes away with the driver.
    Scratch,
    /// Query text, URLs, process arguments.
    Text,
    /// Query text that defines something which keeps it.
    Ddl,
    /// The one place where a library looks for it.
    Expected,
}

const PRINTERS: &[&str] = &[
    "print", "println", "printf", "builtins.print", "scala.Predef.println", "scala.Predef.print", "Predef.println",
    "Predef.print", "System.out.println", "System.out.print", "System.out.printf", "System.err.println",
    "System.err.print", "System.err.printf", "Console.println", "Console.print", "Console.printf",
    "Console.out.println", "Console.err.println", "Console.err.print", "Console.out.print", "sys.stdout.write",
    "sys.stderr.write", "sys.stdout.writelines", "sys.stderr.writelines", "click.echo", "click.secho", "typer.echo",
    "typer.secho", "rich.print", "rich.console.Console().print", "rich.console.Console().log", "pprint",
    "pprint.pprint", "pprint.pp", "pp", "tqdm.write", "tqdm.tqdm.write", "cat", "message", "writeLines",
    "IPython.display.publish_display_data",
];

const LOG_LEVELS: &[&str] =
    &["debug", "info", "warning", "warn", "error", "exception", "critical", "log", "trace", "success", "fatal", "msg"];

const MLFLOW: &[&str] = &[
    "log_param", "log_params", "log_text", "log_dict", "set_tag", "set_tags", "log_input", "set_experiment_tag",
    "set_experiment_tags", "log_artifact", "log_artifacts", "log_metric", "log_table", "log_model",
    "set_registered_model_tag", "set_model_version_tag",
];

/// Receivers whose `write` is that of a file.
const FILES: &[&str] =
    &["f", "fh", "fp", "fd", "file", "outfile", "out_file", "handle", "fout", "writer", "output_file"];

/// Rule and class of a call that is a sink for its arguments. `path` is resolved, `method` its last name; `extra`: callees
/// that the configuration names.
pub(in crate::flow) fn sink(path: &str, method: &str, extra: &[String]) -> Option<(&'static str, Class)> {
    let tail = |t: &str| path == t || path.ends_with(&format!(".{t}"));
    if is_configured_sink(path, extra) {
        return Some(("CS206", Class::Log));
    }
    let receiver = path.rsplit_once('.').map_or("", |(r, _)| r);
    let owner = receiver.rsplit('.').next().unwrap_or("");
    Some(match method {
        _ if PRINTERS.contains(&path) => ("CS201", Class::Output),
        "print" | "println" | "printf"
            if tail("out.println") || tail("err.println") || tail("out.print") || path.contains("Console()") =>
        {
            ("CS201", Class::Output)
        }
        "write" | "writelines" if path.contains("stdout") || path.contains("stderr") => ("CS201", Class::Output),
        "display" | "displayHTML" => ("CS202", Class::Output),
        "HTML" | "Markdown" | "JSON" | "Code" | "Pretty" if path.contains("display") => ("CS202", Class::Output),
        // Spark's own trait, and R's package.
        "logInfo" | "logWarning" | "logError" | "logDebug" | "logTrace" if path == method => ("CS206", Class::Log),
        _ if path.starts_with("logger::log_") => ("CS206", Class::Log),
        _ if LOG_LEVELS.contains(&method) && is_logger(path) => ("CS206", Class::Log),
        "exit" if tail("notebook.exit") => ("CS214", Class::Stored),
        "run" if tail("notebook.run") => ("CS215", Class::Stored),
        "set" if path.contains("taskValues") => ("CS216", Class::Stored),
        "text" | "dropdown" | "combobox" | "multiselect" if path.contains("widgets") => ("CS217", Class::Stored),
        "put" if tail("fs.put") => ("CS218", Class::Stored),
        "write_text" | "write_bytes" => ("CS218", Class::Stored),
        "write" | "writelines" | "print" | "println" | "append" | "writeBytes" | "writerow" | "writerows"
            if writes_file(path, receiver, owner, method) =>
        {
            ("CS218", Class::Stored)
        }
        "dump" | "safe_dump"
            if ["json", "yaml", "pickle", "toml", "joblib", "cloudpickle"].iter().any(|m| path.starts_with(m)) =>
        {
            ("CS218", Class::Stored)
        }
        "writeStringToFile" | "writeByteArrayToFile" => ("CS218", Class::Stored),
        _ if MLFLOW.contains(&method) && (path.contains("mlflow") || path.contains("MlflowClient")) => {
            ("CS220", Class::Stored)
        }
        "putenv" | "setProperty" | "setenv" | "setdefault" | "update"
            if crate::catalog::env::is_writer(path) || path == "os.environ.update" =>
        {
            ("CS221", Class::Text)
        }
        "run" | "call" | "check_call" | "check_output" | "Popen" | "getoutput" | "getstatusoutput"
            if path.contains("subprocess") =>
        {
            ("CS222", Class::Text)
        }
        "system" | "popen" | "execv" | "execvp" | "spawnl" if path.starts_with("os.") => ("CS222", Class::Text),
        "Process" if path == "Process" || path.ends_with("process.Process") => ("CS222", Class::Text),
        "sql" if path.contains("spark") || path == "sql" || path.contains("Context") => ("CS212", Class::Text),
        "execute" | "executemany" | "executeQuery" | "executeUpdate" | "prepareStatement" | "read_sql"
        | "read_sql_query" => ("CS212", Class::Text),
        "set" if path.contains("hadoopConfiguration") => ("CS223", Class::Text),
        "set" if tail("spark.conf.set") || tail("sparkContext._conf.set") => ("CS223", Class::Text),
        "require" | "assert" | "assume" if path == method => ("CS207", Class::Stored),
        "fail" if path == "self.fail" => ("CS207", Class::Stored),
        _ if method.starts_with("assert") && path.starts_with("self.assert") => ("CS207", Class::Stored),
        "warning" if path == method => ("CS207", Class::Stored),
        "saveRDS" | "save" if path == "saveRDS" => ("CS218", Class::Stored),
        "exit" if path == "sys.exit" || path == "exit" => ("CS207", Class::Stored),
        "fail" if path == "sys.error" || path == "pytest.fail" => ("CS207", Class::Stored),
        "error" if path == "sys.error" => ("CS207", Class::Stored),
        _ => return None,
    })
}

fn writes_file(path: &str, receiver: &str, owner: &str, method: &str) -> bool {
    if crate::flow::grows::is_buffer(path) {
        return false;
    }
    if makes_writer(receiver) {
        return true;
    }
    if path.ends_with("Files.write") || path.ends_with("Files.writeString") || path.ends_with("os.write") {
        return true;
    }
    matches!(method, "write" | "writelines" | "writerow") && (FILES.contains(&owner) || owner.ends_with("_file"))
}

/// Whether a path holds a call that opens a file for writing.
pub(in crate::flow) fn makes_writer(path: &str) -> bool {
    let made = [
        "open()", "PrintWriter()", "FileWriter()", "FileOutputStream()", "BufferedWriter()", "csv.writer()",
        "TemporaryFile()",
    ];
    made.iter().any(|m| path.contains(m))
}

pub(in crate::flow) fn is_configured_sink(path: &str, extra: &[String]) -> bool {
    extra.iter().any(|e| path == e || path.strip_suffix(e.as_str()).is_some_and(|h| h.ends_with('.')))
}

/// Whether a name may be that of a function that reads or shows what it gets, where it is handed on as a value.
pub(in crate::flow) fn may_be_handed_on(name: &str) -> bool {
    matches!(name, "print" | "println" | "printf" | "pprint" | "display" | "displayHTML" | "echo" | "write" | "get")
        || LOG_LEVELS.contains(&name)
}

/// Whether a path is a method of a logger: by how it was made, or by its name.
pub(in crate::flow) fn is_logger(path: &str) -> bool {
    let Some((receiver, _)) = path.rsplit_once('.') else { return false };
    // Every name below holds one of these.
    let may_be =
        |three: &[u8]| three.eq_ignore_ascii_case(b"log") || three.eq_ignore_ascii_case(b"slf") || three == b"war";
    if path.is_ascii() && !path.as_bytes().windows(3).any(may_be) {
        return false;
    }
    if ["getLogger", "get_logger", "LoggerFactory", "LogManager", "structlog"].iter().any(|m| receiver.contains(m)) {
        return true;
    }
    if receiver.ends_with(')') {
        // `logger.bind(…).info`, `logger.opt(…)`.
        let root = receiver.split(['.', '(']).next().unwrap_or("");
        return is_log_name(root);
    }
    path.starts_with("warnings.") || is_log_name(receiver.rsplit('.').next().unwrap_or(receiver))
}

fn is_log_name(name: &str) -> bool {
    crate::value::names::words(name).iter().any(|w| {
        matches!(&**w, "log" | "logger" | "logging" | "logs" | "loguru" | "log4j" | "slf4j" | "logr" | "loggr")
    })
}

/// Whether text ends where a URL's credential begins: `…password=`, `…//user:`.
pub(in crate::flow) fn ends_in_url_slot(before: &str) -> bool {
    let lower = before.to_ascii_lowercase();
    let key = lower.rsplit(['?', '&', ';', ' ']).next().unwrap_or("");
    let slot =
        ["password=", "pwd=", "token=", "sig=", "accesstoken=", "api_key=", "apikey=", "access_token="].contains(&key);
    let userinfo = lower.rfind("://").is_some_and(|i| {
        !lower[i + 3..].contains(['/', '@', '?']) && lower[i + 3..].ends_with(':') && lower.len() > i + 3
    });
    // The text of an ODBC connection is none.
    let odbc = ["uid=", "driver=", "trusted_connection="].iter().any(|k| lower.contains(k)) && !lower.contains("://");
    // In a sentence the address ends where a blank stands.
    let address = lower.rfind("://").map_or("", |i| &lower[i..]);
    if !lower.contains("jdbc:") && address.contains(char::is_whitespace) {
        return false;
    }
    (slot && !odbc && (lower.contains("jdbc:") || lower.contains("://") || lower.starts_with([';', '&', '?'])))
        || userinfo
}

/// Whether `spark.redaction.regex` covers a configuration key (catalog §B.1 R8).
pub(in crate::flow) fn is_redacted_conf(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["secret", "password", "token", "access.key", "accesskey"].iter().any(|w| key.contains(w))
}

/// Methods of a DataFrame that write it.
pub(in crate::flow) fn writes(method: &str) -> bool {
    matches!(
        method,
        "save"
            | "saveAsTable"
            | "insertInto"
            | "csv"
            | "parquet"
            | "json"
            | "text"
            | "orc"
            | "to_csv"
            | "to_parquet"
            | "to_json"
            | "to_excel"
            | "to_sql"
            | "to_pickle"
            | "to_delta"
            | "createOrReplaceTempView"
            | "createOrReplaceGlobalTempView"
            | "createTempView"
            | "createGlobalTempView"
            | "registerTempTable"
            | "to_html"
            | "to_feather"
            | "to_stata"
            | "to_hdf"
            | "write_table"
            | "jdbc"
            | "start"
            | "toTable"
            | "append"
            | "createOrReplace"
            | "create"
            | "saveAsTextFile"
    )
}

/// What a sink does, for the message.
pub(in crate::flow) fn verb(code: &str) -> &'static str {
    match code {
        "CS202" => "displayed",
        "CS206" => "logged",
        "CS207" => "put into an exception",
        "CS212" => "put into SQL text",
        "CS214" => "returned as the notebook's result",
        "CS215" => "passed to another notebook as a parameter",
        "CS216" => "stored as a task value",
        "CS217" => "stored as a widget's default",
        "CS218" => "written to a file",
        "CS220" => "logged to MLflow",
        "CS221" => "put into the environment",
        "CS222" => "put into a process's arguments",
        "CS223" => "set in the configuration of the cluster",
        _ => "printed",
    }
}
