//! What a person has to do where nothing mechanical is right (catalog §B.2).

use super::{Applicability, Fix};

/// The advice of a leak's row.
pub(super) fn of(code: &str) -> Option<&'static str> {
    Some(match code {
        "CS201" | "CS202" | "CS208" | "CS209" => "Leave the secret out of what is shown",
        "CS203" => "Bind the result to a name, so that the cell does not show it",
        "CS204" => "Build the value inside of a function or an object, which the shell does not show",
        "CS205" => "Show only whether it is set",
        "CS206" => "Leave the secret out of the log",
        "CS207" => "Leave the secret out of the message",
        "CS210" => "Give user and password to the call as options or properties instead of the URL",
        "CS211" => "Send it in a header of the request instead of the URL",
        "CS212" => "Let SQL read the secret with secret(), or give it to the call as an option",
        "CS213" => "Use secret() inside of the function that needs it, and select something else",
        "CS214" => "Exit with the names of scope and key; who needs the secret reads it",
        "CS215" => "Pass the names of scope and key and read the secret in the other notebook",
        "CS216" => "Set the names of scope and key as task values and read the secret in the other task",
        "CS218" => "Give the secret to the client directly, or write a temporary file and delete it",
        "CS219" => "Leave the secret out of the table and read it where it is used",
        "CS220" => "Leave the secret out of what the run records",
        "CS221" => "Pass it to the client that needs it instead of the environment",
        "CS222" => "Pass it on standard input, or in the environment of this process alone",
        "CS223" => "Set it with spark.conf.set for this session, or use an external location",
        "CS224" => "Show the settings that are asked for, by name",
        "CS225" => "Take the secret out of the URL: then the error's text holds none",
        "CS227" => "Send it over https",
        "CS228" => "Switch it off",
        "CS229" => "Return something that holds no secret",
        _ => return None,
    })
}

/// Advice as a fix without edits.
pub(super) fn fix(title: impl Into<String>) -> Fix {
    Fix { title: title.into(), applicability: Applicability::Display, ..Fix::default() }
}
