//! The way out of the server's own messages, which says when they have left.
//!
//! The transport writes answers and notifications from two queues and promises no order between them. Where a
//! notification has to come before an answer (partial results before the end of their request), the owner waits until
//! the writer has taken it: what is taken first is written first.

use std::{
    pin::Pin,
    sync::{Arc, Condvar, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use futures_core::Stream;
use tower_lsp::{ClientSocket, Loopback, jsonrpc::Request};

/// Counts notifications that are on their way out.
#[derive(Clone, Default)]
pub(super) struct Departures {
    waiting: Arc<(Mutex<usize>, Condvar)>,
}

impl Departures {
    /// A writer that takes nothing for so long is gone.
    const PATIENCE: Duration = Duration::from_secs(5);

    pub(super) fn queued(&self) {
        *self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    }

    fn left(&self) {
        let mut waiting = self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting = waiting.saturating_sub(1);
        self.waiting.1.notify_all();
    }

    /// Returns when the writer has every notification queued so far.
    pub(super) fn wait(&self) {
        let waiting = self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.waiting.1.wait_timeout_while(waiting, Self::PATIENCE, |n| *n > 0);
        // Messages that the transport has dropped (before `initialize` is answered) are not waited for again.
        *waited.unwrap_or_else(PoisonError::into_inner).0 = 0;
    }
}

/// tower-lsp's socket, with [`Departures`] kept.
pub(super) struct Socket {
    pub inner: ClientSocket,
    pub departures: Departures,
}

impl Loopback for Socket {
    type RequestStream = Outgoing;
    type ResponseSink = <ClientSocket as Loopback>::ResponseSink;

    fn split(self) -> (Self::RequestStream, Self::ResponseSink) {
        let (inner, responses) = Loopback::split(self.inner);
        (Outgoing { inner, departures: self.departures }, responses)
    }
}

/// What the server sends unasked, in order.
pub(super) struct Outgoing {
    inner: <ClientSocket as Loopback>::RequestStream,
    departures: Departures,
}

impl Stream for Outgoing {
    type Item = Request;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Request>> {
        let next = Pin::new(&mut self.inner).poll_next(cx);
        if let Poll::Ready(Some(message)) = &next
            && message.id().is_none()
        {
            self.departures.left();
        }
        next
    }
}
