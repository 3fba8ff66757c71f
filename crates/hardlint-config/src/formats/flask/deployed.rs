//! What starts the application where it serves people: a server, or Flask's own for developers.
//!
//! Texts of Dockerfiles, Compose files and Procfiles nearby are searched for commands, not understood: only the severity of
//! findings follows from it.

use crate::formats::django::deployers;
use crate::loader::{self, Kind, Loader};

/// Folders above the module, its own included, in which what deploys it is looked for.
const MAX_FOLDERS: usize = 5;
/// Programs that serve applications to people.
const SERVERS: &[&str] = &["gunicorn", "uwsgi", "waitress", "hypercorn", "mod_wsgi", "uvicorn", "granian", "gevent"];

/// What is known of how an application is served.
#[derive(Debug, Default)]
pub(super) struct Served {
    /// `server`, `development-server`, or nothing where nothing tells.
    pub(super) by: &'static str,
    /// The number of processes that a command asks for.
    pub(super) workers: i64,
}

/// What the files around the module at `path` say.
pub(super) fn served(loader: &dyn Loader, path: &str) -> Served {
    let mut served = Served::default();
    let mut folder = loader::folder(path);
    for _ in 0..MAX_FOLDERS {
        for file in deployers(loader, folder) {
            let is_file = loader.stat(&file).is_some_and(|stat| stat.kind == Kind::File);
            let Some(text) = loader.read(&file).ok().filter(|_| is_file) else { continue };
            for line in String::from_utf8_lossy(&text).lines() {
                of_line(line, loader::name(path), &mut served);
            }
        }
        if folder.is_empty() {
            break;
        }
        folder = loader::folder(folder);
    }
    served
}

fn of_line(line: &str, module: &str, served: &mut Served) {
    let line = line.trim();
    if line.starts_with('#') {
        return;
    }
    let words: Vec<&str> =
        line.split(|c: char| c.is_whitespace() || "[],\"'".contains(c)).filter(|word| !word.is_empty()).collect();
    let has = |wanted: &str| words.iter().any(|word| loader::name(word) == wanted);
    if words.iter().any(|word| SERVERS.contains(&loader::name(word))) && !words.contains(&"install") {
        served.by = "server";
        let workers = words.iter().enumerate().find_map(|(at, word)| match word.strip_prefix("--workers=") {
            Some(number) => number.parse().ok(),
            None if matches!(*word, "-w" | "--workers") => words.get(at + 1)?.parse().ok(),
            None => word.strip_prefix("-w")?.parse().ok(),
        });
        served.workers = workers.unwrap_or(served.workers);
    } else if served.by.is_empty() {
        let flask = words.windows(2).any(|pair| matches!(pair, [first, "run"] if loader::name(first) == "flask"));
        let python = has("python") || has("python3");
        if flask || python && has(module) {
            served.by = "development-server";
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Memory;

    #[test]
    fn commands_tell_what_serves() {
        for (text, by, workers) in [
            ("CMD [\"gunicorn\", \"-w\", \"4\", \"app:app\"]", "server", 4),
            ("CMD gunicorn --workers=2 app:app", "server", 2),
            ("ENTRYPOINT exec /venv/bin/gunicorn -w3 app:app", "server", 3),
            ("RUN pip install gunicorn", "", 0),
            ("CMD [\"python\", \"app.py\"]", "development-server", 0),
            ("CMD python3 -u /srv/app.py", "development-server", 0),
            ("CMD [\"flask\", \"run\", \"--host\", \"0.0.0.0\"]", "development-server", 0),
            ("# CMD flask run", "", 0),
            ("CMD python other.py", "", 0),
            ("CMD flask run\nCMD gunicorn app:app", "server", 0),
        ] {
            let memory = Memory::new([("Dockerfile", text), ("web/app.py", "")]);
            let found = served(&memory, "web/app.py");
            assert_eq!((found.by, found.workers), (by, workers), "{text}");
        }
    }
}
