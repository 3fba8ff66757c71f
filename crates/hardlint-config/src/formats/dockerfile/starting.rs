//! What the container starts, and whether root's rights stay with it.
//!
//! Many programs are started as root and do not stay so: masters hand their work to workers of another user, options and
//! entrypoints name one. Others have to be root, or are no server at all. Scripts are read where they stand beside the
//! Dockerfile; what a script does that is not at hand is unknown, and is said to be. Nothing is evaluated.

mod kinds;
mod script;

use super::facts::{fact, of_kind, yes};
use super::images::{self, BaseUser};
use super::keys::kinds as scopes;
use super::resolve::{Built, set};
use crate::loader;
use crate::model::{Model, Node, ScopeId, Text, Value};
use crate::text::Loc;
use crate::workspace::Reader;
use kinds::Start;
use script::{Body, Rights};

/// Adds the facts about what a stage starts.
pub(super) fn add(reader: &Reader<'_>, stage: &Built, model: &mut Model) {
    let Some(header) = model.scope(stage.scope).map(|scope| scope.at) else { return };
    let (entrypoint, cmd) = (words(stage.config.entrypoint.as_ref()), words(stage.config.cmd.as_ref()));
    let texts = |words: &[(String, Loc)]| words.iter().map(|(text, _)| text.clone()).collect::<Vec<String>>();
    let written: Vec<&(String, Loc)> = entrypoint.iter().chain(&cmd).collect();
    let ssh = written.iter().find(|(text, _)| script::names(text).any(|name| matches!(name, "sshd" | "dropbear")));
    let as_service = || {
        let line = written.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(" ");
        let first = written.first().filter(|_| script::starts_ssh(&line));
        let in_script = |(text, _): &&&(String, Loc)| matches!(&*script::read(reader, &model.path, text), Body::Text(_, body) if script::starts_ssh(body));
        first.or_else(|| written.iter().find(in_script))
    };
    if let Some((_, at)) = ssh.or_else(as_service) {
        set(model, stage.scope, scopes::STAGE, "ssh_server", fact(Value::text("sshd"), *at));
    }
    let drops = drops(reader, stage, &written, model);
    if let Some((_, at)) = drops {
        set(model, stage.scope, scopes::STAGE, "drops_privileges", yes(at));
    }
    let runs = Image {
        serves: stage
            .image
            .as_ref()
            .is_some_and(|(image, _)| matches!(image, Text::Known(name) if images::serves(name))),
        listens: !stage.config.exposed.is_empty() || !stage.services.is_empty(),
        sets_user: stage.config.user.is_some(),
    };
    let (start, program) = of_services(reader, &model.path, stage, runs, &texts(&entrypoint), &texts(&cmd));
    let at = written.first().map_or(header, |(_, at)| *at);
    let base = base(stage);
    let gives_up = drops.map(|(text, _)| text.to_owned());
    let as_whom = started_as(stage, start, &program, gives_up.as_deref(), base.as_deref());
    set(model, stage.scope, scopes::STAGE, "starts", fact(Value::text(start.name()), at));
    set(model, stage.scope, scopes::STAGE, "starts_as", fact(Value::text(as_whom), at));
    if base.is_some() || makes_users(stage, model) {
        set(model, stage.scope, scopes::STAGE, "has_own_user", yes(header));
    }
    if is_base(&model.path) {
        set(model, stage.scope, scopes::STAGE, "is_base", yes(header));
    }
}

/// What is known of the image, but for what it starts.
#[derive(Clone, Copy)]
struct Image {
    /// Whether the image beneath starts a server by itself.
    serves: bool,
    /// Whether it says which port it listens on, or a service builds it.
    listens: bool,
    /// Whether it sets its user, be it root.
    sets_user: bool,
}

impl Image {
    /// Whether nothing is said of what it is for.
    fn is_bare(self) -> bool {
        !self.listens && !self.sets_user
    }
}

/// The words of a list, with their places; what is unknown is left out.
fn words(node: Option<&Node>) -> Vec<(String, Loc)> {
    let list = node.and_then(|node| node.value.as_list()).unwrap_or_default();
    list.iter().filter_map(|word| Some((word.value.as_str()?.to_owned(), word.at))).collect()
}

/// What gives root's rights up, and where: a program that is started, a script, a tool that is installed for nothing else,
/// or a script of the usual name that is not at hand.
fn drops<'w>(
    reader: &Reader<'_>,
    stage: &Built,
    started: &[&'w (String, Loc)],
    model: &Model,
) -> Option<(&'w str, Loc)> {
    let by_name = started.iter().find(|(text, _)| script::drops(text));
    let body = |text: &str| script::read(reader, &model.path, text);
    let by_script = || started.iter().find(|(text, _)| matches!(*body(text), Body::Text(Rights::GivenUp, _)));
    let usual = || {
        let installed = of_kind(model, stage.scopes, scopes::COMMAND).any(|(id, _)| {
            let words = model.get(id, "arguments").and_then(Value::as_list).unwrap_or_default();
            words.iter().filter_map(|word| word.value.as_str()).any(|text| script::TOOLS.contains(&loader::name(text)))
        });
        let is = |text: &str| loader::name(text) == "docker-entrypoint.sh" && *body(text) == Body::Unseen;
        started.first().filter(|(text, _)| installed || is(text))
    };
    by_name.or_else(by_script).or_else(usual).map(|(text, at)| (text.as_str(), *at))
}

/// What the services that build a stage start, the most that any of them does; without services, what the image does.
fn of_services(
    reader: &Reader<'_>,
    path: &str,
    stage: &Built,
    image: Image,
    entrypoint: &[String],
    cmd: &[String],
) -> (Start, String) {
    let own = || kind(reader, path, image, entrypoint, cmd);
    let each = stage.services.iter().map(|service| match (&service.entrypoint, &service.command) {
        (None, None) => own(),
        // A service's own entrypoint takes the image's command away.
        (Some(entrypoint), command) => kind(reader, path, image, entrypoint, command.as_deref().unwrap_or_default()),
        (None, Some(command)) => kind(reader, path, image, entrypoint, command),
    });
    each.max_by_key(|(start, _)| *start).unwrap_or_else(own)
}

/// The words of the one command that a shell is given; others as they are. Tells whether it was.
fn without_shell(words: &[String]) -> (Vec<String>, bool) {
    let one = |text: &str| !text.contains([';', '&', '|', '(', '`', '\n', '<', '>']);
    match words {
        [shell, flag, text] if flag == "-c" && kinds::only_runs(std::slice::from_ref(shell)) && one(text) => {
            (text.split_whitespace().skip_while(|word| *word == "exec").map(str::to_owned).collect(), true)
        }
        _ => (words.to_vec(), false),
    }
}

/// What an entrypoint and a command start, and the program's name.
fn kind(reader: &Reader<'_>, path: &str, image: Image, entrypoint: &[String], cmd: &[String]) -> (Start, String) {
    let (entrypoint, shell) = without_shell(entrypoint);
    // An entrypoint in the shell's form is given nothing else.
    let (cmd, _) = without_shell(if shell { &[] } else { cmd });
    let all: Vec<String> = entrypoint.iter().chain(&cmd).cloned().collect();
    if all.iter().all(String::is_empty) {
        let start = if image.serves { Start::Server } else { Start::Nothing };
        return (start, String::new());
    }
    let is_tool = !entrypoint.is_empty() && cmd.iter().all(|word| kinds::asks_for_help(word));
    let serving = |start: Start| match start {
        Start::Program if image.listens => Start::Server,
        start => start,
    };
    let judged = |words: &[String]| {
        let (start, program) = kinds::of_words(words);
        match serving(start) {
            Start::Program if is_tool => (Start::Tool, program),
            start => (start, program),
        }
    };
    let Some(at) = all.iter().position(|word| script::is_named_so(word)) else { return judged(&all) };
    // `bash run.sh`, `tini -- run.sh`; a script that only stands among a program's words is none that is started.
    if at > 0 && !kinds::only_runs(all.get(..at).unwrap_or_default()) {
        return judged(&all);
    }
    let (Some(name), rest) = (all.get(at), all.get(at + 1..).unwrap_or_default()) else { return judged(&all) };
    match &*script::read(reader, path, name) {
        Body::Text(_, text) => match kinds::of_script(text) {
            // `exec "$@"`.
            None if !rest.is_empty() => judged(rest),
            None => (serving(Start::Program), loader::name(name).to_owned()),
            Some((start, program)) => (serving(start), program),
        },
        Body::Unseen => match judged(rest) {
            known @ (Start::OwnUser | Start::Daemon | Start::System | Start::Development, _) => known,
            // Nothing says that anybody connects to it, and nobody thought about its user.
            _ if image.is_bare() && rest.iter().all(|word| word.starts_with('-')) => {
                (Start::Tool, loader::name(name).to_owned())
            }
            _ => (Start::Unseen, loader::name(name).to_owned()),
        },
        Body::None => judged(&all),
    }
}

/// The image beneath, where its own entrypoint or its master gives up rights.
fn base(stage: &Built) -> Option<String> {
    let (Text::Known(name), _) = stage.image.as_ref()? else { return None };
    (images::user(name) == Some(BaseUser::RootThenDrops)).then(|| name.to_string())
}

/// Packages that make an account of their own, or whose programs start others as other users.
const WITH_USER: &[&str] = &[
    "apache2",
    "cron",
    "cronie",
    "httpd",
    "mariadb-server",
    "memcached",
    "mysql-server",
    "nginx",
    "postgresql",
    "rabbitmq-server",
    "redis",
    "redis-server",
    "sudo",
    "supervisor",
    "varnish",
];

/// Whether a `chown` gives files to an account that is not root: a program is to write them.
fn gives_to_another(model: &Model, command: ScopeId) -> bool {
    let words = model.get(command, "arguments").and_then(Value::as_list).unwrap_or_default();
    let mut owners = words.iter().filter_map(|word| word.value.as_str()).filter(|word| !word.starts_with('-'));
    let owner = owners.next().and_then(|owner| owner.split([':', '.']).next()).unwrap_or_default();
    !owner.is_empty() && !owner.contains('/') && !super::facts::is_root(owner)
}

/// Whether commands of the stage make accounts, by themselves or with a package.
fn makes_users(stage: &Built, model: &Model) -> bool {
    of_kind(model, stage.scopes, scopes::COMMAND).any(|(id, _)| {
        let name = model.get(id, "name").and_then(Value::as_str);
        let packages = model.get(id, "installs").and_then(Value::as_list).unwrap_or_default();
        let mut packages = packages.iter().filter_map(|package| package.value.as_str());
        name.is_some_and(|name| matches!(name, "useradd" | "adduser"))
            || name == Some("chown") && gives_to_another(model, id)
            || packages.any(|package| {
                // `postgresql-15` is the server, as `nginx-full` is.
                let main = package.split(['-', '=']).next().unwrap_or_default();
                WITH_USER.contains(&package) || matches!(main, "nginx" | "postgresql") && !package.contains("client")
            })
    })
}

/// One line of what is known.
fn started_as(stage: &Built, start: Start, program: &str, gives_up: Option<&str>, base: Option<&str>) -> String {
    let root = match stage.config.user.as_ref().map(|node| &node.value) {
        Some(Value::Text(Text::Known(user))) => user.to_string(),
        _ => "root".to_owned(),
    };
    let drops = gives_up.map(|text| loader::name(text.split_whitespace().next().unwrap_or(text)).to_owned());
    match (start, drops, base) {
        (Start::Unseen, None, _) => {
            format!("the container starts as `{root}`; whether `{program}` gives that up is not known here")
        }
        (_, Some(by), _) => format!("the container starts as `{root}`, which `{by}` seems to give up"),
        (_, None, Some(base)) if stage.config.entrypoint.is_none() => {
            format!("the container starts as `{root}`, which `{base}` gives up for its work")
        }
        (Start::Daemon, ..) => {
            format!("the container starts as `{root}`; the workers of `{program}` are another user's")
        }
        (Start::System, ..) => format!("the container runs `{program}` as `{root}`"),
        _ => format!("the container runs as `{root}`"),
    }
}

/// Whether a file is named as one that others are built on, or that only builds.
fn is_base(path: &str) -> bool {
    let (folder, name) = (loader::name(loader::folder(path)), loader::name(path));
    let words = |text: &str| text.to_ascii_lowercase().split(['.', '-', '_']).map(str::to_owned).collect::<Vec<_>>();
    let is = |word: &String| matches!(word.as_str(), "base" | "builder");
    words(name).iter().any(is) || words(folder).iter().any(is) || words(folder) == ["build"]
}

#[cfg(test)]
mod tests;
