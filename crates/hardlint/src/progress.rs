//! The line that says that a long run is still at it.
//!
//! It stands on standard error, on a terminal only, from the first second on, and is gone at the end.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A run that is told of while it lasts.
pub struct Progress {
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    stage: Mutex<String>,
    ended: AtomicBool,
    shown: AtomicUsize,
}

/// How long a run is silent.
const SILENT: Duration = Duration::from_secs(1);
/// How often the line changes afterwards.
const STEP: Duration = Duration::from_millis(200);

impl Progress {
    /// Starts; nothing is shown where nobody looks.
    pub fn start() -> Self {
        let state = Arc::new(State::default());
        let shown = state.clone();
        let thread = io::stderr().is_terminal().then(|| thread::spawn(move || show(&shown)));
        Self { state, thread }
    }

    /// Says what is done now.
    pub fn stage(&self, text: impl Into<String>) {
        *self.state.stage.lock().unwrap_or_else(PoisonError::into_inner) = text.into();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
        if self.state.shown.load(Ordering::Acquire) > 0 {
            let _ = io::stderr().write_all(b"\r\x1b[K");
        }
    }
}

fn show(state: &State) {
    let mut wait = SILENT;
    loop {
        thread::park_timeout(wait);
        if state.ended.load(Ordering::Acquire) {
            return;
        }
        wait = STEP;
        let turn = state.shown.fetch_add(1, Ordering::AcqRel) % 4;
        let mark = ["-", "\\", "|", "/"].get(turn).copied().unwrap_or_default();
        let doing = state.stage.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let _ = write!(io::stderr(), "\r{mark} {doing}\x1b[K");
    }
}
