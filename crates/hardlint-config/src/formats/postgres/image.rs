//! What images of the server make of a `pg_hba.conf` that is put into them: which file it reads there, and how it stores
//! passwords.
//!
//! The official images read `pg_hba.conf` in the folder of the data, whatever `config_file` says, unless `hba_file` names
//! another one.

use super::started::{self, DATA};
use crate::deployment::services::{self, Service};
use crate::formats::{compose, dockerfile};
use crate::loader;
use crate::model::{ScopeId, Text};
use crate::schema::KindId;
use crate::text::Loc;
use crate::version::Versions;
use crate::workspace::{Query, Reader};

/// What the images that are given a file do with it.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// Where it is put, and where that is said, if none of them reads it.
    pub(crate) unread: Option<(String, Loc)>,
    /// Where it is said that all of them store passwords for SCRAM, as nothing sets another way.
    pub(crate) stores_scram: Option<Loc>,
}

/// Images whose entrypoint is that of the official one.
const OFFICIAL: &[&str] = &["postgres", "postgis", "pgvector", "timescaledb"];

/// Where the entrypoint runs scripts from, when it makes the data.
const SCRIPTS: &str = "/docker-entrypoint-initdb.d";

/// Folders above a file in which what makes an image of it is looked for.
const NEAR: usize = 3;

/// What is done with the `pg_hba.conf` at `path`.
pub(crate) fn given(reader: &mut Reader<'_>, query: &Query, path: &str, versions: Versions) -> Given {
    if query.isolated {
        return Given::default();
    }
    let mut all = services::mounting_anyway(reader, query, path);
    all.extend(built(reader, query, path));
    let official = |service: &Service| {
        let image = service.image.as_deref().map(compose::base_name);
        image.is_some_and(|name| OFFICIAL.contains(&name.as_str()))
    };
    if all.is_empty() || !all.iter().all(official) {
        return Given::default();
    }
    let scram = all.iter().all(stores_scram);
    let stores_scram = all.first().map(|service| service.at).filter(|_| scram);
    let mut unread = None;
    for service in &all {
        let Some(found) = put_aside(reader, query, service, path, versions) else {
            return Given { unread: None, stores_scram };
        };
        unread.get_or_insert(found);
    }
    let unread = unread.filter(|_| !is_named_by_projects(reader, path));
    Given { unread, stores_scram }
}

/// The images near a file that it is copied into.
fn built(reader: &mut Reader<'_>, query: &Query, path: &str) -> Vec<Service> {
    let mut found = Vec::new();
    let mut folder = loader::folder(path);
    for _ in 0..NEAR {
        let is_dockerfile = |name: &&String| name.starts_with("Dockerfile") || name.starts_with("Containerfile");
        let names: Vec<String> = reader.loader.list(folder).iter().filter(is_dockerfile).cloned().collect();
        for name in names {
            let Some(file) = loader::join(folder, &name).and_then(|place| reader.open(&place, None).ok()) else {
                continue;
            };
            if memchr::memmem::find(reader.source(file).text.as_bytes(), b"hba").is_none() {
                continue;
            }
            let wanted = dockerfile::Wanted::Built(None);
            let service = dockerfile::stage(reader, query, file, wanted, Some(folder));
            let holds = |service: &Service| service.mounts.iter().any(|mount| mount.source == path);
            found.extend(service.filter(holds));
        }
        if folder.is_empty() {
            break;
        }
        folder = loader::folder(folder);
    }
    found
}

/// Whether roles of a service have passwords for SCRAM: those of 14 and later do.
fn stores_scram(service: &Service) -> bool {
    let version = service.image.as_deref().and_then(started::version);
    let asked = |name: &str| {
        let variable = service.variables.iter().find(|(known, _)| &**known == name);
        variable.is_none_or(|(_, node)| node.value.as_str().is_some_and(|text| !text.contains("md5")))
    };
    version.is_some_and(|version| version.0[0] >= 14)
        && asked("POSTGRES_INITDB_ARGS")
        && !started::options(service).iter().any(|line| line.name == "password_encryption")
}

/// Where a service has the file, if its server reads another one.
fn put_aside(
    reader: &mut Reader<'_>,
    query: &Query,
    service: &Service,
    path: &str,
    versions: Versions,
) -> Option<(String, Loc)> {
    let (mount, target) = service.mounts.iter().find_map(|mount| {
        let rest = path.strip_prefix(mount.source.as_str())?;
        let target = format!("{}{rest}", mount.target.trim_end_matches('/'));
        (rest.is_empty() || rest.starts_with('/')).then_some((mount, target))
    })?;
    if service.open.is_some() || service.entry.is_some() || is_made_elsewhere(reader, service) {
        return None;
    }
    let lines = started::options(service);
    // A command that is none of the server's may start it in its own way.
    if service.started.is_some() && lines.is_empty() && !started::starts_server(service) {
        return None;
    }
    if lines.iter().any(|line| line.name == "hba_file") {
        return None;
    }
    let known = |name: &str| lines.iter().rev().find(|line| line.name == name);
    let variable = service.variables.iter().find(|(name, _)| &**name == "PGDATA");
    let data = match (known("data_directory"), variable) {
        (Some(line), _) => vec![plain(&line.text)?.trim_end_matches('/').to_owned()],
        (None, Some((_, node))) => vec![node.value.as_str()?.trim_end_matches('/').to_owned()],
        (None, None) => DATA.iter().map(|data| (*data).to_owned()).collect(),
    };
    // What else its own file may say.
    let files = match known("config_file") {
        Some(line) => vec![plain(&line.text)?.to_owned()],
        None => data.iter().map(|data| format!("{data}/postgresql.conf")).collect(),
    };
    let named = known("config_file").is_some();
    for file in files {
        let Some(conf) = service.mounted(&file) else {
            if named {
                return None;
            }
            continue;
        };
        let settings = super::settings(reader, query, &conf, versions)?;
        let scope = settings.scope(ScopeId(0))?;
        let key = settings.format.schema.key(KindId(0), "hba_file")?;
        if scope.open.is_some() || scope.own.get(key).is_some() {
            return None;
        }
    }
    // A folder that is mounted there holds a file of its own.
    let read = |data: &String| service.mounted(&format!("{data}/pg_hba.conf"));
    if data.iter().filter_map(read).any(|read| read == path) || data.iter().any(|data| target.starts_with(data)) {
        return None;
    }
    Some((target, mount.at))
}

fn plain(text: &Text) -> Option<&str> {
    match text {
        Text::Known(text) => Some(text),
        Text::Pieces(_) => None,
    }
}

/// Whether scripts that make the data, or steps of a build, do something with such files.
fn is_made_elsewhere(reader: &mut Reader<'_>, service: &Service) -> bool {
    let scripts: Vec<String> = service
        .mounts
        .iter()
        .filter(|mount| mount.target.starts_with(SCRIPTS))
        .map(|mount| mount.source.clone())
        .collect();
    let says = |reader: &mut Reader<'_>, path: &str| {
        let text = reader.loader.read(path).unwrap_or_default();
        memchr::memmem::find(&text, b"hba").is_some()
    };
    let from_scripts = scripts.iter().any(|source| {
        let inside: Vec<String> =
            reader.loader.list(source).iter().filter_map(|name| loader::join(source, name)).collect();
        says(reader, source) || inside.iter().any(|path| says(reader, path))
    });
    // Steps of the build that the service comes from stand in the file of its place.
    let own = reader.source(service.at.file);
    let built = !loader::name(&own.path).contains(".y");
    let steps = built
        && own.text.lines().map(str::trim_start).any(|line| {
            let lower = line.to_ascii_lowercase();
            lower.contains("hba")
                && !lower.starts_with(['#'])
                && !lower.starts_with("copy")
                && !lower.starts_with("add")
        });
    from_scripts || steps
}

/// Whether a project near a file names the option that says which one is read.
fn is_named_by_projects(reader: &Reader<'_>, path: &str) -> bool {
    let mut folder = loader::folder(path);
    for _ in 0..NEAR {
        let names = reader.loader.list(folder);
        let told = names.iter().filter(|name| !is_document(name)).any(|name| {
            let place = loader::join(folder, name).filter(|place| place != path);
            let text = place.and_then(|place| reader.loader.read(&place).ok()).unwrap_or_default();
            text.len() < LONGEST && memchr::memmem::find(&text, b"hba_file").is_some() && !is_commented(&text)
        });
        if told {
            return true;
        }
        if folder.is_empty() {
            return false;
        }
        folder = loader::folder(folder);
    }
    false
}

fn is_document(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ending == "md")
}

/// Files beside a project that may name the option; longer ones are not looked into.
const LONGEST: usize = 256 << 10;

/// Whether a text names the option in comments alone.
fn is_commented(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let mut lines = text.lines().map(str::trim_start).filter(|line| line.contains("hba_file"));
    lines.all(|line| line.starts_with('#'))
}
