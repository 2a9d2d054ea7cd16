//! Standard input for the transport: a thread that reads whole messages. What is not JSON becomes a request of its own, so
//! that it is answered with an error and the session goes on.

use std::{
    io::{BufRead, BufReader, Read},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    sync::mpsc,
};

/// Stands in for a message that cannot be read.
pub(super) const MALFORMED: &str = "$/malformed";

/// Longest message that is read, in bytes.
const LARGEST: usize = 1 << 30;

pub(super) struct Input {
    messages: mpsc::Receiver<Vec<u8>>,
    rest: Vec<u8>,
    at: usize,
}

impl Input {
    /// Starts to read standard input.
    pub(super) fn start() -> Self {
        let (send, messages) = mpsc::channel(64);
        let read = move || {
            let mut input = BufReader::with_capacity(64 << 10, std::io::stdin().lock());
            while let Some(message) = message(&mut input) {
                if send.blocking_send(message).is_err() {
                    return;
                }
            }
        };
        // Without the thread the input is at its end.
        let _ = std::thread::Builder::new().name("input".into()).spawn(read);
        Self { messages, rest: Vec::new(), at: 0 }
    }
}

impl AsyncRead for Input {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.at == self.rest.len() {
            match self.messages.poll_recv(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Ready(Some(message)) => {
                    self.rest = message;
                    self.at = 0;
                }
            }
        }
        let end = self.rest.len().min(self.at + buffer.remaining());
        buffer.put_slice(&self.rest[self.at..end]);
        self.at = end;
        Poll::Ready(Ok(()))
    }
}

/// The next message with its header; `None`: the input is at its end, or so broken that no message starts any more.
fn message(input: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut length: Option<usize> = None;
    loop {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if line.is_empty() {
            match length {
                Some(_) => break,
                None => continue,
            }
        }
        if let Some((name, value)) = line.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
    }
    let length = length.filter(|&l| l <= LARGEST)?;
    let mut body = Vec::new();
    if input.by_ref().take(length as u64).read_to_end(&mut body).ok()? < length {
        return None;
    }
    if !is_message(&body) {
        body = format!("{{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"{MALFORMED}\"}}").into_bytes();
    }
    let mut message = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    message.append(&mut body);
    Some(message)
}

/// Whether the transport can read it: an object with the protocol's version that is a request, a notification or an
/// answer.
fn is_message(body: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Head<'h> {
        #[serde(borrow)]
        jsonrpc: std::borrow::Cow<'h, str>,
        #[serde(default, borrow)]
        method: Option<std::borrow::Cow<'h, str>>,
        #[serde(default)]
        id: Option<tower_lsp::jsonrpc::Id>,
    }
    serde_json::from_slice::<Head<'_>>(body).is_ok_and(|h| h.jsonrpc == "2.0" && (h.method.is_some() || h.id.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_messages_are_replaced_and_the_next_one_is_found() {
        let good = "{\"jsonrpc\":\"2.0\",\"method\":\"x\"}";
        let mut text = String::new();
        for body in ["{\"jsonrpc", "[]", "{\"method\":\"x\"}", "\u{1}", good] {
            text.push_str(&format!("Content-Type: x\r\ncontent-LENGTH: {}\r\n\r\n{body}", body.len()));
        }
        text.push_str("Content-Length: 99\r\n\r\n{");
        let mut input = text.as_bytes();
        let bodies: Vec<String> = std::iter::from_fn(|| message(&mut input))
            .map(|m| String::from_utf8(m).unwrap().split("\r\n\r\n").nth(1).unwrap().to_owned())
            .collect();
        assert_eq!(bodies.len(), 5);
        assert!(bodies[..4].iter().all(|b| b.contains(MALFORMED)), "{bodies:?}");
        assert_eq!(bodies[4], good);
    }
}
