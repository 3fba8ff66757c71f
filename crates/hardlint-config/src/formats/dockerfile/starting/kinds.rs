//! What is known of programs that containers start: who they run as, and what they are for.
//!
//! Read from the programs' manuals in November 2026: which masters change their user without being told to, and which
//! options name one. A program that is not listed is one of which nothing is known but its words.

use crate::syntax::joined::Joined;
use crate::syntax::shell::{Command, How, Script, Word};
use crate::text::Span;

/// What is started, what matters most last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Start {
    /// What the image beneath starts, which is no server.
    Nothing,
    /// Something that only waits.
    Idle,
    /// A shell, or a language's prompt.
    Shell,
    /// A program for the command line.
    Tool,
    /// What developers run.
    Development,
    /// A program that its own options make another user's.
    OwnUser,
    /// A master whose workers are another user's.
    Daemon,
    /// What has to be root: an init system, cron, a VPN.
    System,
    /// A script or a configuration that is not at hand.
    Unseen,
    /// A program of which no more is known.
    Program,
    /// A server.
    Server,
}

impl Start {
    /// Its name in rules.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Idle => "idle",
            Self::Shell => "shell",
            Self::Tool => "tool",
            Self::Development => "development",
            Self::OwnUser => "own_user",
            Self::Daemon => "daemon",
            Self::System => "system",
            Self::Unseen => "unseen",
            Self::Program => "program",
            Self::Server => "server",
        }
    }
}

/// Masters that change to another user by themselves, or their workers.
const DAEMONS: &[&str] = &[
    "apache2",
    "apache2-foreground",
    "apache2ctl",
    "apachectl",
    "dnsmasq",
    "dovecot",
    "httpd",
    "httpd-foreground",
    "httpd-shibd-foreground",
    "mosquitto",
    "nginx",
    "openresty",
    "postfix",
    "squid",
    "unbound",
    "varnishd",
];

/// Programs whose work needs root, or that start others as users of their own.
const SYSTEM: &[&str] = &[
    "chronyd",
    "containerd",
    "cron",
    "crond",
    "dockerd",
    "dockerd-entrypoint.sh",
    "dropbear",
    "init",
    "keepalived",
    "my_init",
    "ntpd",
    "openvpn",
    "ovpn_run",
    "rsyslogd",
    "runit",
    "runsvdir",
    "s6-svscan",
    "sshd",
    "supercronic",
    "supervisord",
    "syslog-ng",
    "systemd",
    "tailscaled",
    "wg-quick",
];

/// Options that name the user a program changes to.
const USERS: &[(&str, &[&str])] = &[
    ("celery", &["--uid"]),
    ("gunicorn", &["--user", "-u"]),
    ("haproxy", &["-u"]),
    ("mariadbd", &["--user", "-u"]),
    ("memcached", &["--user", "-u"]),
    ("mysqld", &["--user", "-u"]),
    ("named", &["-u"]),
    ("pgbouncer", &["--user", "-u"]),
    ("slapd", &["-u"]),
    ("uwsgi", &["--uid", "--uid-as-root"]),
];

/// Programs that are servers, whatever their words.
const SERVERS: &[&str] = &[
    "caddy",
    "catalina.sh",
    "celery",
    "daphne",
    "granian",
    "gunicorn",
    "hypercorn",
    "memcached",
    "mongod",
    "pgbouncer",
    "puma",
    "redis-server",
    "streamlit",
    "traefik",
    "unicorn",
    "uvicorn",
    "uwsgi",
    "waitress-serve",
];

/// Programs that do their work and end: migrations, dumps, certificates, deployments, checks of source.
const TOOLS: &[&str] = &[
    "alembic",
    "ansible-lint",
    "ansible-playbook",
    "cfssl",
    "cookstyle",
    "dbmate",
    "eslint",
    "flake8",
    "flyway",
    "hadolint",
    "helm",
    "kubectl",
    "liquibase",
    "mysqldump",
    "pg_dump",
    "pg_dumpall",
    "prettier",
    "pylint",
    "rubocop",
    "ruff",
    "shellcheck",
    "terraform",
    "yamllint",
];

const SHELLS: &[&str] = &["ash", "bash", "dash", "fish", "ksh", "login", "sh", "zsh"];
const PROMPTS: &[&str] = &["ipython", "irb", "node", "psql", "python", "python3"];
const IDLE: &[&str] = &["cat", "echo", "false", "sleep", "tail", "true"];
const PACKAGE_MANAGERS: &[&str] = &["bun", "npm", "pnpm", "yarn"];
const FOR_DEVELOPERS: &[&str] = &["jest", "nodemon", "pytest", "tox", "vite", "webpack-dev-server"];
/// What stands before a program and only runs it: the name, and the word that has to follow.
const RUNNERS: &[(&str, &str)] =
    &[("bundle", "exec"), ("hatch", "run"), ("pdm", "run"), ("pipenv", "run"), ("poetry", "run"), ("uv", "run")];

/// What words that are run without a shell start, and the program's name.
pub(super) fn of_words(words: &[String]) -> (Start, String) {
    let joined: Vec<Joined> = words.iter().map(|word| Joined::of(word, Span::new(0, word.len()))).collect();
    let script = Script::exec(&joined);
    let (start, program) = last(&script).unwrap_or((Start::Program, String::new()));
    // A script may do so on one of its ways alone; words have one.
    let start = if script.commands.last().is_some_and(becomes_another) { Start::OwnUser } else { start };
    (start, program)
}

/// What a script starts in the end; `None` where that is what it was given, or nothing is known.
pub(super) fn of_script(text: &str) -> Option<(Start, String)> {
    last(&Script::shell(&Joined::of(text, Span::new(0, text.len()))))
}

/// Whether words only run what follows them: a shell or a small init.
pub(super) fn only_runs(words: &[String]) -> bool {
    words.iter().all(|word| {
        let name = crate::loader::name(word);
        name.starts_with('-')
            || SHELLS.contains(&name)
            || matches!(name, "tini" | "dumb-init" | "catatonit" | "env" | "exec")
    })
}

/// Whether a word asks a program what it can do.
pub(super) fn asks_for_help(word: &str) -> bool {
    matches!(word, "-h" | "--help" | "help" | "--version" | "-v" | "version")
}

/// The command that stays, and what it is. One that only waits stays for those that run beside it.
fn last(script: &Script) -> Option<(Start, String)> {
    let holds_script = |index: usize| {
        script
            .commands
            .iter()
            .any(|command| command.inside.is_some_and(|it| it.command == index && it.how == How::Argument))
    };
    let top = |command: &&Command| command.inside.is_none_or(|inside| inside.how == How::Argument);
    let mut all: Vec<&Command> = script
        .commands
        .iter()
        .enumerate()
        .filter(|(index, command)| top(command) && !holds_script(*index))
        .map(|(_, command)| command)
        .collect();
    let end = of_command(all.pop()?)?;
    if end.0 != Start::Idle {
        return Some(end);
    }
    let mut beside = all.into_iter().rev().filter_map(of_command);
    Some(beside.find(|(start, _)| matches!(start, Start::System | Start::Daemon)).unwrap_or(end))
}

/// What a command is. `None` where its program is not written: `exec "$@"`.
fn of_command(command: &Command) -> Option<(Start, String)> {
    let mut words: &[Word] = command.words.get(command.program_at()?..)?;
    let mut program = name(words.first()?)?;
    if let Some((_, second)) = RUNNERS.iter().find(|(runner, _)| *runner == program)
        && words.get(1).and_then(Word::known) == Some(second)
    {
        words = words.get(2..)?;
        program = name(words.first()?)?;
    }
    if program.starts_with("python") && words.get(1).and_then(Word::known) == Some("-m") {
        words = words.get(2..)?;
        program = name(words.first()?)?;
    }
    let arguments = words.get(1..).unwrap_or_default();
    let start = if names_user(program, arguments) { Start::OwnUser } else { of_program(program, arguments) };
    // What a package puts into its own `sbin` is made to be started by root.
    let packaged = || {
        let mut folders = words.first().and_then(Word::known).unwrap_or_default().split('/').skip(1);
        folders.next() == Some("opt") && folders.any(|folder| folder == "sbin")
    };
    let start = if start == Start::Program && packaged() { Start::System } else { start };
    Some((start, program.to_owned()))
}

/// A word's name without folders, and without what a list in the wrong quotes leaves at it.
fn name(word: &Word) -> Option<&str> {
    Some(crate::loader::name(word.known()?.trim_matches(['[', ']', ',', '\'', '"'])))
}

/// Whether what stands before the program makes it another user's than root, and does nothing else: `gosu app serve`.
fn becomes_another(command: &Command) -> bool {
    let before = command.program_at().and_then(|at| command.words.get(..at)).unwrap_or_default();
    let at = before
        .iter()
        .position(|word| name(word).is_some_and(|name| matches!(name, "gosu" | "su-exec" | "s6-setuidgid")));
    let user = at.and_then(|at| before.get(at + 1)).and_then(Word::known).and_then(|user| user.split(':').next());
    user.is_some_and(|user| !user.is_empty() && !super::super::facts::is_root(user))
}

/// Whether options make a program another user's than root.
fn names_user(program: &str, arguments: &[Word]) -> bool {
    let Some((_, options)) = USERS.iter().find(|(name, _)| *name == program) else { return false };
    let given = arguments.iter().enumerate().find_map(|(index, word)| {
        let text = word.known()?;
        let option = options.iter().find(|option| text.starts_with(**option))?;
        match text.strip_prefix(option)? {
            "" => arguments.get(index + 1)?.known(),
            rest => rest.strip_prefix('=').or_else(|| (option.len() == 2).then_some(rest)),
        }
    });
    given.is_some_and(|user| !user.is_empty() && !super::super::facts::is_root(user))
}

fn of_program(program: &str, arguments: &[Word]) -> Start {
    let text = |index: usize| arguments.get(index).and_then(Word::known).unwrap_or_default();
    let has = |test: fn(&str) -> bool| arguments.iter().filter_map(Word::known).any(test);
    let scripts = matches!(text(0), "run" | "exec" | "run-script");
    let script = if scripts { text(1) } else { text(0) };
    if DAEMONS.contains(&program) || program.starts_with("php-fpm") {
        Start::Daemon
    } else if SYSTEM.contains(&program) {
        Start::System
    } else if SHELLS.contains(&program) && arguments.iter().all(|word| word.start().starts_with('-'))
        || PROMPTS.contains(&program) && arguments.is_empty()
    {
        Start::Shell
    } else if IDLE.contains(&program) {
        Start::Idle
    } else if TOOLS.contains(&program) {
        Start::Tool
    } else if FOR_DEVELOPERS.contains(&program)
        || PACKAGE_MANAGERS.contains(&program)
            && script.split([':', '-']).any(|word| matches!(word, "dev" | "develop" | "watch" | "test" | "storybook"))
        || program == "npx" && FOR_DEVELOPERS.contains(&text(0))
        || matches!(program, "next" | "gatsby" | "ng" | "astro") && matches!(text(0), "dev" | "develop" | "serve")
    {
        Start::Development
    } else if program == "uwsgi" && has(|word| matches!(word.rsplit('.').next(), Some("ini" | "yaml"))) {
        // Its file may well name the user.
        Start::Unseen
    } else if SERVERS.contains(&program)
        || has(|word| {
            let option = word.split('=').next().unwrap_or(word);
            matches!(option, "serve" | "server" | "runserver" | "--host" | "--bind" | "--port" | "--listen")
                || word.contains("0.0.0.0")
        })
    {
        Start::Server
    } else {
        Start::Program
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commands_start() {
        for (words, expected) in [
            (&["nginx", "-g", "daemon off;"][..], "daemon"),
            (&["/usr/sbin/php-fpm8.2", "-F"], "daemon"),
            (&["sh", "-c", "['varnishd', '-F']"], "daemon"),
            (&["tini", "--", "nginx"], "daemon"),
            (&["/bin/sh", "-c", "python manage.py migrate && gunicorn app"], "server"),
            (&["/bin/sh", "-c", "rsyslogd && cron && tail -f /var/log/syslog"], "system"),
            (&["/bin/bash", "-c", "cron && python app.py"], "program"),
            (&["/sbin/init"], "system"),
            (&["/sbin/my_init"], "system"),
            (&["/opt/scanner/sbin/scanner-service"], "system"),
            (&["/opt/scanner/bin/scanner-service"], "program"),
            (&["cron", "-f"], "system"),
            (&["pgbouncer", "-u", "pgbouncer", "/etc/x.ini"], "own_user"),
            (&["memcached", "-umemcache"], "own_user"),
            (&["memcached", "-u", "root"], "server"),
            (&["memcached"], "server"),
            (&["gunicorn", "--user=www-data", "app"], "own_user"),
            (&["gunicorn", "app", "--user", "0"], "server"),
            (&["uwsgi", "--uid", "www-data"], "own_user"),
            (&["uwsgi", "--ini", "uwsgi.ini"], "unseen"),
            (&["uwsgi", "--http", ":80"], "server"),
            (&["celery", "worker", "--uid=app"], "own_user"),
            (&["python", "-m", "gunicorn", "-u", "app"], "own_user"),
            (&["gosu", "postgres:postgres", "postgres"], "own_user"),
            (&["gosu", "root", "puma"], "server"),
            (&["poetry", "run", "uvicorn", "app:app"], "server"),
            (&["bash"], "shell"),
            (&["/bin/bash", "-l"], "shell"),
            (&["bash", "run"], "program"),
            (&["python3"], "shell"),
            (&["python3", "app.py"], "program"),
            (&["sleep", "infinity"], "idle"),
            (&["tail", "-f", "/dev/null"], "idle"),
            (&["npm", "run", "dev"], "development"),
            (&["yarn", "start:dev"], "development"),
            (&["npm", "start"], "program"),
            (&["pnpm", "run", "deploy"], "program"),
            (&["dispatch", "server", "start"], "server"),
            (&["app", "--host=0.0.0.0"], "server"),
            (&["jq"], "program"),
            (&["dbmate", "dump"], "tool"),
            (&["bundle", "exec", "rubocop", "-f", "s"], "tool"),
        ] {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(of_words(&words).0.name(), expected, "{words:?}");
        }
    }

    #[test]
    fn what_scripts_start_in_the_end() {
        for (text, expected) in [
            ("#!/bin/sh\nset -e\nexec \"$@\"\n", None),
            ("#!/bin/sh\nmkdir -p /x\nexec supervisord -n\n", Some(Start::System)),
            ("#!/bin/sh\nflask db upgrade\nexec gunicorn app\n", Some(Start::Server)),
            ("#!/bin/sh\nexec gunicorn -u app app\n", Some(Start::OwnUser)),
        ] {
            assert_eq!(of_script(text).map(|(start, _)| start), expected, "{text}");
        }
    }
}
