//! The server ends when the editor that started it is gone, on each system in its own way: a process is waited for, which
//! costs nothing while it lives.

use waitpid_any::WaitHandle;

/// Ends the process when `parent` has ended.
pub(super) fn watch(parent: u32) {
    // 0 is no process: some clients say so in place of `null`.
    let Ok(parent @ 1..) = i32::try_from(parent) else { return };
    let wait = move || {
        if is_over(parent) {
            #[expect(clippy::exit, reason = "nobody is left to answer to")]
            std::process::exit(1);
        }
    };
    // Without the thread the end of the input is what ends the server.
    let _ = std::thread::Builder::new().name("parent".into()).stack_size(256 << 10).spawn(wait);
}

/// Returns when the process is gone: `true`, or when it cannot be waited for: `false`.
fn is_over(process: i32) -> bool {
    let mut handle = match WaitHandle::open(process) {
        Ok(handle) => handle,
        Err(error) => {
            if is_unknown(&error) {
                return true;
            }
            tracing::warn!(%error, "the editor's process cannot be waited for");
            return false;
        }
    };
    loop {
        match handle.wait() {
            Ok(()) => return true,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                tracing::warn!(%error, "the editor's process cannot be waited for");
                return false;
            }
        }
    }
}

/// Whether the system says that there is no such process.
fn is_unknown(error: &std::io::Error) -> bool {
    /// `ESRCH`, `ERROR_INVALID_PARAMETER`.
    const CODE: i32 = if cfg!(windows) { 87 } else { 3 };
    error.raw_os_error() == Some(CODE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{process::Command, sync::mpsc, time::Duration};

    #[test]
    fn a_process_is_waited_for_whoever_has_started_it() {
        let (send, ended) = mpsc::channel();
        // This process itself does not end: the answer would be wrong.
        let own = i32::try_from(std::process::id()).unwrap();
        let wait = send.clone();
        std::thread::spawn(move || wait.send(("own", is_over(own))));
        assert!(ended.recv_timeout(Duration::from_millis(200)).is_err());
        let program = if cfg!(windows) { "cmd" } else { "true" };
        let mut child = Command::new(program).stdin(std::process::Stdio::null()).spawn().unwrap();
        let id = i32::try_from(child.id()).unwrap();
        // Ended, but not yet asked how; then unknown.
        std::thread::spawn(move || send.send(("child", is_over(id))));
        assert_eq!(ended.recv_timeout(Duration::from_secs(20)), Ok(("child", true)));
        child.wait().unwrap();
        assert!(is_over(id));
    }
}
