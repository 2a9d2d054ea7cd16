//! `credscope.*` of the client: from `initializationOptions`, `workspace/configuration` and `didChangeConfiguration`.

use credscope_linter::{Settings, Severity};
use serde_json::Value;

/// When diagnostics are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Run {
    #[default]
    OnType,
    /// Diagnostics are those of the saved text; nothing shows unsaved text.
    OnSave,
}

/// Keys that editors send or keep for themselves.
const KEYS: &[&str] = &[
    "enable", "path", "run", "workspaceDiagnostics", "openFilesOnly", "showProvisioningHint", "fix", "trace",
    "logLevel", "logFile", "select", "ignore", "severity", "scope", "secrets",
];

/// What is wrong with a key that no editor has.
pub(super) fn unknown_keys(settings: &Value) -> Option<String> {
    let inner = |value: &Value, name: &str| value.get(name).filter(|s| s.is_object()).cloned();
    let settings = inner(settings, "settings").unwrap_or_else(|| settings.clone());
    let settings = inner(&settings, "credscope").unwrap_or(settings);
    let Some(entries) = settings.as_object() else { return Some("is no object".to_owned()) };
    let first = |key: &String| key.trim_start_matches("credscope.").split('.').next().map(str::to_owned);
    let word = entries.keys().filter_map(first).find(|word| !KEYS.contains(&word.as_str()))?;
    Some(match credscope_linter::config::nearest(&word, KEYS.iter().copied()) {
        Some(meant) => format!("unknown key `{word}`; did you mean `{meant}`?"),
        None => format!("unknown key `{word}`; known here: {}", KEYS.join(", ")),
    })
}

/// What the client has set.
#[derive(Clone, Debug, Default)]
pub(super) struct ClientSettings {
    pub run: Run,
    /// `credscope.enable = false` silences the server.
    pub disabled: bool,
    /// Diagnostics for files that are not open; `None`: as the client's kind suggests.
    pub workspace_diagnostics: Option<bool>,
    pub hint_provisioning: Option<bool>,
    pub trace: Option<String>,
    pub log_level: Option<String>,
    pub log_file: Option<String>,
    select: Option<Vec<String>>,
    ignore: Option<Vec<String>>,
    severity: Option<Vec<(String, Severity)>>,
    scope: Option<String>,
    snake_keys: Option<bool>,
    declared: Option<std::collections::BTreeMap<String, Vec<String>>>,
}

impl ClientSettings {
    /// Reads what is there; keys that are not keep what was set before. Accepts `{"credscope": {…}}`, the inner object,
    /// and dotted keys (`"secrets.scope"`). What has the wrong type is passed over.
    pub(super) fn merge(&mut self, settings: &Value) {
        let settings = settings.get("settings").filter(|s| s.is_object()).unwrap_or(settings);
        let settings = settings.get("credscope").filter(|s| s.is_object()).unwrap_or(settings);
        let at = |name: &str| -> Option<&Value> {
            settings
                .get(name)
                .or_else(|| settings.get(format!("credscope.{name}")))
                .or_else(|| settings.pointer(&format!("/{}", name.replace('.', "/"))))
                .filter(|v| !v.is_null())
        };
        let text = |name: &str| at(name).and_then(Value::as_str).map(str::to_owned);
        fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Option<T> {
            serde_json::from_value(value.clone()).ok()
        }
        if let Some(run) = text("run") {
            self.run = if run.eq_ignore_ascii_case("onSave") { Run::OnSave } else { Run::OnType };
        }
        if let Some(enable) = at("enable").and_then(Value::as_bool) {
            self.disabled = !enable;
        }
        match at("workspaceDiagnostics") {
            Some(Value::String(mode)) => self.workspace_diagnostics = Some(mode == "workspace"),
            Some(Value::Bool(on)) => self.workspace_diagnostics = Some(*on),
            _ => {}
        }
        if let Some(only) = at("openFilesOnly").and_then(Value::as_bool) {
            self.workspace_diagnostics = Some(!only);
        }
        let hint = at("showProvisioningHint").or_else(|| at("fix.showProvisioningHint")).and_then(Value::as_bool);
        self.hint_provisioning = hint.or(self.hint_provisioning);
        self.trace = text("trace.server").or(self.trace.take());
        self.log_level = text("logLevel").or(self.log_level.take());
        self.log_file = text("logFile").or(self.log_file.take());
        self.select = at("select").and_then(read).or(self.select.take());
        self.ignore = at("ignore").and_then(read).or(self.ignore.take());
        self.scope = text("secrets.scope").or_else(|| text("scope")).or(self.scope.take());
        if let Some(case) = text("secrets.keyCase").or_else(|| text("secrets.key-case")) {
            self.snake_keys = Some(case == "snake");
        }
        self.declared = at("secrets.declared").and_then(read).or(self.declared.take());
        if let Some(levels) = at("severity").and_then(Value::as_object) {
            let level = |(rule, level): (&String, &Value)| {
                let name = credscope_linter::registry::find(rule).map_or(rule.as_str(), |m| m.name);
                Some((name.to_owned(), read::<Severity>(level)?))
            };
            self.severity = Some(levels.iter().filter_map(level).collect());
        }
    }

    /// Settings that configuration files refine.
    pub(super) fn base(&self, defaults: &Settings) -> Settings {
        let mut base = defaults.clone();
        base.select = self.select.clone().unwrap_or_default();
        base.ignore = self.ignore.clone().unwrap_or_default();
        base.severity = self.severity.iter().flatten().cloned().collect();
        base.secrets.scope = self.scope.clone().filter(|s| !s.is_empty());
        base.secrets.snake_keys = self.snake_keys.unwrap_or(false);
        base.secrets.declared = self.declared.clone().unwrap_or_default();
        base
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_spelling_of_a_setting_is_read_and_wrong_types_are_passed_over() {
        for settings in [
            json!({"credscope": {"secrets": {"scope": "jdbc"}, "run": "onSave", "ignore": 3}}),
            json!({"secrets": {"scope": "jdbc"}, "run": "onSave"}),
            json!({"settings": {"credscope": {"secrets.scope": "jdbc", "run": "onSave"}}}),
            json!({"credscope.secrets.scope": "jdbc", "credscope.run": "onSave"}),
        ] {
            let mut read = ClientSettings::default();
            read.merge(&settings);
            assert_eq!(read.run, Run::OnSave, "{settings}");
            assert_eq!(read.base(&Settings::default()).secrets.scope.as_deref(), Some("jdbc"), "{settings}");
            read.merge(&json!({"run": "onType"}));
            assert_eq!(read.run, Run::OnType);
            assert_eq!(
                read.base(&Settings::default()).secrets.scope.as_deref(),
                Some("jdbc"),
                "what is not sent stays"
            );
        }
    }
}
