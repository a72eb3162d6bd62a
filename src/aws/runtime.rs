//! Where futures run: one thread for everything that waits for a network.
//!
//! Comes in: futures, from any thread. Goes out: what they give, to the thread that waits for it. Never: a second thread
//! that polls sockets.

use std::future::Future;
use std::io;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A runtime; it ends with its value.
pub(super) struct Runtime {
    handle: Handle,
    /// Dropping it ends the thread.
    _until: oneshot::Sender<()>,
}

impl Runtime {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system gives no thread or no poll.
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (until, end) = oneshot::channel();
        let run = move || {
            // The sender is never used, so this ends when it is dropped.
            let _ = runtime.block_on(end);
        };
        thread::Builder::new().name("aws".to_owned()).spawn(run)?;
        Ok(Self {
            handle,
            _until: until,
        })
    }

    /// Waits for a future, which is polled on this thread.
    pub(super) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.handle.block_on(work)
    }

    /// Lets a future run by itself.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(work));
    }
}
