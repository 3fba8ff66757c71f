//! The port that an application server answers on, by its command.
//!
//! Read from the servers' manuals. What a file of settings decides is unknown: only an address that stands in the command
//! is told.

use crate::syntax::shell::{Command, Script, Word};

/// The port of the application server that a script starts, where every machine that reaches the container reaches it.
pub(super) fn port(script: &Script) -> Option<i64> {
    script.commands.iter().find_map(of_command)
}

fn of_command(command: &Command) -> Option<i64> {
    let words: Vec<&str> = command.words.iter().map(|word| Word::known(word).unwrap_or_default()).collect();
    // `poetry run gunicorn`, `python -m uvicorn`: the program is wherever its name stands.
    let named = |word: &&str| SERVERS.iter().find(|(name, _)| *name == crate::loader::name(word));
    let (at, (_, server)) = words.iter().enumerate().find_map(|(at, word)| Some((at, named(word)?)))?;
    let arguments = words.get(at + 1..)?;
    let value = |names: &[&str]| {
        arguments.iter().enumerate().rev().find_map(|(index, word)| {
            names.iter().find_map(|name| match word.strip_prefix(name)? {
                "" => arguments.get(index + 1).copied(),
                rest => rest.strip_prefix('=').or_else(|| (name.len() == 2).then_some(rest)),
            })
        })
    };
    match server {
        Address::One(options) => {
            let (host, port) = value(options)?.rsplit_once(':')?;
            any_interface(host).then(|| port.parse().ok())?
        }
        Address::Two { host, port, default } => {
            if !any_interface(value(host)?) {
                return None;
            }
            value(port).map_or(Some(*default), |port| port.parse().ok())
        }
    }
}

/// How a server is told its address.
enum Address {
    /// `host:port` after an option; without it, only the container itself is answered.
    One(&'static [&'static str]),
    /// In two options; without a host, only the container itself is answered.
    Two { host: &'static [&'static str], port: &'static [&'static str], default: i64 },
}

const SERVERS: &[(&str, Address)] = &[
    ("daphne", Address::Two { host: &["-b", "--bind"], port: &["-p", "--port"], default: 8000 }),
    ("granian", Address::Two { host: &["--host"], port: &["--port"], default: 8000 }),
    ("gunicorn", Address::One(&["-b", "--bind"])),
    ("hypercorn", Address::One(&["-b", "--bind"])),
    ("uvicorn", Address::Two { host: &["--host"], port: &["--port"], default: 8000 }),
    ("uwsgi", Address::One(&["--http", "--http-socket"])),
    ("waitress-serve", Address::One(&["--listen"])),
];

fn any_interface(host: &str) -> bool {
    matches!(host, "" | "*" | "0.0.0.0" | "::" | "[::]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::joined::Joined;
    use crate::text::Span;

    #[test]
    fn the_address_stands_in_the_command() {
        for (text, expected) in [
            ("gunicorn shop.wsgi --bind 0.0.0.0:8000", Some(8000)),
            ("gunicorn -b :80 shop.wsgi", Some(80)),
            ("gunicorn -b0.0.0.0:81 shop.wsgi", Some(81)),
            ("gunicorn --bind=[::]:8000 shop.wsgi", Some(8000)),
            ("python manage.py migrate && exec gunicorn shop.wsgi -b 0.0.0.0:8000", Some(8000)),
            ("poetry run uvicorn shop.asgi:application --host 0.0.0.0 --port 8080", Some(8080)),
            ("python -m uvicorn shop.asgi:application --host 0.0.0.0", Some(8000)),
            ("daphne -b 0.0.0.0 -p 9000 shop.asgi:application", Some(9000)),
            ("uwsgi --http :8000 --module shop.wsgi", Some(8000)),
            // Only the container itself, or nobody knows.
            ("gunicorn shop.wsgi", None),
            ("gunicorn --bind 127.0.0.1:8000 shop.wsgi", None),
            ("gunicorn --bind unix:/run/app.sock shop.wsgi", None),
            ("gunicorn --bind 0.0.0.0:$PORT shop.wsgi", None),
            ("gunicorn -c gunicorn.py shop.wsgi", None),
            ("uvicorn shop.asgi:application --port 8000", None),
            ("uwsgi --socket :8000", None),
            ("celery -A shop worker -b redis://redis:6379", None),
        ] {
            let script = Script::shell(&Joined::of(text, Span::new(0, text.len())));
            assert_eq!(port(&script), expected, "{text}");
        }
    }
}
