//! `credscope server`: the language server over standard input and output.
//!
//! tower-lsp is the transport only. Each handler is one send into a single owner loop, which applies notifications in
//! order, answers every request exactly once and survives a panic in the analysis.

mod documents;
mod features;
mod owner;
mod position;

use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tower_lsp::{
    Client, LanguageServer, LspService, Server,
    jsonrpc::{Error, Result},
    ls_types::*,
};

/// A message for the owner loop. Requests carry the way back.
pub(crate) struct Message {
    pub method: &'static str,
    pub params: Value,
    pub reply: Option<oneshot::Sender<std::result::Result<Value, String>>>,
}

struct Backend {
    to_owner: mpsc::UnboundedSender<Message>,
}

impl Backend {
    fn notify(&self, method: &'static str, params: impl serde::Serialize) {
        let params = serde_json::to_value(params).unwrap_or(Value::Null);
        // The loop ends only with the process.
        let _ = self.to_owner.send(Message { method, params, reply: None });
    }

    async fn request<T: serde::de::DeserializeOwned>(
        &self,
        method: &'static str,
        params: impl serde::Serialize,
    ) -> Result<T> {
        let params = serde_json::to_value(params).unwrap_or(Value::Null);
        let (reply, answer) = oneshot::channel();
        let _ = self.to_owner.send(Message { method, params, reply: Some(reply) });
        let value = match answer.await {
            Ok(Ok(value)) => value,
            Ok(Err(message)) => return Err(internal(message)),
            Err(_) => return Err(internal("the server is shutting down".to_owned())),
        };
        serde_json::from_value(value).map_err(|e| internal(e.to_string()))
    }
}

fn internal(message: String) -> Error {
    let mut error = Error::internal_error();
    error.message = message.into();
    error
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        if let Some(parent) = params.process_id {
            watch(parent);
        }
        self.request("initialize", params).await
    }

    async fn initialized(&self, params: InitializedParams) {
        self.notify("initialized", params);
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        self.notify("textDocument/didOpen", params);
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        self.notify("textDocument/didChange", params);
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        self.notify("textDocument/didSave", params);
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.notify("textDocument/didClose", params);
    }

    async fn notebook_did_open(&self, params: DidOpenNotebookDocumentParams) {
        self.notify("notebookDocument/didOpen", params);
    }

    async fn notebook_did_change(&self, params: DidChangeNotebookDocumentParams) {
        self.notify("notebookDocument/didChange", params);
    }

    async fn notebook_did_save(&self, params: DidSaveNotebookDocumentParams) {
        self.notify("notebookDocument/didSave", params);
    }

    async fn notebook_did_close(&self, params: DidCloseNotebookDocumentParams) {
        self.notify("notebookDocument/didClose", params);
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        self.notify("workspace/didChangeConfiguration", params);
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        self.notify("workspace/didChangeWatchedFiles", params);
    }

    async fn diagnostic(&self, params: DocumentDiagnosticParams) -> Result<DocumentDiagnosticReportResult> {
        self.request("textDocument/diagnostic", params).await
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        self.request("textDocument/codeAction", params).await
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        self.request("textDocument/hover", params).await
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        self.request("textDocument/completion", params).await
    }
}

/// Ends the process when the editor that started it is gone.
fn watch(parent: u32) {
    if !cfg!(target_os = "linux") {
        return;
    }
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(std::time::Duration::from_secs(5));
            if !std::path::Path::new(&format!("/proc/{parent}")).exists() {
                #[expect(clippy::exit, reason = "nobody is left to answer to")]
                std::process::exit(1);
            }
        }
    });
}

/// Serves until the client says exit.
pub fn serve() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(8 << 20)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (to_owner, messages) = mpsc::unbounded_channel();
        let (service, socket) = LspService::new(|client: Client| {
            std::thread::Builder::new()
                .name("owner".into())
                .stack_size(16 << 20)
                .spawn({
                    let handle = tokio::runtime::Handle::current();
                    move || owner::run(&client, &handle, messages)
                })
                .map(|_| Backend { to_owner })
                .unwrap_or_else(|_| Backend { to_owner: mpsc::unbounded_channel().0 })
        });
        Server::new(tokio::io::stdin(), tokio::io::stdout(), socket).serve(service).await;
    });
    Ok(())
}
