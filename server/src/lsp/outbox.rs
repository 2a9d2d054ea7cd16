//! What the server sends unasked: diagnostics, progress, registrations, refreshes, messages.

use serde_json::{Value, json};
use tokio::runtime::Handle;
use tower_lsp::{
    Client,
    jsonrpc::Result,
    ls_types::{notification::Notification, request::Request},
};

use super::{capabilities, position::object, socket::Departures};

/// Messages whose parameters are JSON that is made here.
macro_rules! messages {
    ($($name:ident: $kind:ident = $method:literal;)*) => {
        $(enum $name {}
        messages!(@ $kind $name $method);)*
    };
    (@ notification $name:ident $method:literal) => {
        impl Notification for $name {
            type Params = Value;
            const METHOD: &'static str = $method;
        }
    };
    (@ request $name:ident $method:literal) => {
        impl Request for $name {
            type Params = Value;
            type Result = Value;
            const METHOD: &'static str = $method;
        }
    };
}

messages! {
    Publish: notification = "textDocument/publishDiagnostics";
    Progress: notification = "$/progress";
    LogTrace: notification = "$/logTrace";
    ShowMessage: notification = "window/showMessage";
    Register: request = "client/registerCapability";
    Refresh: request = "workspace/diagnostic/refresh";
    Configuration: request = "workspace/configuration";
    CreateProgress: request = "window/workDoneProgress/create";
    ShowDocument: request = "window/showDocument";
}

#[derive(Clone)]
pub(super) struct Outbox {
    client: Client,
    pub handle: Handle,
    departures: Departures,
}

impl Outbox {
    pub(super) fn new(client: Client, handle: Handle, departures: Departures) -> Self {
        Self { client, handle, departures }
    }

    /// Sends in order: returns when the transport has it.
    fn notify<N: Notification<Params = Value>>(&self, params: Value) {
        self.departures.queued();
        self.handle.block_on(self.client.send_notification::<N>(params));
    }

    /// Returns when everything sent so far is with the writer: an answer that follows is written after it.
    pub(super) fn flush(&self) {
        self.departures.wait();
    }

    pub(super) fn publish(&self, uri: &str, diagnostics: Vec<Value>, version: Option<i64>) {
        let mut params = object([("uri", uri.into()), ("diagnostics", diagnostics.into())]);
        if let Some(version) = version {
            params["version"] = version.into();
        }
        self.notify::<Publish>(params);
    }

    pub(super) fn progress(&self, token: &Value, value: Value) {
        self.notify::<Progress>(json!({"token": token, "value": value}));
    }

    pub(super) fn trace(&self, message: String) {
        self.notify::<LogTrace>(json!({"message": message}));
    }

    /// 1 error, 2 warning, 3 information.
    pub(super) fn show_message(&self, kind: u8, message: &str) {
        self.notify::<ShowMessage>(json!({"type": kind, "message": message}));
    }

    /// A client that does not answer loses nothing but freshness.
    fn ask<R>(&self, params: Value, then: impl FnOnce(Result<Value>) + Send + 'static)
    where
        R: Request<Params = Value, Result = Value>,
    {
        let client = self.client.clone();
        self.handle.spawn(async move { then(client.send_request::<R>(params).await) });
    }

    pub(super) fn register_watchers(&self) {
        self.ask::<Register>(json!({"registrations": capabilities::watchers()}), |_| {});
    }

    pub(super) fn refresh(&self) {
        self.ask::<Refresh>(Value::Null, |_| {});
    }

    pub(super) fn configuration(&self, then: impl FnOnce(Value) + Send + 'static) {
        self.ask::<Configuration>(json!({"items": [{"section": "credscope"}]}), |answer| {
            if let Ok(Value::Array(mut sections)) = answer
                && let Some(first) = sections.first_mut().map(Value::take)
            {
                then(first);
            }
        });
    }

    pub(super) fn show_document(&self, params: Value, then: impl FnOnce(bool) + Send + 'static) {
        self.ask::<ShowDocument>(params, |answer| {
            then(answer.is_ok_and(|a| a.get("success").and_then(Value::as_bool).unwrap_or(false)));
        });
    }

    /// Waits for the client to take a progress token; not from the owner loop.
    pub(super) fn create_progress(&self, token: &str) -> bool {
        let params = json!({"token": token});
        let wait = std::time::Duration::from_secs(5);
        let create = async { tokio::time::timeout(wait, self.client.send_request::<CreateProgress>(params)).await };
        matches!(self.handle.block_on(create), Ok(Ok(_)))
    }
}
