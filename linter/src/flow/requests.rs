//! HTTP requests: query strings (CS211) and plain http (CS227). Headers, bodies and `auth=` are what secrets are for.

use credscope_grammars::facts::{ExprId, ExprKind, StrPart};

use super::{At, Walker, reach::Call, reads, tables::Class, value::Value};

const VERBS: &[&str] = &["get", "post", "put", "patch", "delete", "request", "head"];

impl<'a> Walker<'a> {
    /// What a request answers. A token service answers with a token; any other answer remembers the headers it was asked with.
    pub(super) fn answered(&mut self, at: At<'a>, call: &Call<'_, 'a>) -> Option<Value> {
        let request = call.method == "Request" && (call.path.contains("urllib") || call.path.contains("requests"));
        if !request && !is_http(call) {
            return None;
        }
        let url = call.named("url").unwrap_or(usize::from(call.method == "request"));
        let text = call.args.get(url).and_then(|a| self.text(at, a.value));
        let text = text.or_else(|| self.constant_text(call.values.get(url)?));
        let mut made = self.made(at, call.path, call.args);
        let text = text.or_else(|| Some(self.with_holes(at, call.args.get(url)?.value)));
        // `data={"grant_type": …}` asks for one wherever it is sent.
        let grants = call.values.iter().any(|v| v.part("grant_type").is_some());
        if call.method == "post" && (grants || text.is_some_and(|t| gives_tokens(&t))) {
            made.origin = made.origin.map(|o| format!("{o}{}", reads::TOKEN_SERVICE).into());
            return Some(made);
        }
        let headers = call.values.get(call.named("headers")?).filter(|h| !h.is_clean())?.clone();
        let frame = self.env.push(None);
        self.env.write(frame, "headers", headers);
        let sent = Value { object: Some(frame), ..Value::clean() };
        if request {
            return Some(Value { origin: made.origin, ..sent });
        }
        let answer = self.env.push(None);
        self.env.write(answer, "request", sent);
        Some(Value { object: Some(answer), ..made })
    }

    pub(super) fn requests(&mut self, at: At<'a>, call: &Call<'_, 'a>) {
        if !is_http(call) {
            return;
        }
        let url_at = usize::from(call.method == "request");
        for (i, (arg, value)) in call.args.iter().zip(call.values).enumerate() {
            let keyword = call.keyword(i);
            if matches!(keyword, Some("params" | "url")) || i == url_at && keyword.is_none() {
                // A URL that is secret as a whole (a webhook's) goes nowhere else.
                let value = value.flat();
                if keyword != Some("params") && !value.is_in_text() {
                    continue;
                }
                let spot = at.spot(at.facts.expr(arg.value).span);
                self.leak("CS211", Class::Text, &value, spot, "put into the URL of a request");
            }
        }
        let url = call.named("url").or((call.args.len() > url_at).then_some(url_at));
        let plain = url.and_then(|i| self.head(at, call.args[i].value)).is_some_and(|u| is_plain_http(&u));
        if plain {
            for (i, (arg, value)) in call.args.iter().zip(call.values).enumerate() {
                if Some(i) != url {
                    let spot = at.spot(at.facts.expr(arg.value).span);
                    self.leak("CS227", Class::Text, &value.flat(), spot, "sent over plain http");
                }
            }
        }
    }

    /// The constant text of an expression, with `…` for what is put into it.
    fn with_holes(&self, at: At<'_>, id: ExprId) -> String {
        match &at.facts.expr(id).kind {
            ExprKind::Str(lit) => {
                let text = |p: &StrPart| match p {
                    StrPart::Text { value, .. } => value.expose().to_owned(),
                    StrPart::Hole { .. } => "…".to_owned(),
                };
                lit.parts.iter().map(text).collect()
            }
            ExprKind::Concat(parts) => parts.iter().map(|p| self.with_holes(at, *p)).collect(),
            ExprKind::Same(inner) => self.with_holes(at, *inner),
            _ => "…".to_owned(),
        }
    }

    /// The text that an expression begins with.
    fn head(&mut self, at: At<'a>, id: ExprId) -> Option<String> {
        match &at.facts.expr(id).kind {
            ExprKind::Str(lit) => match lit.parts.first()? {
                StrPart::Text { value, .. } => Some(value.expose().to_owned()),
                StrPart::Hole { .. } => None,
            },
            ExprKind::Concat(parts) => self.head(at, *parts.first()?),
            ExprKind::Format { template, .. } => self.head(at, *template),
            ExprKind::Same(inner) => self.head(at, *inner),
            _ => None,
        }
    }
}

fn is_plain_http(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let host = rest.split(['/', ':', '?']).next().unwrap_or("");
    !host.is_empty()
        && !matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0" | "host.docker.internal" | "169.254.169.254")
        && !host.ends_with(".local")
}

/// Whether a call is a request of an HTTP client.
fn is_http(call: &Call<'_, '_>) -> bool {
    let client = || {
        ["requests", "httpx", "aiohttp"].iter().any(|c| call.path.starts_with(c))
            || call.path.rsplit('.').nth(1).is_some_and(|owner| {
                let owner = owner.to_ascii_lowercase();
                owner.trim_end_matches("()").ends_with("session") && !call.path.contains("spark")
            })
    };
    VERBS.contains(&call.method) && client() || matches!(call.method, "urlopen" | "urlretrieve" | "fromURL")
}

/// Addresses of token services: `…/oauth2/v2.0/token`.
fn gives_tokens(url: &str) -> bool {
    let url = url.split(['?', '#']).next().unwrap_or(url).trim_end_matches('/').to_ascii_lowercase();
    url.ends_with("/token") && (url.contains("oauth") || url.contains("oidc") || url.contains("openid"))
}
