//! What follows from the records, for rules to judge. A fact is unknown where what it follows from is.

use super::address::Address;
use super::keys::{FILE, RECORD};
use super::order::{self, Left};
use super::record::{Is, LOCAL, Name, PLAIN, Record};
use super::resolve::Row;
use crate::deployment::services;
use crate::formats::{dockerfile, postgres};
use crate::loader::{self, Loader};
use crate::model::{Model, Node, ScopeId, Value, Why};
use crate::text::{FileId, Loc};
use crate::workspace::{Query, Reader};

/// What the server's own configuration says, where it lies beside the file and reads it.
#[derive(Default)]
pub(super) struct Server {
    ssl: Option<Node>,
    ssl_ca_file: Option<Node>,
    /// Whether passwords are stored as MD5, or the server is too old to know anything else.
    stores_md5: Option<Loc>,
}

impl Server {
    /// Reads the `postgresql.conf` beside the file, unless that names another `pg_hba.conf`; beside a template, which has
    /// one more ending, the template of it.
    pub(super) fn of(reader: &mut Reader<'_>, query: &Query, model: &mut Model, file: FileId) -> Self {
        let path = reader.source(file).path.clone();
        let name = loader::name(&path);
        let (name, ending) = match name.strip_prefix("pg_hba.conf").filter(|ending| ending.starts_with('.')) {
            Some(ending) => ("pg_hba.conf", ending),
            None => (name, ""),
        };
        let beside = loader::join(loader::folder(&path), &format!("postgresql.conf{ending}"));
        let Some(beside) = beside.filter(|beside| reader.loader.stat(beside).is_some()) else { return Self::default() };
        let Some(settings) = postgres::settings(reader, query, &beside, model.versions) else { return Self::default() };
        // What a file that is not at hand may overrule still stands there.
        let written = |node: &Node| match &node.value {
            Value::Unknown(Why::File(_)) => {
                Some(reader.source(node.at.file).slice(node.at.span).trim_matches('\'').to_owned())
            }
            value => value.as_str().map(str::to_owned),
        };
        let own = settings.format.schema.key(crate::schema::KindId(0), "hba_file");
        let own = own.and_then(|key| settings.scope(ScopeId(0))?.own.get(key));
        let reads_it = match own.map(written) {
            None => name == "pg_hba.conf",
            Some(Some(named)) => loader::name(&named) == name,
            Some(None) => false,
        };
        if !reads_it {
            return Self::default();
        }
        let node = |name: &str| {
            let key = settings.format.schema.key(crate::schema::KindId(0), name)?;
            let found = settings.lookup(ScopeId(0), key);
            found.node.map(|node| Node { at: found.at, origin: found.origin.clone(), ..node.clone() })
        };
        // What a condition of a template decides is not known to be off. Where it is off unless a file says otherwise that is not
        // at hand, it stays unknown.
        let ssl = node("ssl").filter(|node| match &node.value {
            Value::Unknown(Why::File(_)) => {
                let off = |text: String| matches!(&*text.to_ascii_lowercase(), "off" | "false" | "no" | "0");
                written(node).is_some_and(off)
            }
            value => matches!(value, Value::Bool(_)),
        });
        // Debian puts the version into the path; what comes before 14 stores MD5 where nothing else is said.
        let old = |name: &str| {
            let path = node(name)?;
            let major = path.value.as_str()?.split('/').skip_while(|part| *part != "postgresql").nth(1)?;
            let major: u32 = major.split('.').next()?.parse().ok()?;
            (major < 14).then_some((major, path.at))
        };
        let old = ["data_directory", "hba_file", "ident_file"].into_iter().find_map(old);
        let told = settings.format.schema.key(crate::schema::KindId(0), "password_encryption");
        let told = told.and_then(|key| settings.scope(ScopeId(0))?.own.get(key));
        let stores_md5 = match (told.map(|node| (node.value.as_str(), node.at)), old) {
            (_, Some((..10, at))) | (None, Some((_, at))) | (Some((Some("md5"), at)), _) => Some(at),
            _ => None,
        };
        Self { ssl, ssl_ca_file: node("ssl_ca_file"), stores_md5 }
    }

    /// Whether it speaks TLS, if that is known.
    pub(super) fn ssl(&self) -> Option<bool> {
        match self.ssl.as_ref()?.value {
            Value::Bool(on) => Some(on),
            _ => None,
        }
    }
}

/// Fills in the facts of the file and of each record.
pub(super) fn derive(reader: &mut Reader<'_>, query: &Query, model: &mut Model, rows: &[Row], server: &Server) {
    let own = |node: &Node| Node { origin: crate::model::Origin::Derived([node.at].into()), ..node.clone() };
    let ca = server.ssl_ca_file.as_ref().filter(|node| node.value.as_str() != Some(""));
    for (name, node) in [("ssl", server.ssl.as_ref()), ("ssl_ca_file", ca)] {
        let key = model.key(FILE, name);
        if let (Some(file), Some(node)) = (model.scope_mut(ScopeId(0)), node) {
            file.effective.set(key, own(node));
        }
    }
    let key = model.key(FILE, "stores_md5");
    if let (Some(file), Some(at)) = (model.scope_mut(ScopeId(0)), server.stores_md5) {
        file.effective.set(key, Node::derived(Value::Bool(true), at, vec![at]));
    }
    let given = postgres::image::given(reader, query, &model.path, model.versions);
    let pinned = query.targets.0.contains_key(model.format.schema.program) && model.versions.oldest.0[0] >= 14;
    let scram = given.stores_scram.or_else(|| pinned.then(|| model.scope(ScopeId(0)).map(|file| file.at)).flatten());
    let unread = given.unread.as_ref().map(|(target, at)| (Value::text(target.as_str()), *at));
    let scram = scram.filter(|_| server.stores_md5.is_none()).map(|at| (Value::Bool(true), at));
    for (name, found) in [("stores_scram", scram), ("unread_at", unread.clone())] {
        let key = model.key(FILE, name);
        if let (Some(file), Some((value, at))) = (model.scope_mut(ScopeId(0)), found) {
            file.effective.set(key, Node::derived(value, at, vec![at]));
        }
    }
    let in_container = in_container(reader.loader, &model.path);
    let in_image = in_image(reader.loader, &model.path);
    let inside = services::only_inside(&services::mounting_anyway(reader, query, &model.path)).is_some();
    let all: Vec<(&Row, &Record)> = rows
        .iter()
        .filter(|row| row.scope.is_some())
        .filter_map(|row| row.record().map(|record| (row, record)))
        .collect();
    let records: Vec<&Record> = all.iter().map(|(_, record)| *record).collect();
    let sure = |index: usize| all.get(index).is_some_and(|(row, _)| row.line.is_sure());
    let left = order::left(&records, sure);
    let superusers = superusers(&records, sure);
    for (index, (row, record)) in all.iter().enumerate() {
        let Some((left, superuser)) = left.get(index).zip(superusers.get(index)) else { continue };
        let mut facts = of_record(record, *left, server);
        facts.push(("superuser", Value::Bool(*superuser)));
        facts.push(("in_container", Value::Bool(in_container)));
        facts.push(("in_image", Value::Bool(in_image)));
        facts.push(("only_in_project", Value::Bool(inside)));
        if unread.is_some() {
            facts.push(("never", Value::text("nothing tells the server to read the file")));
        }
        let by = left.by.and_then(|by| all.get(by));
        if let Some((by, shadowing)) = by {
            facts.extend(by.scope.map(|scope| ("shadowed_by", Value::Scope(scope))));
            facts.push(("same_as_shadowing", Value::Bool(alike(record, shadowing))));
        }
        if let Some(why) = row.line.repeated() {
            facts = facts.into_iter().map(|(name, _)| (name, Value::Unknown(why.clone()))).collect();
        }
        put(model, row, facts);
    }
}

fn put(model: &mut Model, row: &Row, facts: Vec<(&'static str, Value)>) {
    let at = row.line.at;
    for (name, value) in facts {
        let key = model.key(RECORD, name);
        if let Some(scope) = row.scope.and_then(|scope| model.scope_mut(scope)) {
            scope.effective.set(key, Node::derived(value, at, vec![at]));
        }
    }
}

/// Whether both let in the same way.
fn alike(record: &Record, other: &Record) -> bool {
    let known = |record: &Record| record.method.0.clone().ok();
    let options = |record: &Record| known(record).map(|method| record.options.printed(method));
    known(record).is_some() && known(record) == known(other) && options(record) == options(other)
}

/// For each record, whether the role `postgres` comes to it.
pub(super) fn superusers(records: &[&Record], sure: impl Fn(usize) -> bool) -> Vec<bool> {
    let as_superuser = |record: &&Record| {
        let at = record.users.first().map_or(record.kind_at, |name| name.at);
        let users = vec![Name { is: Is::Plain, text: "postgres".to_owned(), at }];
        Record { users, ..(*record).clone() }
    };
    let all: Vec<Option<Record>> = records.iter().map(|record| names(record).then(|| as_superuser(record))).collect();
    let asked: Vec<&Record> =
        records.iter().zip(&all).map(|(record, superuser)| superuser.as_ref().unwrap_or(record)).collect();
    let left = order::left(&asked, sure);
    left.iter().zip(&all).map(|(left, superuser)| superuser.is_some() && left.ways != 0).collect()
}

/// Whether a record is for the role `postgres`.
fn names(record: &Record) -> bool {
    record.users.iter().any(|name| name.is == Is::All) || names_superuser(record)
}

fn names_superuser(record: &Record) -> bool {
    record.users.iter().any(|name| name.is == Is::Plain && name.text == "postgres")
}

/// Methods that let in whoever knows a password.
const PASSWORDS: [&str; 7] = ["password", "md5", "scram-sha-256", "ldap", "radius", "pam", "bsd"];

fn of_record(record: &Record, left: Left, server: &Server) -> Vec<(&'static str, Value)> {
    let of_address = |holds: fn(&Address) -> bool| match &record.address {
        None => Value::Bool(false),
        Some((Ok(address), _)) => Value::Bool(holds(address)),
        Some((Err(why), _)) => Value::Unknown(why.clone()),
    };
    let of_method = |holds: &dyn Fn(&str) -> bool| match &record.method.0 {
        Ok(method) => Value::Bool(holds(method)),
        Err(why) => Value::Unknown(why.clone()),
    };
    let any = |names: &[Name], is: &Is| {
        let hole = names.iter().find_map(|name| match &name.is {
            Is::Unknown(why) => Some(why.clone()),
            _ => None,
        });
        match hole {
            _ if names.iter().any(|name| name.is == *is) => Value::Bool(true),
            Some(why) => Value::Unknown(why),
            None => Value::Bool(false),
        }
    };
    let remote = match of_address(Address::is_remote) {
        Value::Bool(true) if record.ways == LOCAL => Value::Bool(false),
        value => value,
    };
    let ldap = &record.options.ldap;
    let in_clear = !ldap.tls && ldap.scheme.as_deref() != Some("ldaps");
    let mut facts = vec![
        ("every_address", of_address(Address::is_everywhere)),
        ("public", of_address(Address::is_public)),
        ("remote", remote),
        ("every_user", any(&record.users, &Is::All)),
        ("replication", any(&record.databases, &Is::Replication)),
        ("superuser_named", Value::Bool(names_superuser(record))),
        ("plaintext", Value::Bool(left.ways & PLAIN != 0)),
        ("takes_password", of_method(&|method| PASSWORDS.contains(&method))),
        ("ldap_in_clear", of_method(&|method| method == "ldap" && in_clear)),
        ("verifies_client", Value::Bool(record.options.clientcert.is_some())),
        ("same_as_shadowing", Value::Bool(false)),
    ];
    if record.kind == "hostssl" && server.ssl() == Some(false) {
        facts.push(("never", Value::text("`ssl` is off")));
    }
    facts
}

/// Whether a folder is called after what it is for: images.
fn is_of_images(folder: &str) -> bool {
    matches!(loader::name(folder), "docker" | "container" | "containers" | "images")
}

/// Whether an image takes the file: who reaches the server is then told where that is published.
fn in_image(loader: &dyn Loader, path: &str) -> bool {
    let mut folder = loader::folder(path);
    for _ in 0..NEAR {
        let takes = |name: &String| dockerfile::makes(loader, folder, name, path) || is_of_server(loader, folder, name);
        if is_of_images(folder) || loader.list(folder).iter().any(takes) {
            return true;
        }
        if folder.is_empty() {
            return false;
        }
        folder = loader::folder(folder);
    }
    false
}

/// Whether a file of a folder builds an image on one of the server: what it copies as a whole may be for that.
fn is_of_server(loader: &dyn Loader, folder: &str, name: &str) -> bool {
    if !name.starts_with("Dockerfile") && !name.starts_with("Containerfile") {
        return false;
    }
    let text = loader::join(folder, name).and_then(|path| loader.read(&path).ok());
    text.is_some_and(|bytes| {
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        let mut froms = text.lines().map(str::trim_start).filter(|line| line.starts_with("from "));
        froms.any(|line| ["postg", "pgvector", "timescale"].iter().any(|word| line.contains(word)))
    })
}

/// Folders above a file in which what makes an image is looked for.
const NEAR: usize = 3;

/// Whether what makes an image lies near the file: there, the machine's other users are the image's own.
fn in_container(loader: &dyn Loader, path: &str) -> bool {
    let mut folder = loader::folder(path);
    for _ in 0..NEAR {
        let made = |name: &str| name.starts_with("Dockerfile") || name.starts_with("Containerfile");
        if is_of_images(folder) || loader.list(folder).iter().any(|name| made(name)) {
            return true;
        }
        if folder.is_empty() {
            return false;
        }
        folder = loader::folder(folder);
    }
    false
}
