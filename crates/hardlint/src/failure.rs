//! What is told when hardlint itself fails: where, and nothing else.
//!
//! The message of a panic may quote the text that it stumbled over, and an image of the memory holds all files that were
//! read, secrets included. So the first is not printed, and the second not written.

use std::io::{self, Write};
use std::panic::{self, Location};

/// Sees to it that no failure shows what was read.
pub fn keep_quiet() {
    no_image();
    panic::set_hook(Box::new(|info| {
        let _ = io::stderr().write_all(message(info.location()).as_bytes());
    }));
}

fn message(at: Option<&Location<'_>>) -> String {
    let place = at.map(|at| format!(" at {}:{}:{}", at.file(), at.line(), at.column())).unwrap_or_default();
    let report = concat!(env!("CARGO_PKG_REPOSITORY"), "/issues");
    format!("hardlint: it failed{place}, which is a mistake of its own: please report it at {report}\n")
}

/// No image of the memory is written after a crash. A limit of one byte, and not of none, is what Linux asks for so that
/// programs that collect such images get none either.
#[cfg(unix)]
fn no_image() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Core).maximum;
    let current = Some(maximum.map_or(1, |maximum| maximum.min(1)));
    let _ = setrlimit(Resource::Core, Rlimit { current, maximum });
}

#[cfg(not(unix))]
fn no_image() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_tells_its_place_and_no_text() {
        let at = Location::caller();
        let told = message(Some(at));
        assert!(told.contains(&format!("failure.rs:{}:", at.line())), "{told}");
        assert_eq!(told.lines().count(), 1);
        assert!(message(None).starts_with("hardlint: it failed, which"));
    }
}
