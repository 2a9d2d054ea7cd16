//! Between tower-lsp and the owner loop: messages leave in the order they were read, requests can be cancelled.

use std::{
    borrow::Cow,
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
        mpsc,
    },
    task::{Context, Poll},
};

use serde_json::Value;
use tokio::sync::oneshot;
use tower_lsp::{
    ExitedError,
    jsonrpc::{Error, ErrorCode, Id, Request, Response, Result},
};
use tower_service::Service;

/// The way back of a request; closed when the client has cancelled it.
pub(super) type Reply = oneshot::Sender<Result<Value>>;

/// A message of the client. Requests carry the way back.
pub(super) struct Message {
    pub method: Cow<'static, str>,
    pub params: Value,
    pub reply: Option<Reply>,
}

/// Something for the owner to do.
pub(super) enum Event {
    Message(Message),
    /// From work in the background.
    Internal(Box<dyn FnOnce(&mut super::owner::Owner) + Send>),
}

/// Where the server stands in its life.
#[derive(Default)]
pub(super) struct Stage {
    pub at: AtomicU8,
    /// Parameters of `initialize` as they came.
    parameters: Mutex<Value>,
}

impl Stage {
    pub(super) const RUNNING: u8 = 1;
    pub(super) const SHUT_DOWN: u8 = 2;

    pub(super) fn take_parameters(&self) -> Value {
        std::mem::take(&mut *self.parameters.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

const LIFECYCLE: &[&str] = &["initialize", "initialized", "shutdown", "exit"];

/// Requests that are answered.
const REQUESTS: &[&str] = &[
    "textDocument/diagnostic", "workspace/diagnostic", "textDocument/codeAction", "codeAction/resolve",
    "textDocument/hover", "textDocument/completion", "workspace/executeCommand",
];

/// A message of the tests, which panics where it says: in the loop or on the pool. Only builds for development know it.
pub(super) const PANIC: &str = "credscope/panic";

type Pending = Arc<Mutex<HashMap<Id, oneshot::Sender<()>>>>;

pub(super) struct Transport<S> {
    inner: S,
    to_owner: mpsc::Sender<Event>,
    stage: Arc<Stage>,
    pending: Pending,
}

impl<S> Transport<S> {
    pub(super) fn new(inner: S, to_owner: mpsc::Sender<Event>, stage: Arc<Stage>) -> Self {
        Self { inner, to_owner, stage, pending: Pending::default() }
    }
}

type Answer = Pin<Box<dyn Future<Output = std::result::Result<Option<Response>, ExitedError>> + Send>>;

impl<S> Service<Request> for Transport<S>
where
    S: Service<Request, Response = Option<Response>, Error = ExitedError>,
    S::Future: Send + 'static,
{
    type Response = Option<Response>;
    type Error = ExitedError;
    type Future = Answer;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<std::result::Result<(), ExitedError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Answer {
        if LIFECYCLE.contains(&request.method()) {
            if request.method() == "initialize" {
                let parameters = request.params().cloned().unwrap_or(Value::Null);
                *self.stage.parameters.lock().unwrap_or_else(PoisonError::into_inner) = parameters;
            } else if request.method() == "initialized" && self.stage.at.load(Ordering::SeqCst) == Stage::RUNNING {
                self.notified("initialized".into(), Value::Null);
            }
            return Box::pin(self.inner.call(request));
        }
        let (method, id, params) = request.into_parts();
        let params = params.unwrap_or(Value::Null);
        if method == super::input::MALFORMED {
            return Box::pin(std::future::ready(Ok(Some(Response::from_error(Id::Null, Error::parse_error())))));
        }
        let stage = self.stage.at.load(Ordering::SeqCst);
        let Some(id) = id else {
            if stage == Stage::RUNNING {
                self.notified(method, params);
            }
            return Box::pin(std::future::ready(Ok(None)));
        };
        let refused = match stage {
            Stage::RUNNING if REQUESTS.contains(&&*method) || cfg!(debug_assertions) && method == PANIC => None,
            Stage::RUNNING => Some(Error::method_not_found()),
            Stage::SHUT_DOWN => Some(Error::invalid_request()),
            _ => Some(failure(-32002, "the server is not initialized")),
        };
        if let Some(error) = refused {
            return Box::pin(std::future::ready(Ok(Some(Response::from_error(id, error)))));
        }
        let (reply, answer) = oneshot::channel();
        let (cancel, cancelled) = oneshot::channel();
        lock(&self.pending).insert(id.clone(), cancel);
        let _ = self.to_owner.send(Event::Message(Message { method, params, reply: Some(reply) }));
        let pending = self.pending.clone();
        Box::pin(async move {
            let result = tokio::select! {
                biased;
                Ok(()) = cancelled => Err(Error::request_cancelled()),
                result = answer => result.unwrap_or_else(|_| Err(failure(-32603, "internal error: the request was lost; please report it"))),
            };
            lock(&pending).remove(&id);
            Ok(Some(Response::from_parts(id, result)))
        })
    }
}

impl<S> Transport<S> {
    fn notified(&self, method: Cow<'static, str>, params: Value) {
        if method == "$/cancelRequest" {
            let id = params.get("id").and_then(|id| serde_json::from_value::<Id>(id.clone()).ok());
            if let Some(cancel) = id.and_then(|id| lock(&self.pending).remove(&id)) {
                // The answer may have won.
                let _ = cancel.send(());
            }
            return;
        }
        let _ = self.to_owner.send(Event::Message(Message { method, params, reply: None }));
    }
}

fn lock(pending: &Pending) -> std::sync::MutexGuard<'_, HashMap<Id, oneshot::Sender<()>>> {
    pending.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An error answer.
pub(super) fn failure(code: i64, message: &'static str) -> Error {
    Error { code: ErrorCode::from(code), message: message.into(), data: None }
}
