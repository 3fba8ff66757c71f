//! What rules ask of a file of variables: the secrets in it, where it lies, and what single variables switch.
//!
//! Who reads the file is mostly not known, and does not matter here: a secret is one in quotes and without. So values are
//! taken as `python-dotenv` reads them, and other readings are looked at only where it matters that they differ.

mod addresses;
mod mail;

use super::Assignment;
use super::dialect::{Dialect, Read};
use super::keys::{PLACE, REPEAT, SECRET, SWITCH};
use super::loaders;
use crate::formats::compose::debug_mode;
use crate::loader::{self, Git};
use crate::model::{Model, Node, Scope, ScopeId, Str, Text, Value};
use crate::programs::unverified_variable;
use crate::secrets::{self, Beside};
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};
use std::collections::{BTreeMap, BTreeSet};

/// A variable with a known value, as the last line of its name sets it.
struct Variable {
    name: Str,
    name_at: Loc,
    value: Str,
    at: Loc,
}

/// Fills the facts in. `read` are the lines of the file; a `template` has some of them under conditions.
pub(super) fn fill(
    reader: &mut Reader<'_>,
    query: &Query,
    file: FileId,
    model: &mut Model,
    read: Vec<Assignment>,
    template: bool,
) {
    let path = model.path.clone();
    let name = loader::name(&path);
    if is_sealed(name) {
        return;
    }
    let copy = is_copy(name);
    if !template && !copy {
        repeats(model, &read);
    }
    let defaults: Vec<Variable> = read.iter().filter_map(|line| default(reader, line)).collect();
    let mut variables = last_ones(read);
    let known = variables.len();
    variables.extend(defaults);
    let beside = variables.iter().map(|it| (&*it.name, &*it.value)).collect();
    let mut look = Secrets { reader, query, file, path: &path, copy, beside, loaders: None, read: None, set: None };
    secrets_of(&mut look, model, &variables);
    variables.truncate(known);
    // Nobody starts anything with a copy.
    if copy {
        return;
    }
    for variable in &variables {
        let (turns, what) =
            match (unverified_variable(&variable.name, &variable.value), debug_mode(&variable.name, &variable.value)) {
                (Some(what), _) => ("tls", what),
                (None, Some(what)) => ("debug", what.to_owned()),
                (None, None) => continue,
            };
        let id = push(model, SWITCH, variable, ScopeId(0));
        let fact = |value: &str| Node::derived(Value::text(value), variable.at, vec![variable.at]);
        set(model, id, "turns", fact(turns));
        set(model, id, "what", fact(&what));
    }
    addresses::fill(model, &variables);
    mail::fill(model, &variables);
}

/// Whether a file holds nothing that could be read: it is encrypted, or says what values may be.
fn is_sealed(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower
        .split('.')
        .any(|part| matches!(part, "vault" | "enc" | "encrypted" | "sops" | "gpg" | "age" | "schema" | "meta"))
}

/// Whether a file is a copy that was put aside.
fn is_copy(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    super::COPIES.iter().any(|ending| lower.ends_with(ending))
}

/// Of the lines of one name the last; those with a value that is not known are left out.
fn last_ones(read: Vec<Assignment>) -> Vec<Variable> {
    let mut last: BTreeMap<Str, Assignment> = BTreeMap::new();
    for line in read {
        last.insert(line.name.clone(), line);
    }
    let known = |line: Assignment| match line.value? {
        (Text::Known(value), at) => Some(Variable { name: line.name, name_at: line.name_at, value, at }),
        (Text::Pieces(_), _) => None,
    };
    let mut found: Vec<Variable> = last.into_values().filter_map(known).collect();
    found.sort_by_key(|variable| variable.at);
    found
}

/// A variable that the file gives a default for all readers that know of such, as `KEY=${KEY:-"value"}`: what it is without
/// that is not known, and the default stands there for everybody.
fn default(reader: &Reader<'_>, line: &Assignment) -> Option<Variable> {
    let Some((Text::Pieces(_), at)) = &line.value else { return None };
    let inside = reader.slice(*at).trim_matches(['"', '\'']).strip_prefix("${")?.strip_suffix('}')?;
    let (name, value) = inside.split_once(":-").or_else(|| inside.split_once('-'))?;
    let value = value.trim_matches(['"', '\'']);
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !plain || value.contains(['$', '{', '}']) {
        return None;
    }
    let start = at.span.start as usize + reader.slice(*at).rfind(value)?;
    let at = Loc::new(at.file, Span::new(start, start + value.len()));
    Some(Variable { name: line.name.clone(), name_at: line.name_at, value: value.into(), at })
}

fn push(model: &mut Model, kind: crate::schema::KindId, variable: &Variable, parent: ScopeId) -> ScopeId {
    let mut scope = Scope::new(kind, variable.name.clone(), Some(parent), variable.at);
    scope.label_at = variable.name_at;
    model.push(scope)
}

fn set(model: &mut Model, id: ScopeId, key: &str, node: Node) {
    let Some(kind) = model.scope(id).map(|scope| scope.kind) else { return };
    let key = model.key(kind, key);
    if let Some(scope) = model.scope_mut(id) {
        scope.own.set(key, node);
    }
}

/// Variables that are set again; of each name the first time that it is.
fn repeats(model: &mut Model, read: &[Assignment]) {
    let mut before: BTreeMap<&Str, &Assignment> = BTreeMap::new();
    let mut told: BTreeMap<&Str, (bool, [Loc; 2])> = BTreeMap::new();
    for line in read {
        let Some(first) = before.insert(&line.name, line) else { continue };
        let (Some((Text::Known(one), at)), Some((Text::Known(other), counts))) = (&first.value, &line.value) else {
            continue;
        };
        let slot = told.entry(&line.name).or_insert((false, [*counts, *at]));
        if one != other {
            *slot = (true, [*counts, *at]);
        }
    }
    let mut told: Vec<(&Str, (bool, [Loc; 2]))> = told.into_iter().collect();
    told.sort_by_key(|(_, (_, places))| *places);
    for (name, (differ, [counts, lost])) in told {
        let id = model.push(Scope::new(REPEAT, name.clone(), Some(ScopeId(0)), counts));
        set(model, id, "differ", Node::derived(Value::Bool(differ), counts, vec![counts, lost]));
        let secret = Value::Bool(secrets::is_secret_name(name));
        set(model, id, "is_secret", Node::derived(secret, counts, Vec::new()));
    }
}

/// What the secrets of a file are looked for with.
struct Secrets<'s, 'l> {
    reader: &'s mut Reader<'l>,
    query: &'s Query,
    file: FileId,
    path: &'s str,
    copy: bool,
    /// What the variables say that something is called.
    beside: Beside,
    /// Who is known to read the file, once that was asked.
    loaders: Option<BTreeSet<Dialect>>,
    /// What each of them makes of it, but for those that refuse it, once that was asked.
    read: Option<Vec<Values>>,
    /// What is set in it, once that was asked.
    set: Option<BTreeSet<String>>,
}

/// The value of each variable that has one.
type Values = BTreeMap<Str, Option<Text>>;

/// A secret, and what it is.
struct Secret<'v> {
    variable: &'v Variable,
    value: Str,
    at: Loc,
    form: &'static str,
    provider: &'static str,
    encrypted: bool,
    purpose: &'static str,
    strength: &'static str,
    weakness: &'static str,
}

fn secrets_of(look: &mut Secrets<'_, '_>, model: &mut Model, variables: &[Variable]) {
    let found: Vec<Secret<'_>> = variables.iter().filter_map(|it| look.secret(it)).collect();
    let Some(first) = found.first() else { return };
    let at = first.at;
    let git = match look.reader.loader.git(look.path) {
        Git::Tracked => "tracked",
        Git::Ignored => "ignored",
        Git::Untracked => "untracked",
        Git::NoRepository | Git::Unknown => "",
    };
    let mode = look.reader.loader.stat(look.path).map_or(0, |stat| stat.mode & 0o777);
    let place = model.push(Scope::new(PLACE, loader::name(look.path), Some(ScopeId(0)), at));
    let fact = |value: Value| Node::derived(value, at, Vec::new());
    set(model, place, "mode", fact(Value::Int(i64::from(mode))));
    set(model, place, "copy", fact(Value::Bool(look.copy)));
    let exposed = look.query.is_for_everybody(look.reader.loader, look.path);
    set(model, place, "exposed", fact(Value::Bool(exposed)));
    let kept = |secret: &&Secret<'_>| {
        let told = !secret.form.is_empty() || secrets::is_built_into_pages(&secret.variable.name);
        matches!(secret.strength, "fixed" | "drawn") && (look.copy || !told)
    };
    let node = |secret: &Secret<'_>| {
        Node::derived(Value::text(secret.value.clone()), secret.at, vec![secret.at]).named(secret.variable.name_at)
    };
    let kept: Vec<Node> = found.iter().filter(kept).map(node).collect();
    // What git does with the file is told at the first that it is a fault for.
    let at = kept.first().map_or(at, |first| first.at);
    set(model, place, "git", Node::derived(Value::text(git), at, Vec::new()));
    set(model, place, "kept", fact(Value::List(kept)));
    if look.copy {
        return;
    }
    for secret in &found {
        add(look, model, place, secret);
    }
}

fn add(look: &mut Secrets<'_, '_>, model: &mut Model, place: ScopeId, secret: &Secret<'_>) {
    let name = &secret.variable.name;
    let mut scope = Scope::new(SECRET, name.clone(), Some(place), secret.at);
    scope.label_at = secret.variable.name_at;
    let id = model.push(scope);
    let fact = |value: Value| Node::derived(value, secret.at, vec![secret.at]);
    let differing = look.readings(secret.variable);
    let differing = differing.iter().map(|name| fact(Value::text(*name))).collect();
    let swallowed = look.swallowed(secret.variable);
    let browsers = secrets::is_given_to_browsers(name);
    let fernet = name.to_ascii_uppercase().contains("FERNET");
    for (key, value) in [
        ("encrypted", Value::Bool(secret.encrypted)),
        ("fits_form", Value::Bool(!fernet || secret.value.split(',').all(is_fernet))),
        ("form", Value::text(secret.form)),
        ("given_to_browsers", Value::Bool(browsers)),
        ("in_pages", Value::Bool(secrets::is_built_into_pages(name))),
        ("length", Value::Int(i64::try_from(secret.value.len()).unwrap_or(i64::MAX))),
        ("provider", Value::text(secret.provider)),
        ("purpose", Value::text(secret.purpose)),
        ("read_differently", Value::List(differing)),
        ("secret_value", Value::text(secret.value.clone())),
        ("short", Value::Bool(is_short(secret, look.query.secret_length))),
        ("strength", Value::text(secret.strength)),
        ("swallowed", Value::Bool(!swallowed.is_empty())),
        ("weakness", Value::text(secret.weakness)),
    ] {
        set(model, id, key, fact(value));
    }
}

/// Whether it has less characters than are asked for: of keys at least 16, of all that is the project's own to choose what the
/// project says.
fn is_short(secret: &Secret<'_>, asked: Option<usize>) -> bool {
    let least = match (secret.purpose, asked) {
        ("account", _) => return false,
        (_, Some(asked)) => asked,
        ("key", None) => 16,
        (_, None) => return false,
    };
    secret.form.is_empty() && secret.value.len() < least
}

/// Whether a text is a key for Fernet: 32 bytes in base64 for addresses.
fn is_fernet(text: &str) -> bool {
    let text = text.trim();
    text.len() == 44
        && text.ends_with('=')
        && text.bytes().take(43).all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

impl Secrets<'_, '_> {
    fn secret<'v>(&self, variable: &'v Variable) -> Option<Secret<'v>> {
        let Variable { name, value, at, .. } = variable;
        // A comment behind nothing, which some readers take for the value: nobody means it.
        if value.trim_start().starts_with("# ") {
            return None;
        }
        let part = |range: std::ops::Range<usize>| {
            let found = self.reader.slice(*at).find(value.as_str());
            let start = found.map(|found| at.span.start as usize + found);
            let place =
                start.map_or(*at, |start| Loc::new(self.file, Span::new(start + range.start, start + range.end)));
            (Str::from(value.get(range).unwrap_or_default()), place)
        };
        let whole = || (value.clone(), *at);
        let made = |(value, at): (Str, Loc), form: &'static str, provider, encrypted| {
            let strength = if form.is_empty() { strength(&value, &self.beside) } else { "drawn" };
            let purpose = purpose(name);
            let weakness = match strength {
                "guessable" if secrets::is_guessable(&value) => "word",
                "guessable" => "name",
                _ => "",
            };
            Secret { variable, value, at, form, provider, encrypted, purpose, strength, weakness }
        };
        if let Some(key) = secrets::private_key(value) {
            return Some(made(whole(), "private-key", "", key.encrypted));
        }
        if let Some(issued) = secrets::issued(value) {
            let form = if issued.test { "test" } else { "provider" };
            return Some(made(part(issued.at), form, issued.provider, false));
        }
        if let Some(range) = value.contains("://").then(|| secrets::secret_in(value)).flatten() {
            let user = value.get(..range.start).and_then(|before| before.trim_end_matches(':').rsplit('/').next());
            let is_user = user == value.get(range.clone());
            let secret = made(part(range), "", "", false);
            return Some(Secret {
                strength: if is_user { "guessable" } else { secret.strength },
                weakness: if is_user { "user" } else { secret.weakness },
                purpose: "password",
                ..secret
            });
        }
        // Of other names it is mostly how long or how many.
        let number = value.len() < 8 && value.bytes().all(|byte| byte.is_ascii_digit()) && !opens(name, value);
        let named = secrets::is_secret_name(name)
            && secrets::is_literal(value)
            && !secrets::is_choice(name, value)
            && !secrets::is_name_of_secret(value)
            && !number
            && !value.contains("://");
        let secret = named.then(|| made(whole(), "", "", false))?;
        // What stands in for an account with somebody else opens nothing.
        let stands_in = secret.purpose == "account" && matches!(secret.strength, "template" | "guessable");
        (!stands_in).then_some(secret)
    }

    fn loaders(&mut self) -> &BTreeSet<Dialect> {
        if self.loaders.is_none() {
            self.loaders = Some(loaders::of(self.reader, self.query, self.file));
        }
        self.loaders.get_or_insert_default()
    }

    /// Who is known to read the file, where they differ in a variable.
    fn readings(&mut self, variable: &Variable) -> Vec<&'static str> {
        let line = self.line(variable);
        if !line.contains(['#', '$', '"', '\'', '\\']) || self.loaders().len() < 2 {
            return Vec::new();
        }
        let loaders = self.loaders().clone();
        let (file, reader) = (self.file, &*self.reader);
        let read = self.read.get_or_insert_with(|| {
            let text = &reader.source(file).text;
            let all = loaders.iter().map(|dialect| dialect.read(file, text, None)).filter(|read| read.fault.is_none());
            let values = |Read { assignments, .. }: Read| -> Values {
                let value = |line: Assignment| (line.name, line.value.map(|(value, _)| value));
                assignments.into_iter().map(value).collect()
            };
            all.map(values).collect()
        });
        let value = |values: &Values| values.get(&variable.name).cloned().flatten();
        let differ = read.windows(2).any(|pair| matches!(pair, [one, other] if value(one) != value(other)));
        if differ { loaders.iter().map(|dialect| dialect.name()).collect() } else { Vec::new() }
    }

    /// What stands behind the `=` of a variable.
    fn line(&self, variable: &Variable) -> String {
        let source = self.reader.source(self.file);
        let rest = source.text.get(variable.name_at.span.end as usize..).unwrap_or_default();
        let end = (variable.at.span.end as usize).saturating_sub(variable.name_at.span.end as usize);
        let end = end + rest.get(end..).and_then(|rest| rest.find('\n')).unwrap_or_default();
        rest.get(..end).unwrap_or_default().to_owned()
    }

    /// A `$name` in a value that Compose takes for a variable, where only Compose reads the file and nothing sets it.
    fn swallowed(&mut self, variable: &Variable) -> String {
        let raw = self.reader.slice(variable.at).to_owned();
        let quoted = self.line(variable).trim_start_matches([' ', '\t', '=']).starts_with('\'');
        let Some(name) = lower_variable(&raw).filter(|_| !quoted) else { return String::new() };
        let only_compose = self.loaders().iter().eq([Dialect::Compose].iter());
        let (file, reader) = (self.file, &*self.reader);
        let set = self.set.get_or_insert_with(|| {
            let names = reader.source(file).text.lines().filter_map(|line| line.split_once('='));
            names.map(|(name, _)| name.to_owned()).collect()
        });
        let set = set.contains(name);
        if only_compose && !set { format!("${name}") } else { String::new() }
    }
}

/// A variable that is written in small letters in the middle of a value: those that are meant are written in capitals.
fn lower_variable(raw: &str) -> Option<&str> {
    let at = raw.find('$')?;
    let rest = raw.get(at + 1..)?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    let name = rest.get(..end)?;
    (at > 0 && !raw.contains("$$") && name.starts_with(|c: char| c.is_ascii_lowercase())).then_some(name)
}

/// Whether a number is what somebody logs in with: `DB_PASSWORD=123456`, and not how long it has to be.
fn opens(name: &str, number: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // `RESET_PASSWORD=3600` is how long one may be reset.
    let counts =
        name.split('_').any(|word| matches!(word, "reset" | "throttle" | "rate" | "forgot" | "min" | "max" | "limit"));
    number.len() >= 4 && !counts && ["password", "passwd", "_pass", "pwd"].iter().any(|end| name.ends_with(end))
}

/// What a secret is for, by its name.
fn purpose(name: &str) -> &'static str {
    if secrets::is_key_name(name) {
        "key"
    } else if secrets::is_for_another_service(name) || is_token(name) {
        "account"
    } else {
        "password"
    }
}

/// Whether a name is that of a token, which somebody else gave out.
fn is_token(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !["password", "passwd", "pass", "pwd", "pw"].iter().any(|word| lower.contains(word))
}

/// Whether digits stand among the letters, and not only behind them as behind a word.
fn mixes_digits(value: &str) -> bool {
    let kinds = value.as_bytes().windows(2);
    kinds.filter(|pair| matches!(pair, [a, b] if a.is_ascii_digit() != b.is_ascii_digit())).count() >= 2
}

fn strength(value: &str, beside: &Beside) -> &'static str {
    if secrets::is_template(value) {
        "template"
    } else if secrets::is_guessable(value) || beside.make(value) {
        "guessable"
    } else if value.len() >= 16 && secrets::is_drawn_at_random(value) && mixes_digits(value) {
        "drawn"
    } else {
        "fixed"
    }
}
