//! Servers that are made for writing a program, not for the public.

use super::Fact;
use crate::syntax::shell::{Command, Word};

/// The server for developers that a command starts.
pub(super) fn for_developers(command: &Command) -> Option<Fact> {
    let words: Vec<&str> = command.words.iter().map(|word| word.known().unwrap_or_default()).collect();
    is_for_developers(&words).then(|| {
        let shown: Vec<String> = command.words.iter().take(MOST_SHOWN).map(Word::shown).collect();
        Fact::Text(shown.join(" "), vec![command.span])
    })
}

/// The words by which a command starts Jupyter for every address and without a login.
pub(super) fn open_notebook(command: &Command) -> Option<Fact> {
    let program = command.program()?;
    let name = program.rsplit('/').next().unwrap_or_default();
    // The scripts of the published images listen on every address.
    let script = matches!(name, "start-notebook.sh" | "start-notebook.py" | "start-singleuser.sh" | "start.sh");
    if !script && !name.starts_with("jupyter") {
        return None;
    }
    let words = command.arguments();
    let value = |options: &[&str]| {
        words.iter().enumerate().rev().find_map(|(at, word)| {
            let text = word.known()?;
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            let option = name.strip_prefix("--")?;
            let known = options.iter().any(|known| option == *known || option.ends_with(&format!("App.{known}")));
            let known = known || options.iter().any(|known| option == format!("IdentityProvider.{known}"));
            if !known {
                return None;
            }
            let next = words.get(at + 1).and_then(Word::known).unwrap_or_default();
            let value = if text.contains('=') { value } else { next };
            Some((value.trim_matches(['\'', '"']).to_owned(), word.span))
        })
    };
    let (token, at) = value(&["token"])?;
    let everywhere = script || value(&["ip"]).is_some_and(|(ip, _)| matches!(&*ip, "0.0.0.0" | "*" | "::"));
    let asks = value(&["password", "hashed_password"]).is_some_and(|(password, _)| !password.is_empty());
    (token.is_empty() && everywhere && !asks).then(|| Fact::Text(name.to_owned(), vec![at]))
}

/// Whether an address with a port is one on which every machine reaches the program.
fn is_everywhere(address: &str) -> bool {
    ["0.0.0.0", "[::]", "::", "*"].iter().any(|any| address.trim_start_matches("tcp://").starts_with(any))
}

/// A program that can be told to let everybody in.
struct Open {
    /// Its names.
    programs: &'static [&'static str],
    /// What everybody gets then.
    title: &'static str,
    /// Options that have it let everybody in: a flag, or one with its value behind a blank.
    opens: &'static [&'static str],
    /// Options that have it ask all the same.
    asks: &'static [&'static str],
    /// Whether it listens to the machine alone until it is told otherwise.
    is_local: bool,
    /// Whether what else is known of services tells of it.
    is_known: bool,
}

const fn open(
    programs: &'static [&'static str],
    title: &'static str,
    opens: &'static [&'static str],
    asks: &'static [&'static str],
) -> Open {
    Open { programs, title, opens, asks, is_local: false, is_known: false }
}

static OPEN: &[Open] = &[
    Open {
        is_known: true,
        ..open(
            &["redis-server", "valkey-server"],
            "all data",
            &["--protected-mode no"],
            &["--requirepass", "--aclfile"],
        )
    },
    Open { is_known: true, ..open(&["mongod"], "all data", &["--noauth"], &["--auth", "--keyFile"]) },
    Open {
        is_known: true,
        ..open(&["traefik"], "its interface and all routes", &["--api.insecure", "--api.insecure true"], &[])
    },
    Open {
        is_known: true,
        ..open(&["dockerd"], "root on the host", &["-H tcp://0.0.0.0*", "--host tcp://0.0.0.0*"], &["--tlsverify"])
    },
    Open { is_local: true, ..open(&["code-server"], "a shell", &["--auth none"], &[]) },
    open(&["openvscode-server"], "a shell", &["--without-connection-token"], &["--connection-token"]),
    open(
        &["ttyd"],
        "a shell",
        &["-W", "--writable"],
        // What it runs may ask as well.
        &["-c", "--credential", "-H", "--auth-header", "-A", "--ssl-ca", "login", "ssh"],
    ),
    open(&["gotty"], "a shell", &["-w", "--permit-write"], &["-c", "--credential"]),
    Open { is_local: true, ..open(&["filebrowser"], "all files", &["--noauth"], &[]) },
    Open {
        is_local: true,
        ..open(
            &["nomad", "consul"],
            "its interface",
            &["-dev"],
            &["-config", "-config-file", "-config-dir", "-acl-enabled"],
        )
    },
    open(
        &["chrome", "google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "headless_shell"],
        "the browser and the files that it reads",
        &["--remote-debugging-address 0.0.0.0"],
        &[],
    ),
];

/// The option by which a command starts a program that lets everybody in, with what everybody gets, and whether what else
/// is known of services tells of it.
pub(super) fn open_program(command: &Command) -> Option<(Fact, bool)> {
    let words = command.arguments();
    let name = command.program()?;
    let known = OPEN.iter().find(|open| open.programs.contains(&name))?;
    let text = |at: usize| words.get(at).and_then(Word::known).unwrap_or_default();
    let is = |at: usize, option: &str| {
        let (flag, value) = option.split_once(' ').unwrap_or((option, ""));
        let fits = |given: &str| match value.strip_suffix('*') {
            Some(start) => given.starts_with(start),
            None => given == value,
        };
        match text(at).strip_prefix(flag) {
            Some("") => value.is_empty() || fits(text(at + 1)),
            Some(rest) => rest.strip_prefix('=').is_some_and(|given| !value.is_empty() && fits(given)),
            None => false,
        }
    };
    let all = || 0..words.len();
    let asks = words.iter().any(|word| {
        let flag = word.start().split('=').next().unwrap_or_default();
        known.asks.contains(&flag)
    });
    // A variable alone may hold such an option, unless it is the value of one before it.
    let any = words.iter().enumerate().any(|(at, word)| {
        let before = at.checked_sub(1).and_then(|before| words.get(before));
        word.known().is_none() && word.start().is_empty() && !before.is_some_and(|it| it.start().starts_with('-'))
    });
    // What listens to the machine itself is not reached.
    let local = all().any(|at| {
        let text = text(at).rsplit('=').next().unwrap_or_default();
        matches!(text, "localhost" | "lo" | "::1")
            || ["127.0.0.1", "localhost:", "[::1]"].iter().any(|start| text.starts_with(start))
            || name == "ttyd" && text.starts_with('/') && text.contains(".sock")
    });
    let hidden = known.is_local && !all().any(|at| ["0.0.0.0", "::"].iter().any(|any| text(at).contains(any)));
    if asks || any || local || hidden {
        return None;
    }
    let at = all().find(|at| known.opens.iter().any(|option| is(*at, option)))?;
    let span = words.get(at)?.span;
    Some((Fact::Text(format!("{} of `{name}`", known.title), vec![span]), known.is_known))
}

/// How many words of a command a finding shows.
const MOST_SHOWN: usize = 4;

/// Whether the words of a command are those of a server for developers; what runs it may stand before it, as `poetry run`.
pub(crate) fn is_for_developers(words: &[&str]) -> bool {
    /// How many words of a command may be those that only run it.
    const BEFORE: usize = 6;
    words.iter().enumerate().take(BEFORE).any(|(at, word)| {
        let rest = words.get(at + 1..).unwrap_or_default();
        let has = |known: &[&str]| rest.iter().any(|word| known.contains(word));
        let first = rest.iter().find(|word| !word.starts_with('-')).copied().unwrap_or_default();
        match word.rsplit('/').next().unwrap_or_default() {
            "manage.py" | "django-admin" => matches!(first, "runserver" | "runserver_plus"),
            "uvicorn" | "gunicorn" | "hypercorn" | "granian" | "sanic" => has(&["--reload", "--auto-reload", "--dev"]),
            "fastapi" | "next" | "nuxt" | "nuxi" | "astro" => first == "dev",
            "flask" => has(&["run"]) && has(&["--debug", "--reload"]),
            "npm" | "yarn" | "pnpm" | "bun" => {
                let mut scripts = rest.iter().filter(|word| !word.starts_with('-') && **word != "run");
                scripts.next().is_some_and(|script| {
                    let serves = !["worker", "queue", "cron", "jobs"].iter().any(|word| script.contains(word));
                    serves
                        && (matches!(*script, "dev" | "develop")
                            || script.ends_with(":dev")
                            || script.starts_with("dev:"))
                })
            }
            "nodemon" | "ts-node-dev" | "webpack-dev-server" | "start-reload.sh" => true,
            "airflow" => first == "standalone",
            "vite" => matches!(first, "" | "dev" | "serve"),
            "webpack" | "ng" => matches!(first, "serve"),
            "gatsby" => first == "develop",
            "artisan" | "mkdocs" | "jekyll" => first == "serve",
            // Only with an address that others reach.
            "php" => rest
                .windows(2)
                .any(|pair| pair.first() == Some(&"-S") && pair.get(1).is_some_and(|at| is_everywhere(at))),
            "python" | "python3" => rest.starts_with(&["-m", "http.server"]) && !has(&["127.0.0.1", "localhost"]),
            "hugo" => matches!(first, "server" | "serve"),
            "tsx" | "cargo" | "dotnet" => first == "watch",
            "watchmedo" => first == "auto-restart",
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_for_developers() {
        for (command, expected) in [
            ("python manage.py runserver 0.0.0.0:8000", true),
            ("poetry run ./manage.py runserver", true),
            ("python manage.py migrate", false),
            ("uvicorn app:app --reload", true),
            ("python -m uvicorn app:app --reload", true),
            ("uvicorn app:app", false),
            ("fastapi dev app.py", true),
            ("fastapi run app.py", false),
            ("flask run --debug", true),
            ("flask --app x --debug run", true),
            ("flask run --host 0.0.0.0", false),
            ("npm run dev", true),
            ("npm --prefix web run start:dev", false),
            ("yarn dev", true),
            ("yarn start", false),
            ("pnpm run dev:web", true),
            ("yarn dev:worker", false),
            ("npx vite --host", true),
            ("vite preview", false),
            ("/app/node_modules/.bin/next dev", true),
            ("next start", false),
            ("celery -A x worker", false),
            ("/start-reload.sh", true),
            ("airflow standalone", true),
            ("airflow webserver", false),
            ("php artisan serve --host=0.0.0.0", true),
            ("php artisan queue:work", false),
            ("php -S 0.0.0.0:80 -t public", true),
            ("php -S localhost:80", false),
            ("python3 -m http.server 8000", true),
            ("python -m http.server --bind 127.0.0.1", false),
            ("hugo server", true),
            ("mkdocs build", false),
        ] {
            assert_eq!(is_for_developers(&command.split(' ').collect::<Vec<_>>()), expected, "{command}");
        }
    }

    #[test]
    fn programs_that_let_everybody_in() {
        for (command, expected) in [
            ("redis-server --protected-mode no", Some("all data of `redis-server`")),
            ("redis-server --protected-mode no --requirepass x", None),
            ("redis-server --protected-mode yes", None),
            ("redis-server --protected-mode no --bind 127.0.0.1", None),
            ("mongod --noauth", Some("all data of `mongod`")),
            ("traefik --api.insecure=true", Some("its interface and all routes of `traefik`")),
            ("traefik --api.insecure=false", None),
            ("dockerd -H tcp://0.0.0.0:2375", Some("root on the host of `dockerd`")),
            ("dockerd --host=tcp://0.0.0.0:2376 --tlsverify", None),
            ("dockerd -H unix:///var/run/docker.sock", None),
            ("code-server --auth none", None),
            ("code-server --auth none --bind-addr 0.0.0.0:8080", Some("a shell of `code-server`")),
            ("code-server --auth none $OPTIONS --bind-addr 0.0.0.0:8080", None),
            ("code-server --auth none --bind-addr 0.0.0.0:8080 --config $CONFIG", Some("a shell of `code-server`")),
            ("code-server --auth=none --bind-addr 127.0.0.1:8080", None),
            ("code-server --auth password", None),
            ("ttyd -W bash", Some("a shell of `ttyd`")),
            ("ttyd bash", None),
            ("ttyd -W -c a:b bash", None),
            ("ttyd -W --credential=a:$PASSWORD bash", None),
            ("ttyd -W login", None),
            ("ttyd -W -i /run/ttyd.sock bash", None),
            ("redis-server --protected-mode no --bind ::1", None),
            ("dockerd -H unix:///run/docker.sock -H tcp://0.0.0.0:2375", Some("root on the host of `dockerd`")),
            ("nomad agent -dev -bind 0.0.0.0", Some("its interface of `nomad`")),
            ("consul agent -dev", None),
            ("consul agent -dev -client 0.0.0.0", Some("its interface of `consul`")),
            ("consul agent -dev -client 0.0.0.0 -config-file=/acl.hcl", None),
            // It asks for the token that it prints.
            ("vault server -dev -dev-listen-address=0.0.0.0:8200", None),
            (
                "chromium --headless --remote-debugging-address=0.0.0.0",
                Some("the browser and the files that it reads of `chromium`"),
            ),
        ] {
            let script = crate::syntax::shell::Script::shell(&crate::syntax::joined::Joined::of(
                command,
                crate::text::Span::new(0, command.len()),
            ));
            let found = script.commands.first().and_then(open_program);
            let found = found.map(|(fact, _)| match fact {
                Fact::Text(text, _) => text,
                _ => String::new(),
            });
            assert_eq!(found.as_deref(), expected, "{command}");
        }
    }
}
