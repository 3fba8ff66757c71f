//! Repositories that were made to harm who checks them: nothing in them makes hardlint wait, take memory without bound, read
//! elsewhere, start anything, or write to a terminal what the terminal would act on. And what goes wrong around a run: disks
//! that are full, files that change, runs that are killed.

#![cfg(target_os = "linux")]
#![expect(clippy::print_stderr, reason = "a test that skips says so")]
#![expect(unreachable_pub, reason = "tests export nothing, so `pub(crate)` would only be longer")]

mod bounds;
mod faults;
mod reach;
#[path = "../../src/scratch.rs"]
mod scratch;
mod terminal;

use scratch::Scratch;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a run said.
struct Run {
    status: Option<i32>,
    out: Vec<u8>,
    err: String,
}

impl Run {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }
}

/// How long a run may take, of a build that is not optimized, on a machine that does other things as well.
const LONGEST: Duration = Duration::from_mins(1);
/// The memory that it may map, in KiB: threads reserve far more than they use.
const MOST: &str = "2097152";

/// A run in a folder, within the bounds of time and memory; a run that fails by a mistake of its own fails the test.
fn run(scratch: &Scratch, arguments: &[&str]) -> Run {
    let binary = env!("CARGO_BIN_EXE_hardlint");
    let limited = format!("ulimit -v {MOST}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limited, binary]).args(arguments).current_dir(scratch.path(""));
    within(command, arguments)
}

fn within(mut command: Command, arguments: &[&str]) -> Run {
    command.env("RAYON_NUM_THREADS", "4").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let out = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        out.read_to_end(&mut bytes).map(|_| bytes)
    });
    let err = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        err.read_to_end(&mut bytes).map(|_| bytes)
    });
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > LONGEST {
            child.kill().unwrap();
            panic!("{arguments:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let err = String::from_utf8_lossy(&err.join().unwrap().unwrap()).into_owned();
    assert!(!err.contains("it failed"), "{arguments:?}: {err}");
    Run { status: status.code(), out: out.join().unwrap().unwrap(), err }
}

/// The same, which has to do what it was asked for: wrong usage looks at nothing.
fn ends(scratch: &Scratch, arguments: &[&str]) -> Run {
    let run = run(scratch, arguments);
    assert!(matches!(run.status, Some(0 | 1 | 3)), "{arguments:?} ends with {:?}: {}", run.status, run.err);
    run
}

/// The same, which has to say that it was asked for what cannot be done.
fn refused(scratch: &Scratch, arguments: &[&str]) -> Run {
    let run = run(scratch, arguments);
    assert!(run.status == Some(2) && !run.err.is_empty(), "{arguments:?} ends with {:?}: {}", run.status, run.err);
    run
}
