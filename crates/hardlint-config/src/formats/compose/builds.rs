//! Which services build an image from a Dockerfile: what is asked about that file, which does not know it.

use super::{canonical, development, facts, project};
use crate::deployment::role::{self, Role};
use crate::loader;
use crate::model::{Node, Text, Value};
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Files of variables of one project that are looked for.
const MOST_FILES: usize = 64;

/// A service that builds its image from a Dockerfile.
#[derive(Clone, Debug)]
pub(crate) struct Build {
    /// The folder that is built, below the root.
    pub(crate) context: Option<String>,
    /// The stage that it asks for.
    pub(crate) target: Option<Text>,
    /// The user that it sets.
    pub(crate) user: Option<Text>,
    /// The entrypoint that it sets, by words.
    pub(crate) entrypoint: Option<Vec<String>>,
    /// The command that it sets, by words.
    pub(crate) command: Option<Vec<String>>,
    /// Whether it is given the host: all rights, or the socket of the container engine.
    pub(crate) owns_host: bool,
    /// The files of variables that the services of its project are started with, below the root.
    pub(crate) env_files: Arc<[String]>,
    /// Whether it is for those who write the program: its source is mounted, and a variable says so.
    pub(crate) for_developers: bool,
    /// Where its project's file says that it is built; a place in another file is the beginning of this one.
    pub(crate) at: Span,
}

/// Whether a stage runs a server as root.
struct AsRoot(bool);

/// All that a project builds, with the Dockerfile that each is built from.
type Builds = Vec<(String, Build)>;

/// The services of the project that begins with the file at `path` that build the Dockerfile at `dockerfile`.
pub(crate) fn of(reader: &Reader<'_>, query: &Query, path: &str, dockerfile: &str) -> Vec<Build> {
    let builds = reader.memo.of::<Builds>(path, || all(reader, query, path));
    builds.iter().filter(|(file, _)| file == dockerfile).map(|(_, build)| build.clone()).collect()
}

fn all(reader: &Reader<'_>, query: &Query, path: &str) -> Builds {
    let mut reader = reader.another();
    let Ok(file) = reader.open(path, None) else { return Vec::new() };
    // Most projects build nothing; what they start from another file is rare.
    if memchr::memmem::find(reader.source(file).text.as_bytes(), b"build").is_none() {
        return Vec::new();
    }
    let known = project::of(&mut reader, query, file);
    let Some(Value::Map(services)) = known.loaded.root.value.entry("services").map(|node| &node.value) else {
        return Vec::new();
    };
    let mail_is_caught = services.iter().any(|service| development::is_mail_catcher(&service.node));
    let files: BTreeSet<String> = services.iter().flat_map(|service| env_files(&service.node)).collect();
    let env_files: Arc<[String]> = files.into_iter().take(MOST_FILES).collect();
    let built = services.iter().filter_map(|service| build(&service.node, file, mail_is_caught));
    built.map(|(path, build)| (path, Build { env_files: env_files.clone(), ..build })).collect()
}

/// The folder that a `build` names, below the root.
pub(crate) fn context(build: &Value) -> Option<String> {
    match build.entry("context") {
        Some(node) => Some(canonical::below_root(node.value.as_str()?)?.to_owned()),
        None => Some(String::new()),
    }
}

/// The Dockerfile that a `build` names, below the root.
pub(crate) fn dockerfile(build: &Value) -> Option<String> {
    let file = match build.entry("dockerfile") {
        Some(node) => node.value.as_str()?,
        None => "Dockerfile",
    };
    loader::join(&context(build)?, file)
}

/// Where a service says that it is built, if the stage that it asks for runs a server as root and that is told nowhere
/// else: a Dockerfile that knows of the service is judged for it.
pub(super) fn as_root(reader: &Reader<'_>, query: &Query, project: &str, service: &Node) -> Option<Loc> {
    let build = service.value.entry("build")?;
    let path = dockerfile(&build.value)?;
    let target = build.value.entry("target");
    let name = match target {
        Some(node) => Some(node.value.as_str()?),
        None => None,
    };
    let for_developers = name.is_some_and(|name| matches!(role::of_path(name), Role::Development | Role::Test));
    if for_developers || crate::formats::dockerfile::knows(project, &path) {
        return None;
    }
    // Services that are one image in several roles ask the same.
    let stage = format!("{path}\0{}", name.unwrap_or_default());
    let untold = reader
        .memo
        .of::<AsRoot>(&stage, || AsRoot(crate::formats::dockerfile::runs_server_as_root(reader, query, &path, name)));
    untold.0.then_some(target.unwrap_or(build).at)
}

/// The image that a service's own is made from, where the Dockerfile at hand begins its last stage with one: what listens
/// in it is mostly the program of that.
pub(super) fn base(reader: &Reader<'_>, service: &Node) -> Option<String> {
    /// What the Dockerfile at a path begins its last stage with.
    struct Base(Option<String>);
    let build = service.value.entry("build").filter(|build| build.value.entry("target").is_none())?;
    let path = dockerfile(&build.value)?;
    let read = || {
        let text = String::from_utf8(reader.loader.read(&path).ok()?).ok()?;
        let froms = text.lines().filter_map(|line| {
            let mut words = line.split_whitespace().filter(|word| !word.starts_with("--"));
            let is_from = words.next().is_some_and(|word| word.eq_ignore_ascii_case("from"));
            let image = words.next().filter(|_| is_from)?;
            Some((image, words.nth(1)))
        });
        let froms: Vec<(&str, Option<&str>)> = froms.collect();
        let (image, _) = froms.last()?;
        let stage = froms.iter().any(|(_, name)| name.is_some_and(|name| name.eq_ignore_ascii_case(image)));
        (!stage && !image.contains('$')).then(|| (*image).to_owned())
    };
    reader.memo.of::<Base>(&path, || Base(read())).0.clone()
}

fn build(service: &Node, file: FileId, mail_is_caught: bool) -> Option<(String, Build)> {
    let build = service.value.entry("build")?;
    let dockerfile = dockerfile(&build.value)?;
    let text = |key: &str| build.value.entry(key).map(|node| &node.value);
    let written = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        Value::Int(number) => Some(Text::Known(number.to_string().into())),
        _ => None,
    };
    let target = text("target").and_then(written);
    let user = service.value.entry("user").and_then(|node| written(&node.value));
    let words = |key: &str| service.value.entry(key).and_then(|node| words(&node.value));
    let context = context(&build.value);
    let (entrypoint, command) = (words("entrypoint"), words("command"));
    let for_developers = development::is_for_developers(service, file, mail_is_caught);
    let owns_host = owns_host(service);
    let at = if build.at.file == file { build.at.span } else { Span::default() };
    Some((
        dockerfile,
        Build { context, target, user, entrypoint, command, owns_host, for_developers, env_files: Arc::default(), at },
    ))
}

/// The files of variables that a service is started with, below the root.
fn env_files(service: &Node) -> Vec<String> {
    let files = service.value.entry("env_file").and_then(|node| node.value.as_list()).unwrap_or_default();
    let path = |file: &Node| {
        let written = file.value.entry("path").unwrap_or(file);
        canonical::below_root(written.value.as_str()?).map(str::to_owned)
    };
    files.iter().filter_map(path).collect()
}

/// Whether a service has all rights of the host, by its own switch or by the socket of the container engine.
fn owns_host(service: &Node) -> bool {
    let mounts = service.value.entry("volumes").and_then(|node| node.value.as_list()).unwrap_or_default();
    let sockets = mounts.iter().filter_map(|mount| mount.value.entry("source")?.value.as_str());
    service.value.entry("privileged").is_some_and(|node| node.value == Value::Bool(true))
        || sockets.into_iter().any(|source| !facts::control_socket(&facts::clean(source)).is_empty())
}

/// The words of a command: a list's, or those of a text, which Compose cuts as a shell would and gives to none. Quotes are
/// not looked into: which program it is stands at the beginning.
fn words(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Null => None,
        Value::List(list) => {
            let text = |node: &Node| node.value.as_str().unwrap_or_default().to_owned();
            Some(list.iter().map(text).collect())
        }
        Value::Text(_) => {
            let text = value.as_str().unwrap_or_default();
            match text.trim().split_once(" -c ") {
                Some((shell, script)) => {
                    let script = script.trim().trim_matches(['"', '\'']);
                    let shell = shell.split_whitespace().map(str::to_owned);
                    Some(shell.chain(["-c".to_owned(), script.to_owned()]).collect())
                }
                None => Some(text.split_whitespace().map(str::to_owned).collect()),
            }
        }
        _ => Some(Vec::new()),
    }
}
