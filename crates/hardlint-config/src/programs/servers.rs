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
        ] {
            assert_eq!(is_for_developers(&command.split(' ').collect::<Vec<_>>()), expected, "{command}");
        }
    }
}
