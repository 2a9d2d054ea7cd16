//! `credscope server`: the language server over standard input and output.
//!
//! tower-lsp is the transport only. Each message is one send into a single owner loop, made in the order of reading; the
//! loop applies notifications in order, answers every request exactly once and survives a panic in the analysis.

mod actions;
mod analysed;
mod analysis;
mod answers;
mod beside;
mod capabilities;
mod commands;
mod completion;
mod documents;
mod edits;
mod equal;
mod files;
mod hover;
mod index;
mod input;
mod log;
mod outbox;
mod owner;
mod parent;
mod position;
mod recent;
mod scan;
mod settings;
mod socket;
mod stored;
mod suppressions;
mod sync;
mod transport;

use std::{
    process::ExitCode,
    sync::{Arc, atomic::Ordering, mpsc},
};

use tower_lsp::{
    Client, LanguageServer, LspService, Server,
    jsonrpc::{Error, Result},
    ls_types::{InitializeParams, InitializeResult},
};

use transport::{Event, Message, Stage, Transport};

/// The settings of an editor, given as JSON, as the server takes them.
pub fn settings_of(json: &str) -> anyhow::Result<credscope_linter::Settings> {
    let value = serde_json::from_str(json).map_err(|e| anyhow::anyhow!("--settings is no JSON: {e}"))?;
    settings::unknown_keys(&value).map_or(Ok(()), |message| Err(anyhow::anyhow!("--settings: {message}")))?;
    let mut settings = settings::ClientSettings::default();
    settings.merge(&value);
    Ok(settings.base(&credscope_linter::Settings::default()))
}

/// Lifecycle only: everything else goes from the transport to the owner directly.
struct Backend {
    to_owner: mpsc::Sender<Event>,
    stage: Arc<Stage>,
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        if let Some(parent) = params.process_id {
            parent::watch(parent);
        }
        // As the client has sent it: newer clients say more than the types know.
        let params = self.stage.take_parameters();
        let (reply, answer) = tokio::sync::oneshot::channel();
        let message = Message { method: "initialize".into(), params, reply: Some(reply) };
        // The loop ends only with the process.
        let _ = self.to_owner.send(Event::Message(message));
        let value = answer.await.map_err(|_| Error::internal_error())??;
        let result = serde_json::from_value(value).map_err(|_| Error::internal_error())?;
        self.stage.at.store(Stage::RUNNING, Ordering::SeqCst);
        Ok(result)
    }

    async fn shutdown(&self) -> Result<()> {
        self.stage.at.store(Stage::SHUT_DOWN, Ordering::SeqCst);
        Ok(())
    }
}

/// Builds what is built when it is first used (automata, patterns, tables), so that the first document need not wait for it.
/// What few documents need (grammars of other languages) costs memory, and is left out.
fn warm_up() {
    const TEXT: &str = "# Databricks notebook source\nimport os\npassword = 'changeme'\napi_secret = 'no.t#re-al 7'\n\
        df = spark.read.format('jdbc').option('password', 'changeme').load()\n\
        print('a text that is longer than the shortest header')\n\
        print(dbutils.secrets.get('scope', 'key'))\n# COMMAND ----------\n# MAGIC %sql\n# MAGIC SELECT 1\n";
    for document in credscope_grammars::open("warm.py", TEXT.as_bytes()).documents {
        let (settings, workspace) = (credscope_linter::Settings::default(), credscope_linter::Workspace::default());
        credscope_linter::analyze(&document, "warm.py", &settings, &workspace);
    }
}

/// Stack of the threads that analyse, in bytes.
const OWNER_STACK: usize = 16 << 20;

/// Serves until the client says exit: success when it said shutdown before.
pub fn serve() -> anyhow::Result<ExitCode> {
    log::start();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_stack_size(8 << 20)
        .enable_all()
        .build()?;
    // Programs are read as deep there as in the loop. Without these threads there are others, with less.
    if let Err(error) = rayon::ThreadPoolBuilder::new().stack_size(OWNER_STACK).build_global() {
        tracing::warn!(%error, "no threads of its own");
    }
    let stage = Arc::new(Stage::default());
    let (to_owner, events) = mpsc::channel();
    let departures = socket::Departures::default();
    let (service, socket) = LspService::new(|client: Client| {
        let post = to_owner.clone();
        let handle = runtime.handle().clone();
        let departures = departures.clone();
        // Without its loop the server answers nothing: the process ends with the transport.
        let _ = std::thread::Builder::new()
            .name("owner".into())
            .stack_size(OWNER_STACK)
            .spawn(move || owner::run(outbox::Outbox::new(client, handle, departures), post, events));
        Backend { to_owner: to_owner.clone(), stage: stage.clone() }
    });
    let socket = socket::Socket { inner: socket, departures };
    let service = Transport::new(service, to_owner, stage.clone());
    runtime.block_on(
        Server::new(input::Input::start(), tokio::io::stdout(), socket).concurrency_level(1024).serve(service),
    );
    let clean = stage.at.load(Ordering::SeqCst) == Stage::SHUT_DOWN;
    // Reading threads may still wait for input that never comes.
    runtime.shutdown_background();
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
