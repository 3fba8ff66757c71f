//! Services that run for developers, told by what the file itself says of them: a server that is made for writing a
//! program, or a switch to its development mode, over the program's source as it lies on the host.
//!
//! Neither alone tells: a server for developers is deployed by mistake, which is a fault and no role, and folders of
//! the host are mounted in production as well.

use super::canonical;
use super::keys::COMMAND;
use super::resolve::{self, Service};
use crate::deployment::chains;
use crate::deployment::role::{self, Role};
use crate::loader::Git;
use crate::model::{Model, Node, Piece, ScopeId, Text, Value};
use crate::programs;
use crate::text::FileId;
use crate::workspace::Reader;

/// Gives services the role that their file tells of them, and the project that of all services whose programs it holds.
pub(super) fn fill(reader: &Reader<'_>, model: &mut Model, project: ScopeId, services: &[Service<'_>]) {
    let Some(file) = model.scope(project).map(|scope| scope.at.file) else { return };
    let elsewhere = production_elsewhere(reader, &model.path);
    let (mut some, mut all) = (false, true);
    let mail_is_caught = services.iter().any(catches_mail);
    for service in services {
        let mounts = mounts_source(service.node, file);
        let deployed = is_deployed(service);
        let command = ["command", "entrypoint"].into_iter().find_map(|key| service.node.value.entry(key));
        let overridden = command.is_some_and(|command| command.at.file != file);
        let own = command.is_some_and(|command| is_own(reader, command));
        let serves = (deployed || is_restarted(service))
            && !(overridden && elsewhere || own || is_asked_for_by_developers(service) || is_on_loopback(service));
        let at = command.unwrap_or(service.node).at;
        resolve::set(model, service.id, "serves_people", Node::derived(Value::Bool(serves), at, Vec::new()));
        let develops = mounts
            && !deployed
            && (runs_for_developers(model, service.id, file)
                || is_switched(service, file)
                || builds_for_developers(service)
                || mail_is_caught);
        some |= develops;
        all &= !deployed && (mounts || is_beside(service));
        if let Some(scope) = model.scope_mut(service.id).filter(|_| develops) {
            scope.role = Some(Role::Development);
        }
    }
    // Where all mail is shown instead of sent, and nothing is to run on after the machine was started anew, or all is there for a
    // job that ends, nobody is served; and the stores beside programs that are all being written hold what developers need.
    let serves_nobody =
        mail_is_caught && (some || !services.iter().any(is_kept_running)) && !services.iter().any(is_deployed)
            || is_for_one_job(model, file_name(&model.path), services);
    if let Some(scope) = model.scope_mut(project).filter(|_| some && all || serves_nobody) {
        scope.role = Some(Role::Development);
    }
}

/// Whether something says that a service is for the public, whatever else does: it has the ports of the web, or is told
/// that this is production.
fn is_deployed(service: &Service<'_>) -> bool {
    let ports = service.node.value.entry("ports").and_then(|node| node.value.as_list()).unwrap_or_default();
    let public = ports.iter().any(|port| {
        let published = port.value.entry("published").and_then(|node| node.value.as_str());
        matches!(published, Some("80" | "443")) && !is_loopback(port)
    });
    let told = service.environment.iter().any(|variable| {
        // What is at an address is elsewhere.
        let value = variable.node.value.as_str().filter(|value| !value.contains("://")).unwrap_or_default();
        let value = value.to_ascii_lowercase();
        value.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| matches!(word, "prod" | "production"))
    });
    public || told
}

/// Whether production is started with other files than those that Compose reads by itself: one beside is called so, or a
/// command names them. What an override says is for developers then.
fn production_elsewhere(reader: &Reader<'_>, path: &str) -> bool {
    let beside = || reader.loader.list(crate::loader::folder(path)).into_iter();
    beside().any(|name| name.contains("compose") && role::of_path(&name) == Role::Production)
        || !chains::naming(reader.loader, reader.memo, path).is_empty()
}

/// Whether a service is started again with the machine, or has rights over it: whoever wants that is no developer for a day.
fn is_kept_running(service: &Service<'_>) -> bool {
    let restart = service.node.value.entry("restart").and_then(|node| node.value.as_str());
    let privileged = service.node.value.entry("privileged").is_some_and(|node| node.value == Value::Bool(true));
    restart.is_some_and(|policy| policy != "no") || privileged
}

/// Whether a service is started again with the machine: one that only failed is not, once the engine itself was.
fn is_restarted(service: &Service<'_>) -> bool {
    let restart = service.node.value.entry("restart").and_then(|node| node.value.as_str());
    let none = service.node.value.entry("scale").is_some_and(|node| node.value == Value::Int(0))
        || service
            .node
            .value
            .entry("deploy")
            .and_then(|deploy| deploy.value.entry("replicas"))
            .is_some_and(|node| node.value == Value::Int(0));
    matches!(restart, Some("always" | "unless-stopped")) && !none
}

/// Whether a port is published for the machine alone.
fn is_loopback(port: &Node) -> bool {
    let address = port.value.entry("host_ip").and_then(|node| node.value.as_str()).unwrap_or_default();
    address.starts_with("127.") || matches!(address, "::1" | "localhost")
}

/// Whether all that a service publishes is for the machine alone.
fn is_on_loopback(service: &Service<'_>) -> bool {
    let ports = service.node.value.entry("ports").and_then(|node| node.value.as_list()).unwrap_or_default();
    !ports.is_empty() && ports.iter().all(is_loopback)
}

/// Whether a service starts only where a profile of developers is asked for.
pub(super) fn is_asked_for_by_developers(service: &Service<'_>) -> bool {
    let profiles = service.node.value.entry("profiles").and_then(|node| node.value.as_list()).unwrap_or_default();
    let lesser = |profile: &Node| profile.value.as_str().is_some_and(|name| role::of_path(name).is_lesser());
    !profiles.is_empty() && profiles.iter().all(lesser)
}

/// Whether a command stands in a file that git ignores, which everybody has of their own.
fn is_own(reader: &Reader<'_>, command: &Node) -> bool {
    reader.loader.git(&reader.source(command.at.file).path) == Git::Ignored
}

/// The name of the image of a service that builds none.
fn image<'s>(service: &'s Service<'_>) -> &'s str {
    image_of(service.node)
}

fn image_of(service: &Node) -> &str {
    if service.value.entry("build").is_some() {
        return "";
    }
    let image = match service.value.entry("image").map(|node| &node.value) {
        Some(Value::Text(Text::Known(text))) => text,
        // Only the tag is not known.
        Some(Value::Text(Text::Pieces(pieces))) => match pieces.first() {
            Some(Piece::Known(text)) if text.contains(':') => text,
            _ => "",
        },
        _ => "",
    };
    let name = image.rsplit('/').next().unwrap_or_default();
    name.split([':', '@']).next().unwrap_or_default()
}

/// Whether a service shows the mail of the project instead of sending it: whoever waits for that mail is a developer.
fn catches_mail(service: &Service<'_>) -> bool {
    is_mail_catcher(service.node)
}

/// The same of a service as its file writes it.
pub(super) fn is_mail_catcher(service: &Node) -> bool {
    const PROGRAMS: &[&str] = &["inbucket", "mailcatcher", "mailcrab", "maildev", "mailhog", "mailpit", "smtp4dev"];
    let always =
        service.value.entry("profiles").is_none_or(|node| node.value.as_list().is_some_and(<[Node]>::is_empty));
    always && PROGRAMS.contains(&image_of(service))
}

/// Words for a job that is done once, in the name of a file that is there for it.
const JOBS: &[&str] = &["resetdb", "reset", "migrate", "migration", "migrations", "seed", "bootstrap"];

fn file_name(path: &str) -> &str {
    crate::loader::name(path)
}

/// Whether a file that is called after a job holds that job, which ends, and nothing else but stores.
fn is_for_one_job(model: &Model, file: &str, services: &[Service<'_>]) -> bool {
    let named = file.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| JOBS.contains(&word));
    let ends = |service: &Service<'_>| model.get(service.id, "one_shot") == Some(&Value::Bool(true));
    named && services.iter().any(ends) && services.iter().all(|service| ends(service) || is_beside(service))
}

/// Whether the stage of the Dockerfile that a service asks for is named as that of developers.
fn builds_for_developers(service: &Service<'_>) -> bool {
    let target = service.node.value.entry("build").and_then(|build| build.value.entry("target"));
    let name = target.and_then(|target| target.value.as_str()).unwrap_or_default();
    role::of_path(name) == Role::Development
}

/// Whether a service is a store or a tool that stands beside a program while it is written.
fn is_beside(service: &Service<'_>) -> bool {
    const PROGRAMS: &[&str] = &[
        "adminer",
        "azurite",
        "cassandra",
        "clickhouse",
        "consul",
        "couchdb",
        "dockerize",
        "dynamodb",
        "elasticmq",
        "elasticsearch",
        "flower",
        "influxdb",
        "jaeger",
        "kafka",
        "keycloak",
        "kibana",
        "localstack",
        "mailcatcher",
        "mailcrab",
        "mailhog",
        "mailpit",
        "mariadb",
        "maildev",
        "memcached",
        "minio",
        "mongo",
        "mongodb",
        "mysql",
        "nats",
        "neo4j",
        "opensearch",
        "pgadmin",
        "pgadmin4",
        "phpmyadmin",
        "postgis",
        "postgres",
        "postgresql",
        "pgvector",
        "rabbitmq",
        "redis",
        "selenium",
        "timescaledb",
        "valkey",
        "zookeeper",
    ];
    let name = image(service);
    PROGRAMS.iter().any(|program| name == *program || name.split('-').any(|word| word == *program))
}

/// Whether the source of the program is mounted: the folder that its image is built from, one around it, or one in it
/// that holds no data.
fn mounts_source(service: &Node, file: FileId) -> bool {
    let part =
        |node: &'_ Node, key: &str| node.value.entry(key).and_then(|node| node.value.as_str()).map(str::to_owned);
    let below = |path: String| canonical::below_root(&path).map(|path| path.trim_matches('/').to_owned());
    let build = service.value.entry("build");
    let context = build.map(|build| part(build, "context").map_or(Some(String::new()), below));
    let mounts = service.value.entry("volumes").and_then(|node| node.value.as_list()).unwrap_or_default();
    mounts.iter().filter(|mount| mount.at.file == file && part(mount, "type").as_deref() == Some("bind")).any(|mount| {
        let Some(source) = part(mount, "source").and_then(below) else { return false };
        match &context {
            Some(Some(context)) => is_in(context, &source) || (is_in(&source, context) && holds_source(&source)),
            // Built from elsewhere.
            Some(None) => false,
            None => holds_source(&source),
        }
    })
}

fn is_in(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a folder so called may hold the source of a program.
fn holds_source(path: &str) -> bool {
    const OTHER: &[&str] = &[
        "backup", "backups", "cache", "cert", "certs", "conf", "config", "configs", "data", "db", "etc", "files",
        "initdb", "log", "logs", "media", "nginx", "plugins", "postgres", "redis", "secrets", "ssl", "static",
        "storage", "tmp", "uploads", "volume", "volumes",
    ];
    let mut parts = path.split('/');
    // `settings.py` and `.env` are files.
    let file = parts.clone().next_back().is_some_and(|name| name.contains('.'));
    !file && !parts.any(|part| OTHER.binary_search(&part.to_ascii_lowercase().as_str()).is_ok())
}

/// Variables that choose between development and production, and words for the first.
const MODES: &[&str] = &[
    "APP_ENV",
    "ASPNETCORE_ENVIRONMENT",
    "DEPLOY_ENV",
    "DEPLOY_ENVIRONMENT",
    "DJANGO_ENV",
    "FLASK_ENV",
    "GO_ENV",
    "MIX_ENV",
    "NODE_ENV",
    "RACK_ENV",
    "RAILS_ENV",
];
const DEVELOPMENT: &[&str] = &["dev", "development", "local"];

/// Whether a variable of the service itself switches its program to development.
fn is_switched(service: &Service<'_>, file: FileId) -> bool {
    service.environment.iter().any(|variable| {
        let value = variable.node.value.as_str().unwrap_or_default().to_ascii_lowercase();
        // The names that programs of all kinds use say so of one that is made here.
        let any = matches!(&*variable.name, "ENV" | "ENVIRONMENT") && service.node.value.entry("build").is_some();
        // `SHOP_ENVIRONMENT` is the project's own.
        let own = variable.name.strip_suffix("_ENVIRONMENT").or_else(|| variable.name.strip_suffix("_ENV"));
        let any = any || own.is_some_and(|own| !own.is_empty());
        let mode = (any || MODES.contains(&&*variable.name)) && DEVELOPMENT.contains(&value.as_str());
        let flask = matches!(&*variable.name, "FLASK_DEBUG" | "DEVELOPMENT") && matches!(value.as_str(), "1" | "true");
        variable.node.at.file == file && (mode || flask)
    })
}

/// Whether a service that is built mounts its source, and is switched to development by a variable of its own or beside
/// one that keeps its mail from everybody, as far as that can be told of it alone.
pub(super) fn is_for_developers(service: &Node, file: FileId, mail_is_caught: bool) -> bool {
    let variable = |name: &&str| {
        let value = service.value.entry("environment").and_then(|all| all.value.entry(name));
        value
            .and_then(|node| node.value.as_str())
            .is_some_and(|value| DEVELOPMENT.contains(&&*value.to_ascii_lowercase()))
    };
    (mail_is_caught || MODES.iter().any(variable)) && mounts_source(service, file)
}

/// Whether one of its commands starts a server that is made for writing a program.
fn runs_for_developers(model: &Model, service: ScopeId, file: FileId) -> bool {
    let key = |name: &str| model.format.schema.key(COMMAND, name);
    let (Some(name), Some(arguments)) = (key("name"), key("arguments")) else { return false };
    let behind = model.scopes.iter().skip(service.0 as usize + 1).take_while(|scope| scope.parent == Some(service));
    behind.filter(|scope| scope.kind == COMMAND && scope.at.file == file).any(|command| {
        let program = command.own.get(name).and_then(|node| node.value.as_str()).into_iter();
        let words = command.own.get(arguments).and_then(|node| node.value.as_list()).unwrap_or_default();
        let words: Vec<&str> =
            program.chain(words.iter().map(|word| word.value.as_str().unwrap_or_default())).collect();
        programs::is_for_developers(&words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_source() {
        for (path, expected) in [
            ("", true),
            ("src/app", true),
            ("shop/frontend", true),
            ("src/.env", false),
            ("data", false),
            ("deploy/nginx/html", false),
            ("app/settings.py", false),
        ] {
            assert_eq!(holds_source(path), expected, "{path}");
        }
    }
}
