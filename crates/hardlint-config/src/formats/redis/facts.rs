//! What follows from the directives, for rules to judge. A fact is unknown where what it follows from is.

use super::acl::{Password, User};
use super::filled;
use super::include::{self, Found, Line, Word};
use super::keys::kind;
use super::resolve::{MAX_RULES, SERVER, State, UserLine};
use crate::deployment::services;
use crate::loader;
use crate::model::{Model, Node, Origin, Scope, ScopeId, Text, Value, Why};
use crate::schema::KindId;
use crate::secrets;
use crate::syntax::ciphers;
use crate::text::{Loc, Span};
use crate::workspace::{Query, Reader};

/// Fills in the facts of the server, and the scopes of users and passwords.
pub(super) fn derive(reader: &mut Reader<'_>, query: &Query, mut state: State) -> Model {
    let mut users = std::mem::take(&mut state.users);
    let sentinel = state.sentinel;
    let mut model = state.model;
    let mounting = services::mounting_anyway(reader, query, &model.path);
    for (name, value, at) in super::started::options(&mounting, &model.path) {
        put(&mut model, SERVER, kind::SERVER, name, Node::set(value, at));
    }
    let file = setting(&model, "aclfile");
    let listed = match known_text(&file) {
        Some("") => Ok(false),
        Some(path) => match acl_file(reader, query, &model, path, file.at) {
            Some(found) => {
                users.extend(found);
                Ok(true)
            }
            None => Err(Why::File(path.into())),
        },
        None => Err(file.why()),
    };
    let open = default_user(&model, &users, listed);
    let password = setting(&model, "requirepass");
    let overridden = match &open.value {
        Value::Bool(true) if known_text(&password).is_some_and(|text| !text.is_empty()) => Value::Bool(true),
        Value::Unknown(why) => Value::Unknown(why.clone()),
        _ => Value::Bool(false),
    };
    let mut facts = vec![
        ("overridden_password", Node::derived(overridden, password.at, vec![password.at, open.at])),
        ("default_user_open", open),
        ("sentinel", Node::derived(Value::Bool(sentinel), model_at(&model), Vec::new())),
    ];
    let unprotected = super::started::unprotected(&mounting, &model.path);
    if let (Some(at), false) = (unprotected, setting(&model, "protected-mode").set) {
        put(&mut model, SERVER, kind::SERVER, "protected-mode", Node::set(Value::Bool(false), at));
    }
    let told = query.targets.0.contains_key(model.format.schema.program);
    if let (Some(at), false, false) =
        (before_protected_mode(reader, &model), setting(&model, "protected-mode").set, told)
    {
        put(&mut model, SERVER, kind::SERVER, "protected-mode", Node::set(Value::Bool(false), at));
    }
    let inside = services::only_inside(&mounting);
    let at = inside.unwrap_or_else(|| model_at(&model));
    facts.push(("only_in_project", Node::derived(Value::Bool(inside.is_some()), at, Vec::new())));
    let in_image = !query.isolated && filled::is_in_image(reader, &model.path);
    facts.push(("in_image", Node::derived(Value::Bool(in_image), model_at(&model), Vec::new())));
    facts.extend(addresses(&model));
    facts.extend(encryption(reader, &model));
    facts.push(("master_is_remote", master(&model)));
    for (name, node) in facts {
        put(&mut model, SERVER, kind::SERVER, name, node);
    }
    for user in &users {
        push_user(&mut model, user);
    }
    passwords(reader, query, &mut model, &users);
    model
}

/// The line that shows that a file is for a version whose protected mode does not keep strangers out: it has words that
/// version 5 gave up. Before 3.2 there was none, and the whole file that came with such a version does not name it; before 7
/// a `bind` switches it off.
fn before_protected_mode(reader: &Reader<'_>, model: &Model) -> Option<Loc> {
    const WHOLE: usize = 25;
    let at = model_at(model);
    let text = &reader.source(at.file).text;
    let mut offset = 0;
    let (mut found, mut lines) = (None, 0);
    for line in text.split_inclusive('\n') {
        let words = line.trim_start();
        let start = offset + (line.len() - words.len());
        offset += line.len();
        if words.is_empty() || words.starts_with('#') {
            continue;
        }
        lines += 1;
        let name = words.split_whitespace().next().unwrap_or_default();
        if found.is_none() && name.starts_with("slave") {
            found = Some(Loc::new(at.file, Span::new(start, start + name.len())));
        }
    }
    found.filter(|_| lines >= WHOLE || setting(model, "bind").set)
}

fn model_at(model: &Model) -> Loc {
    model.scope(SERVER).map_or(Loc::new(crate::text::FileId(0), Span::default()), |server| server.at)
}

fn put(model: &mut Model, scope: ScopeId, kind: KindId, name: &str, node: Node) {
    let key = model.key(kind, name);
    if let Some(scope) = model.scope_mut(scope) {
        scope.effective.set(key, node);
    }
}

/// A directive's value and its place.
struct Setting {
    value: Option<Value>,
    at: Loc,
    set: bool,
    open: Option<Why>,
}

impl Setting {
    fn why(&self) -> Why {
        match &self.value {
            Some(Value::Unknown(why)) => why.clone(),
            Some(Value::Text(Text::Pieces(pieces))) => pieces
                .iter()
                .find_map(|piece| match piece {
                    crate::model::Piece::Hole(why) => Some(why.clone()),
                    crate::model::Piece::Known(_) => None,
                })
                .unwrap_or(Why::Template("".into())),
            _ => self.open.clone().unwrap_or(Why::Runtime("the value".into())),
        }
    }

    fn from(&self) -> Vec<Loc> {
        if self.set { vec![self.at] } else { Vec::new() }
    }

    fn int(&self) -> Result<i64, Why> {
        if let Some(Value::Int(number)) = self.value { Ok(number) } else { Err(self.why()) }
    }
}

fn setting(model: &Model, name: &str) -> Setting {
    let Some(key) = model.format.schema.key(kind::SERVER, name) else {
        return Setting { value: None, at: model_at(model), set: false, open: None };
    };
    let found = model.lookup(SERVER, key);
    let set = !matches!(found.origin, Origin::Default | Origin::Missing);
    // What is not at hand may set it.
    let open = model.scope(SERVER).and_then(|server| server.open.clone()).filter(|_| !set);
    let value = found.node.map(|node| node.value.clone()).filter(|_| open.is_none());
    Setting { value, at: found.at, set, open }
}

fn known_text(setting: &Setting) -> Option<&str> {
    setting.value.as_ref().and_then(Value::as_str)
}

/// The users of `aclfile`, if it is at hand.
fn acl_file(reader: &mut Reader<'_>, query: &Query, model: &Model, target: &str, from: Loc) -> Option<Vec<UserLine>> {
    let folder = loader::folder(&model.path).to_owned();
    let Found::Files(paths) = include::find(reader.loader, query, &model.path, Some(&folder), target) else {
        return None;
    };
    let file = reader.open(paths.first()?, Some(from)).ok()?;
    let mut users = Vec::new();
    for line in include::lines(reader, &[file]) {
        let Some([word, name, rules @ ..]) = line.words.as_deref() else { continue };
        if !word.raw.eq_ignore_ascii_case("user") {
            continue;
        }
        let hole = line.conditional.clone().or_else(|| rules.iter().find_map(Word::hole));
        let rules = rules.get(..MAX_RULES).unwrap_or(rules);
        let texts: Vec<&str> = rules.iter().map(|rule| rule.raw.as_str()).collect();
        let mut user = User::default();
        // What is wrong with a rule keeps redis from starting; who is let in until then is of no interest.
        let _ = user.apply(&texts, model.versions.newest);
        let user = match hole {
            Some(why) => Err(why),
            None => Ok(user),
        };
        let rules = rules.iter().map(|rule| rule.at).collect();
        users.push(UserLine { name: name.raw.clone(), name_at: name.at, at: line.at, rules, user });
    }
    Some(users)
}

/// Whether everybody is let in as the user `default`: what its own line says, or that there is none in a file of users
/// (`listed`), or else that there is no password.
fn default_user(model: &Model, users: &[UserLine], listed: Result<bool, Why>) -> Node {
    if let Some(line) = users.iter().find(|line| line.name == "default") {
        let value = match &line.user {
            Ok(user) => Value::Bool(user.enabled && user.nopass),
            Err(why) => Value::Unknown(why.clone()),
        };
        return Node::derived(value, line.at, vec![line.at]);
    }
    let file = setting(model, "aclfile");
    match listed {
        Err(why) => return Node::derived(Value::Unknown(why), file.at, file.from()),
        Ok(true) => return Node::derived(Value::Bool(true), file.at, file.from()),
        Ok(false) => {}
    }
    let password = setting(model, "requirepass");
    let value = match &password.value {
        Some(Value::Text(Text::Known(text))) => Value::Bool(text.is_empty()),
        _ => Value::Unknown(password.why()),
    };
    Node::derived(value, password.at, password.from())
}

/// What it listens on.
fn addresses(model: &Model) -> Vec<(&'static str, Node)> {
    let (port, tls) = (setting(model, "port"), setting(model, "tls-port"));
    let plain = port.int().map(|port| port != 0);
    let tcp = match (&plain, tls.int()) {
        (Ok(true), _) => Ok(true),
        (_, Ok(port)) if port != 0 => Ok(true),
        (Ok(false), Ok(_)) => Ok(false),
        (Err(why), _) => Err(why.clone()),
        (_, Err(why)) => Err(why),
    };
    let bind = setting(model, "bind");
    let truth = |known: Result<bool, Why>| known.map_or_else(Value::Unknown, Value::Bool);
    let fact = |name, value, at: Loc, from: Vec<Loc>| (name, Node::derived(value, at, from));
    let mut found = vec![
        fact("plaintext_port", truth(plain), port.at, port.from()),
        fact("tcp", truth(tcp.clone()), port.at, port.from()),
    ];
    let words = match (&bind.value, tcp) {
        (_, Ok(false)) => Ok(Vec::new()),
        (_, Err(why)) => Err(why),
        (Some(Value::List(words)), _) => Ok(words.clone()),
        _ => Err(bind.why()),
    };
    let place = |node: &Node| if bind.set { node.at } else { bind.at };
    let listed = |of: &dyn Fn(&str) -> Option<bool>| match &words {
        Err(why) => Value::Unknown(why.clone()),
        Ok(words) => {
            let mut found = Vec::new();
            for word in words {
                let at = place(word);
                let value = match word.value.as_str().map(|text| (text, of(text))) {
                    Some((_, Some(false))) => continue,
                    Some((text, Some(true))) => Value::text(text),
                    Some((text, None)) => Value::Unknown(Why::Runtime(format!("the address of `{text}`").into())),
                    None => {
                        Value::Unknown(Setting { value: Some(word.value.clone()), at, set: true, open: None }.why())
                    }
                };
                found.push(Node::derived(value, at, if bind.set { vec![at] } else { Vec::new() }));
            }
            Value::List(found)
        }
    };
    let public = listed(&is_public);
    let truth = match &public {
        Value::List(words) if words.iter().any(|word| matches!(word.value, Value::Text(_))) => Value::Bool(true),
        Value::List(words) => match words.first().map(|word| &word.value) {
            Some(Value::Unknown(why)) => Value::Unknown(why.clone()),
            _ => Value::Bool(false),
        },
        Value::Unknown(why) => Value::Unknown(why.clone()),
        _ => Value::Bool(false),
    };
    found.push(fact("binds_publicly", truth, bind.at, bind.from()));
    found.push(fact("public_addresses", public, bind.at, bind.from()));
    found.push(fact("wildcard_addresses", listed(&|word| Some(is_wildcard(word))), bind.at, bind.from()));
    found
}

fn bare(word: &str) -> &str {
    word.strip_prefix('-').unwrap_or(word)
}

fn is_wildcard(word: &str) -> bool {
    matches!(bare(word), "*" | "0.0.0.0" | "::" | "::*" | "0")
}

/// Whether others can reach an address; a name may be anything.
fn is_public(word: &str) -> Option<bool> {
    let address = bare(word);
    if is_wildcard(word) {
        return Some(true);
    }
    match address.parse::<std::net::IpAddr>() {
        Ok(address) => Some(!address.to_canonical().is_loopback()),
        Err(_) if address.eq_ignore_ascii_case("localhost") => Some(false),
        Err(_) => None,
    }
}

/// What TLS lets in: old versions and weak ciphers, where it is spoken.
fn encryption(reader: &Reader<'_>, model: &Model) -> Vec<(&'static str, Node)> {
    let spoken = setting(model, "tls-port").int().map(|port| port != 0);
    let of = |name: &str, find: &dyn Fn(&str) -> Vec<std::ops::Range<usize>>| {
        let setting = setting(model, name);
        let value = match (&spoken, known_text(&setting)) {
            (Ok(false), _) => Value::List(Vec::new()),
            (Err(why), _) => Value::Unknown(why.clone()),
            (_, None) => Value::Unknown(setting.why()),
            (_, Some(text)) => {
                let quotes = reader.slice(setting.at).find(text);
                let element = |range: std::ops::Range<usize>| {
                    let start = setting.at.span.start as usize + quotes.unwrap_or_default();
                    let span = Span::new(start + range.start, start + range.end);
                    let at = if quotes.is_some() { Loc::new(setting.at.file, span) } else { setting.at };
                    Node::derived(Value::text(text.get(range).unwrap_or_default()), at, vec![at])
                };
                Value::List(find(text).into_iter().map(element).collect())
            }
        };
        Node::derived(value, setting.at, setting.from())
    };
    let old = |text: &str| {
        let mut at = 0;
        let mut found = Vec::new();
        for word in text.split(' ') {
            let lower = word.to_ascii_lowercase();
            if matches!(lower.as_str(), "tlsv1" | "tlsv1.0" | "tlsv1.1" | "sslv3") {
                found.push(at..at + word.len());
            }
            at += word.len() + 1;
        }
        found
    };
    let weak = |text: &str| ciphers::judge(text).weak.into_iter().map(|word| word.start..word.end).collect();
    vec![
        ("legacy_protocols", of("tls-protocols", &old)),
        ("weak_ciphers", of("tls-ciphers", &|text| if text.is_empty() { Vec::new() } else { weak(text) })),
    ]
}

fn master(model: &Model) -> Node {
    let setting = setting(model, "replicaof");
    let value = match known_text(&setting) {
        Some(text) => {
            let host = text.split(' ').next().unwrap_or_default();
            // A name is another machine's, or there would be no need of it.
            Value::Bool(!host.is_empty() && is_public(host) != Some(false))
        }
        None => Value::Unknown(setting.why()),
    };
    Node::derived(value, setting.at, setting.from())
}

fn push_user(model: &mut Model, line: &UserLine) {
    let scope = Scope::new(kind::USER, line.name.as_str(), Some(SERVER), line.at);
    let id = model.push(Scope { label_at: line.name_at, ..scope });
    let known = line.user.as_ref().ok();
    let truths = [
        ("enabled", known.is_some_and(|user| user.enabled)),
        ("nopass", known.is_some_and(|user| user.nopass)),
        ("all_commands", known.is_some_and(|user| user.all_commands)),
        ("all_keys", known.is_some_and(|user| user.all_keys)),
    ];
    for (name, truth) in truths {
        let value = match &line.user {
            Ok(_) => Value::Bool(truth),
            Err(why) => Value::Unknown(why.clone()),
        };
        put(model, id, kind::USER, name, Node::derived(value, line.at, vec![line.at]));
    }
    let is_default = Node::derived(Value::Bool(line.name == "default"), line.at, vec![line.at]);
    put(model, id, kind::USER, "is_default", is_default);
}

/// A scope for each password that stands in the files.
fn passwords(reader: &Reader<'_>, query: &Query, model: &mut Model, users: &[UserLine]) {
    let mut found: Vec<(String, String, Loc)> = Vec::new();
    let setting = setting(model, "requirepass");
    if let Some(text) = known_text(&setting).filter(|_| setting.set) {
        found.push(("requirepass".to_owned(), text.to_owned(), setting.at));
    }
    for line in users {
        let Ok(user) = &line.user else { continue };
        for (password, rule) in &user.passwords {
            if let (Password::Plain(text), Some(at)) = (password, line.rules.get(*rule)) {
                found.push((format!("user {}", line.name), text.clone(), *at));
            }
        }
    }
    for (label, text, at) in found {
        let replaced = || !query.isolated && filled::is_replaced(reader, at, &text);
        if text.is_empty() || secrets::is_reference(&text) || replaced() {
            continue;
        }
        let id = model.push(Scope { label_at: at, ..Scope::new(kind::PASSWORD, label.as_str(), Some(SERVER), at) });
        let characters = text.chars().count();
        let number = Value::Int(i64::try_from(characters).unwrap_or(i64::MAX));
        let guessable = Value::Bool(is_guessable(&text));
        let exposed = query.is_for_everybody(reader.loader, &reader.source(at.file).path);
        put(model, id, kind::PASSWORD, "characters", Node::derived(number, at, vec![at]));
        put(model, id, kind::PASSWORD, "exposed", Node::derived(Value::Bool(exposed), at, vec![at]));
        put(model, id, kind::PASSWORD, "guessable", Node::derived(guessable, at, vec![at]));
        put(
            model,
            id,
            kind::PASSWORD,
            "short",
            Node::derived(Value::Bool(characters < query.least_secret(16)), at, vec![at]),
        );
    }
}

/// Whether a password is one of those that are tried first.
fn is_guessable(text: &str) -> bool {
    /// Beside what is tried first anywhere, the names of the program and what its pages show.
    const WORDS: &[&str] = &["docker", "foobared", "redis", "redispass", "redispassword"];
    let lower = text.to_ascii_lowercase();
    let stem = lower.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '!' | '@' | '#' | '_' | '-'));
    stem.is_empty()
        || WORDS.contains(&stem)
        || secrets::is_common_password(stem)
        || secrets::is_common_password(text)
        || secrets::is_placeholder(text)
}

/// A command that a line renames or takes away.
pub(super) fn renamed(model: &mut Model, line: &Line, command: &Word, to: &Word) {
    let scope = Scope::new(kind::RENAMED, command.raw.to_ascii_uppercase(), Some(SERVER), command.at);
    let id = model.push(Scope { extent: line.at.span, ..scope });
    let removed = Value::Bool(to.raw.is_empty());
    put(model, id, kind::RENAMED, "removed", Node::derived(removed, to.at, vec![to.at]));
    put(model, id, kind::RENAMED, "to", Node::derived(Value::text(to.raw.as_str()), to.at, vec![to.at]));
}

/// Words behind a directive and its first argument that begin with `#`: redis knows no such comment.
pub(super) fn trailing_comment(model: &mut Model, line: &Line, rest: &[Word]) {
    let Some(first) = rest.iter().skip(1).find(|word| word.raw.starts_with('#')) else { return };
    let end = rest.last().map_or(first.at.span.end, |word| word.at.span.end);
    let at = Loc::new(first.at.file, Span { start: first.at.span.start, end: end.max(first.at.span.end) });
    let scope = Scope::new(kind::COMMENT, first.raw.as_str(), Some(SERVER), at);
    let id = model.push(Scope { extent: line.at.span, ..scope });
    let present = line.conditional.clone().map_or(Value::Bool(true), Value::Unknown);
    put(model, id, kind::COMMENT, "present", Node::derived(present, at, vec![at]));
}
