//! What follows from the settings, for rules to judge. A fact is unknown where the setting that it follows from is.

use super::hba;
use crate::deployment::services;
use crate::end_of_life;
use crate::loader::{Git, Kind};
use crate::model::{Model, Node, Origin, ScopeId, Text, Value, Why};
use crate::schema::KindId;
use crate::syntax::ciphers;
use crate::text::{Loc, Span};
use crate::workspace::{Query, Reader};

const SERVER: ScopeId = ScopeId(0);

/// Fills in the facts of the server.
pub(super) fn derive(reader: &mut Reader<'_>, query: &Query, model: &mut Model) {
    let trusting = trusting_records(reader, query, model);
    let inside = services::only_inside(&services::mounting_anyway(reader, query, &model.path));
    let at = inside.or_else(|| model.scope(SERVER).map(|scope| scope.at));
    let inside = at.map(|at| Node::derived(Value::Bool(inside.is_some()), at, Vec::new()));
    let facts = Facts { reader, query, model };
    let mut found = vec![
        facts.addresses("listens_publicly", |words| Value::Bool(words.iter().any(|(word, _)| public(word)))),
        facts.addresses("wildcard_addresses", |words| {
            list(words, |word| matches!(word, "*" | "0.0.0.0" | "::" | "0" | "[::]").then(|| word.to_owned()))
        }),
        facts.addresses("public_addresses", |words| list(words, |word| public(word).then(|| word.to_owned()))),
        facts.protocols(),
        facts.ciphers(),
        facts.logs_connections(),
        facts.log_file_open(),
        facts.inline_secrets(),
        facts.untrusted_libraries(),
        facts.replication_plaintext(),
        facts.key_exposed(),
        facts.end_of_life(),
        trusting,
    ];
    found.extend(inside.map(|node| ("only_in_project", node)));
    found.sort_by_key(|(name, _)| *name);
    for (name, node) in found {
        let key = model.key(KindId(0), name);
        if let Some(server) = model.scope_mut(SERVER) {
            server.effective.set(key, node);
        }
    }
}

/// What `pg_hba.conf` says, where it is at hand.
fn trusting_records(reader: &mut Reader<'_>, query: &Query, model: &Model) -> Fact {
    let key = model.format.schema.key(KindId(0), "hba_file");
    let server = model.scope(SERVER);
    let own = key.and_then(|key| server?.own.get(key));
    let named = own.and_then(|node| node.value.as_str());
    let found = match own {
        Some(node) if named.is_none() => Err(unknown(&node.value)),
        _ => hba::trusting(reader, query, &model.path, named, model.versions),
    };
    let at = server.map_or(Loc::new(crate::text::FileId(0), Span::default()), |server| server.at);
    let value = match found {
        Ok(records) => list(&records, |record| Some(record.to_owned())),
        Err(why) => Value::Unknown(why),
    };
    ("trusting_records", Node::derived(value, at, Vec::new()))
}

/// Why a value is not known.
fn unknown(value: &Value) -> Why {
    let hole = match value {
        Value::Unknown(why) => Some(why),
        Value::Text(Text::Pieces(pieces)) => pieces.iter().find_map(|piece| match piece {
            crate::model::Piece::Hole(why) => Some(why),
            crate::model::Piece::Known(_) => None,
        }),
        _ => None,
    };
    hole.cloned().unwrap_or(Why::Template("".into()))
}

struct Facts<'a, 'l> {
    reader: &'a Reader<'l>,
    query: &'a Query,
    model: &'a Model,
}

type Fact = (&'static str, Node);

/// A parameter's value and its place.
struct Setting<'m> {
    value: Option<&'m Value>,
    at: Loc,
    set: bool,
}

/// Folders of clusters, by version, as distributions make them.
const CLUSTERS: [&str; 3] = ["/var/lib/postgresql/", "/etc/postgresql/", "/var/lib/pgsql/"];

/// Whether this is how PostgreSQL calls its versions: two numbers up to 9.6, one from 10 on.
fn is_release(version: &str) -> bool {
    let number = |text: &str| text.parse::<u32>().ok();
    match version.split_once('.') {
        Some((major, minor)) => matches!(number(major), Some(7..=9)) && number(minor).is_some(),
        None => number(version).is_some_and(|major| major >= 10),
    }
}

impl Facts<'_, '_> {
    /// The version that nobody mends any more, out of paths as distributions make them: `/var/lib/postgresql/9.3/main`.
    fn end_of_life(&self) -> Fact {
        let of = |name: &str| {
            let setting = self.setting(name);
            let path = setting.value?.as_str().filter(|_| setting.set)?;
            let rest = CLUSTERS.iter().find_map(|place| path.strip_prefix(place))?;
            let version = rest.split('/').next().filter(|version| is_release(version))?;
            // Ubuntu 22.04 mends its own until April 2027.
            if version == "14" {
                return None;
            }
            Some((end_of_life::of_image("postgres", version)?, setting.at))
        };
        let found = ["data_directory", "hba_file", "ident_file"].into_iter().find_map(of);
        let at = self.model.scope(SERVER).map_or(Loc::new(crate::text::FileId(0), Span::default()), |server| server.at);
        match found {
            Some((what, at)) => ("end_of_life", Node::derived(Value::text(what), at, vec![at])),
            None => ("end_of_life", Node::derived(Value::text(""), at, Vec::new())),
        }
    }

    fn setting(&self, name: &str) -> Setting<'_> {
        let Some(key) = self.model.format.schema.key(KindId(0), name) else {
            return Setting { value: None, at: Loc::new(crate::text::FileId(0), Span::default()), set: false };
        };
        let found = self.model.lookup(SERVER, key);
        // An open file may hold another line of it.
        let open = self.model.scope(SERVER).is_some_and(|server| server.open.is_some());
        let set = found.origin != Origin::Default && found.origin != Origin::Missing;
        let value = if open && !set { None } else { found.node.map(|node| &node.value) };
        Setting { value, at: found.at, set }
    }

    /// A fact that follows from one parameter: unknown with it, and where it is open.
    fn follows(&self, fact: &'static str, name: &str, of: impl FnOnce(&Setting<'_>) -> Value) -> Fact {
        let setting = self.setting(name);
        let value = match setting.value {
            Some(Value::Unknown(why)) => Value::Unknown(why.clone()),
            None => Value::Unknown(self.why(name)),
            Some(_) => of(&setting),
        };
        let from = if setting.set { vec![setting.at] } else { Vec::new() };
        (fact, Node::derived(value, setting.at, from))
    }

    fn why(&self, name: &str) -> Why {
        let open = self.model.scope(SERVER).and_then(|server| server.open.clone());
        open.unwrap_or_else(|| Why::Runtime(format!("`{name}`").into()))
    }

    /// The words of a text, each with its place where it stands as it is.
    fn words(&self, setting: &Setting<'_>, separators: &[char]) -> Result<Vec<(String, Loc)>, Why> {
        let text = match setting.value {
            Some(Value::Text(Text::Known(text))) => text,
            Some(holed @ Value::Text(Text::Pieces(_))) => return Err(unknown(holed)),
            _ => return Ok(Vec::new()),
        };
        let verbatim = setting.set && self.reader.slice(setting.at) == &**text;
        let start = setting.at.span.start as usize;
        let mut words = Vec::new();
        let mut at = 0;
        for raw in text.split(separators) {
            let word = raw.trim().trim_matches('"');
            let from = at + (raw.len() - raw.trim_start().len());
            at += raw.len() + 1;
            if !word.is_empty() {
                let span = Span::new(start + from, start + from + raw.trim().len());
                words.push((word.to_owned(), if verbatim { Loc::new(setting.at.file, span) } else { setting.at }));
            }
        }
        Ok(words)
    }

    fn addresses(&self, fact: &'static str, of: impl FnOnce(&[(String, Loc)]) -> Value) -> Fact {
        self.follows(fact, "listen_addresses", |setting| match self.words(setting, &[',']) {
            Ok(words) => of(&words),
            Err(why) => Value::Unknown(why),
        })
    }

    /// The versions of TLS below 1.2 that may be spoken; without TLS there are none.
    fn protocols(&self) -> Fact {
        const ORDER: [&str; 4] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];
        let most = self.setting("ssl_max_protocol_version");
        let most = most.value.and_then(Value::as_str).and_then(|most| ORDER.iter().position(|known| *known == most));
        self.follows("legacy_protocols", "ssl_min_protocol_version", |setting| {
            let least = setting.value.and_then(Value::as_str).unwrap_or_default();
            let least = ORDER.iter().position(|known| *known == least).unwrap_or(0);
            let spoken = ORDER
                .iter()
                .enumerate()
                .take(2)
                .filter(|(place, _)| least <= *place && most.is_none_or(|most| *place <= most));
            Value::List(
                spoken.map(|(_, name)| Node::derived(Value::text(*name), setting.at, vec![setting.at])).collect(),
            )
        })
    }

    /// The words of `ssl_ciphers` that let weak ciphers in. Nobody wrote the default, so it has none.
    fn ciphers(&self) -> Fact {
        self.follows("weak_ciphers", "ssl_ciphers", |setting| {
            let Some(Value::Text(Text::Known(text))) = setting.value else {
                return Value::Unknown(Why::Template("ssl_ciphers".into()));
            };
            if !setting.set || **text == *SHIPPED {
                return Value::List(Vec::new());
            }
            let verbatim = self.reader.slice(setting.at) == &**text;
            let start = setting.at.span.start as usize;
            let weak = ciphers::judge(text).weak.into_iter().map(|word| {
                let span = Span::new(start + word.start, start + word.end);
                let at = if verbatim { Loc::new(setting.at.file, span) } else { setting.at };
                Node::derived(Value::text(text.get(word.start..word.end).unwrap_or_default()), at, vec![at])
            });
            Value::List(weak.collect())
        })
    }

    /// Up to version 17 a switch, since then a list of what is logged.
    fn logs_connections(&self) -> Fact {
        let (name, setting) = ("logs_connections", self.setting("log_connections"));
        let text = match setting.value {
            // Version 18 prints the same word as it is written.
            Some(Value::Unknown(Why::Version(_))) if setting.set => Some(self.reader.slice(setting.at)),
            value => value.and_then(Value::as_str),
        };
        let value = match text {
            Some(text) => Value::Bool(!text.is_empty() && super::value::boolean(text) != Some(false)),
            // The default is off in every version, though spelt differently.
            None if !setting.set && self.model.scope(SERVER).is_some_and(|server| server.open.is_none()) => {
                Value::Bool(false)
            }
            None => Value::Unknown(self.why("log_connections")),
        };
        (name, Node::derived(value, setting.at, if setting.set { vec![setting.at] } else { Vec::new() }))
    }

    fn log_file_open(&self) -> Fact {
        self.follows("log_file_open", "log_file_mode", |setting| match setting.value {
            Some(Value::Int(mode)) => Value::Bool(mode & 0o777 & !0o640 != 0),
            _ => Value::Unknown(self.why("log_file_mode")),
        })
    }

    /// Parameters that hold a password or a token in clear text.
    fn inline_secrets(&self) -> Fact {
        const COMMANDS: [&str; 6] = [
            "archive_cleanup_command",
            "archive_command",
            "primary_conninfo",
            "recovery_end_command",
            "restore_command",
            "ssl_passphrase_command",
        ];
        let mut found = Vec::new();
        let mut first = None;
        for name in COMMANDS {
            let setting = self.setting(name);
            let Some(text) = setting.value.and_then(Value::as_str).filter(|_| setting.set) else { continue };
            if inline_secret(text) || (name == "ssl_passphrase_command" && prints_literal(text)) {
                first.get_or_insert(setting.at);
                found.push(Node::derived(Value::text(name), setting.at, vec![setting.at]));
            }
        }
        let at = first.unwrap_or_else(|| self.setting("archive_command").at);
        ("inline_secrets", Node::derived(Value::List(found), at, first.into_iter().collect()))
    }

    /// Libraries that are loaded from where everybody may write.
    fn untrusted_libraries(&self) -> Fact {
        let mut found = Vec::new();
        for name in
            ["dynamic_library_path", "local_preload_libraries", "session_preload_libraries", "shared_preload_libraries"]
        {
            let setting = self.setting(name);
            let words = self.words(&setting, &[',', ':']).unwrap_or_default();
            let writable = |word: &str| {
                ["/tmp", "/var/tmp", "/dev/shm", "/home"].iter().any(|folder| {
                    word.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                })
            };
            let writable = words.into_iter().filter(|(word, _)| setting.set && writable(word));
            found.extend(writable.map(|(word, at)| Node::derived(Value::text(word), at, vec![at])));
        }
        let at = found.first().map_or_else(|| self.setting("shared_preload_libraries").at, |node| node.at);
        ("untrusted_libraries", Node::derived(Value::List(found), at, Vec::new()))
    }

    /// Whether a standby fetches from another machine without asking for TLS.
    fn replication_plaintext(&self) -> Fact {
        self.follows("replication_plaintext", "primary_conninfo", |setting| {
            let Some(Value::Text(Text::Known(text))) = setting.value else {
                return Value::Unknown(Why::Template("primary_conninfo".into()));
            };
            let host = conninfo(text, "host").or_else(|| conninfo(text, "hostaddr"));
            let host = host.or_else(|| url_host(text));
            let asks = conninfo(text, "sslmode");
            let asks = asks
                .or_else(|| text.split(['?', '&']).find_map(|part| Some(part.strip_prefix("sslmode=")?.to_owned())));
            let remote = host.is_some_and(|host| !host.is_empty() && !host.starts_with('/') && public(&host));
            let secure = asks.is_some_and(|mode| ["require", "verify-ca", "verify-full"].contains(&mode.as_str()));
            Value::Bool(remote && !secure)
        })
    }

    /// Whether the private key is a file below the root that others than its owner and its group may read.
    fn key_exposed(&self) -> Fact {
        let setting = self.setting("ssl_key_file");
        let path = setting.value.and_then(Value::as_str).unwrap_or_default();
        let conf = self.reader.source(setting.at.file).path.clone();
        let place = super::load::locate(self.reader.loader, self.query, &conf, path).filter(|_| !path.is_empty());
        let stat = place.as_ref().and_then(|place| self.reader.loader.stat(place));
        let exposed = stat.is_some_and(|stat| stat.kind == Kind::File && stat.mode & 0o037 != 0 && stat.mode != 0)
            // A tracked file has the permissions of whoever checks it out.
            && place.is_some_and(|place| self.reader.loader.git(&place) != Git::Tracked);
        (
            "key_exposed",
            Node::derived(Value::Bool(exposed), setting.at, if setting.set { vec![setting.at] } else { Vec::new() }),
        )
    }
}

/// The list that PostgreSQL ships, which every example configuration repeats.
const SHIPPED: &str = "HIGH:MEDIUM:+3DES:!aNULL";

fn list(words: &[(String, Loc)], of: impl Fn(&str) -> Option<String>) -> Value {
    let nodes = words.iter().filter_map(|(word, at)| Some(Node::derived(Value::text(of(word)?), *at, vec![*at])));
    Value::List(nodes.collect())
}

/// Whether an address is of more than the machine itself; a name that is not `localhost` is.
fn public(word: &str) -> bool {
    let loopback = word == "::1" || word.starts_with("127.") || word.eq_ignore_ascii_case("localhost");
    !loopback && !word.eq_ignore_ascii_case("localhost.localdomain")
}

/// The value of a keyword in `host=a port=1`.
fn conninfo(text: &str, keyword: &str) -> Option<String> {
    let mut rest = text;
    loop {
        let at = rest.find(keyword)?;
        let (before, from) = rest.split_at(at);
        let behind = from.get(keyword.len()..)?.trim_start();
        let starts = before.is_empty() || before.ends_with(|c: char| c.is_whitespace());
        if let Some(value) = behind.strip_prefix('=').filter(|_| starts) {
            let value = value.trim_start();
            return match value.strip_prefix('\'') {
                Some(quoted) => quoted.split('\'').next().map(str::to_owned),
                None => value.split_whitespace().next().map(str::to_owned),
            };
        }
        rest = from.get(keyword.len()..)?;
    }
}

fn url_host(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("://").filter(|(scheme, _)| scheme.starts_with("postgres"))?;
    let authority = rest.split(['/', '?']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Some(host.split(':').next().unwrap_or_default().to_owned())
}

/// Whether a command or a connection names a password that stands right there.
fn inline_secret(text: &str) -> bool {
    if crate::secrets::has_credentials(text) {
        return true;
    }
    let names = ["password", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "--password", "token", "secret"];
    let mut words = text.split_whitespace();
    let login = words.any(|word| matches!(word, "-u" | "--user")).then(|| words.next()).flatten();
    let password =
        login.and_then(|login| login.trim_matches(['"', '\'']).split_once(':')).map(|(_, password)| password);
    if password
        .is_some_and(|word| !word.is_empty() && !word.starts_with(['$', '%']) && crate::secrets::is_literal(word))
    {
        return true;
    }
    names.iter().any(|name| {
        conninfo(text, name).is_some_and(|value| {
            let value = value.trim_matches(['"', '\'']);
            !value.is_empty() && !value.starts_with(['$', '%']) && crate::secrets::is_literal(value)
        })
    })
}

/// Whether the command that gives the passphrase has it in itself: `echo secret`.
fn prints_literal(command: &str) -> bool {
    let mut words = command.split_whitespace();
    let echo = words.next().is_some_and(|word| matches!(word, "echo" | "printf" | "/bin/echo"));
    let argument = words.find(|word| !word.starts_with('-')).unwrap_or_default().trim_matches(['"', '\'']);
    echo && !argument.is_empty() && !argument.starts_with(['$', '%', '`'])
}
