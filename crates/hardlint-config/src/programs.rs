//! What is known of programs that build steps and containers run: which fetch, which run what they are fed, which options
//! switch off the checking of certificates and signatures, which set passwords and rights, which are given a secret.
//!
//! Knows commands, not the files that they stand in: formats make scopes of them.

mod downloads;
mod fetch;
mod hosts;
mod kept;
mod keys;
mod logins;
mod packages;
mod removed;
mod rights;
mod servers;
mod settings;
mod tls;

use crate::model::{Node, Piece, Text, Value, Why};
use crate::schema::{KindId, Schema};
use crate::syntax::shell::{Command, Part, Script, Word};
use crate::text::{Loc, Span};
pub(crate) use downloads::{Left, becomes_of, left};

pub(crate) use hosts::variable as unchecked_host_variable;
pub(crate) use kept::{Lent, Place, by_use, is_public, kept};
pub(crate) use keys::is_gone;
pub(crate) use rights::{is_run_or_read, is_shared, lets_all_write};
pub(crate) use servers::is_for_developers;
pub(crate) use tls::variable as unverified_variable;

/// Something that is known of a command.
#[derive(Debug)]
enum Fact {
    /// A text, and the places that say so, the narrowest first.
    Text(String, Vec<Span>),
    /// Texts, each as it stands at its place.
    List(Vec<(String, Span)>),
    /// Texts that say something of what stands at their places.
    Names(Vec<(String, Span)>),
}

impl Fact {
    /// The fact as a value of the model.
    fn node(self, loc: impl Fn(Span) -> Loc) -> Node {
        match self {
            Self::Text(text, places) => {
                let places: Vec<Loc> = places.into_iter().map(loc).collect();
                let at = places.first().copied().unwrap_or_else(|| Loc::new(crate::text::FileId(0), Span::default()));
                Node::derived(Value::text(text), at, places)
            }
            Self::List(items) => {
                list(items.into_iter().map(|(text, at)| Node::set(Value::text(text), loc(at))).collect())
            }
            Self::Names(items) => {
                let node = |(text, at): (String, Span)| Node::derived(Value::text(text), loc(at), vec![loc(at)]);
                list(items.into_iter().map(node).collect())
            }
        }
    }
}

/// The fact that is a list, at the places of its elements.
fn list(nodes: Vec<Node>) -> Node {
    let places: Vec<Loc> = nodes.iter().map(|node| node.at).collect();
    let at = places.first().copied().unwrap_or_else(|| Loc::new(crate::text::FileId(0), Span::default()));
    Node::derived(Value::List(nodes), at, places)
}

/// What is known of one command, by the names of the facts.
type Facts = Vec<(&'static str, Fact)>;

/// What a scope of a command sets: the keys of `schema` that its words and what is known of them give.
pub(crate) type Settings = Vec<(&'static str, Node)>;

/// The commands of a script, each with what a scope of `kind` sets for it; `loc` places a span of the script.
pub(crate) fn commands<'s>(
    script: &'s Script,
    schema: &Schema,
    kind: KindId,
    loc: impl Fn(Span) -> Loc + Copy,
) -> Vec<(&'s Command, Settings)> {
    let listed = |name: &str| schema.key(kind, name).is_some();
    let settings = |(command, facts): (&'s Command, Facts)| {
        let mut settings = Vec::new();
        let at = command.program_at().and_then(|at| command.words.get(at)).map_or(command.span, |word| word.span);
        if let Some(name) = command.program().filter(|name| !name.is_empty()) {
            settings.push(("name", Node::set(Value::text(name), loc(at))));
        }
        let words = command.arguments().iter().map(|word| Node::set(argument(word), loc(word.span))).collect();
        settings.push(("arguments", Node::set(Value::List(words), loc(command.span))));
        let facts = facts.into_iter().filter(|(name, _)| listed(name));
        settings.extend(facts.map(|(name, fact)| (name, fact.node(loc))));
        (command, settings)
    };
    script.commands.iter().zip(judge(script)).map(settings).collect()
}

/// A word as a value.
fn argument(word: &Word) -> Value {
    if let Some(text) = word.known() {
        return Value::text(text);
    }
    let piece = |part: &Part| match part {
        Part::Text { text, .. } => Piece::Known(text.clone()),
        Part::Variable { name, .. } => Piece::Hole(Why::Variable(name.clone())),
        Part::Output { .. } => Piece::Hole(Why::Runtime("the output of a command".into())),
    };
    Value::Text(Text::from_pieces(word.parts.iter().map(piece).collect()))
}

/// What is known of each command of a script.
fn judge(script: &Script) -> Vec<Facts> {
    let mut all: Vec<Facts> = Vec::with_capacity(script.commands.len());
    for (index, command) in script.commands.iter().enumerate() {
        let mut facts = Vec::new();
        let mut unverified = tls::unverified(command);
        let written = settings::set_by(script, index, command, &tls::written);
        unverified.extend(written.map(|(setting, at)| (setting.to_owned(), at)));
        if !unverified.is_empty() {
            facts.push(("tls_unverified", Fact::List(unverified)));
            let later = script.commands.get(index + 1..).unwrap_or_default();
            if let Some(check) = later.iter().find(|command| compares(command)) {
                facts.push(("checked_by", Fact::Text(command_text(check), vec![check.span])));
            }
        }
        if let Some(url) = fetch::url(command) {
            facts.push(("download_url", url));
        }
        rights::add(script, index, command, &mut facts);
        logins::add(script, index, command, &mut facts);
        packages::add(command, &mut facts);
        downloads::add(command, &mut facts);
        settings::add(script, index, command, &mut facts);
        hosts::add(script, index, command, &mut facts);
        facts.extend(servers::for_developers(command).map(|fact| ("developer_server", fact)));
        if let Some((open, is_known)) = servers::open_program(command) {
            // Of a service, what else is known of these tells.
            facts.push((if is_known { "known_open_program" } else { "open_program" }, open));
        }
        facts.extend(servers::open_notebook(command).map(|fact| ("open_notebook", fact)));
        all.push(facts);
    }
    for (index, fact) in fetch::piped(script).into_iter().chain(fetch::saved(script)) {
        if let Some(facts) = all.get_mut(index)
            && facts.iter().all(|(name, _)| *name != "piped_to_shell")
        {
            facts.push(("piped_to_shell", fact));
        }
    }
    for (index, fact) in downloads::unchecked(script) {
        if let Some(facts) = all.get_mut(index)
            && facts.iter().all(|(name, _)| !matches!(*name, "download_becomes" | "piped_to_shell"))
        {
            facts.push(("download_becomes", fact));
        }
    }
    all
}

/// Whether a command compares what was fetched with a checksum or a signature that stands somewhere else.
fn compares(command: &Command) -> bool {
    let has = |options: &[&str]| command.arguments().iter().any(|word| options.iter().any(|option| is(word, option)));
    match command.program() {
        Some("sha256sum" | "sha384sum" | "sha512sum" | "shasum" | "b2sum") => {
            let short = |word: &Word| word.known().is_some_and(|text| text.starts_with('-') && text.contains('c'));
            has(&["--check"]) || command.arguments().iter().any(short)
        }
        Some("gpg" | "gpg2" | "gpgv") => command.program() == Some("gpgv") || has(&["--verify"]),
        Some("cosign") => has(&["verify-blob"]),
        Some("minisign" | "signify") => has(&["-V", "-Vm"]),
        _ => false,
    }
}

/// A command as a finding names it: the program, and its first option or word.
fn command_text(command: &Command) -> String {
    let first = command.arguments().first().map(Word::shown).unwrap_or_default();
    format!("{} {first}", command.program().unwrap_or_default()).trim_end().to_owned()
}

/// The text of a word that is an option with its value in the same word: `--name=value`.
fn attached<'w>(word: &'w Word, name: &str) -> Option<&'w str> {
    word.known()?.strip_prefix(name)?.strip_prefix('=')
}

/// The values of an option, in either form, with the place of the value.
fn values<'c>(command: &'c Command, names: &[&str]) -> Vec<(&'c str, Span)> {
    let arguments = command.arguments();
    let mut found = Vec::new();
    for (index, word) in arguments.iter().enumerate() {
        for name in names {
            if let Some(value) = attached(word, name) {
                found.push((value, word.span));
            } else if word.known() == Some(name)
                && let Some(next) = arguments.get(index + 1)
                && let Some(value) = next.known()
            {
                found.push((value, next.span));
            }
        }
    }
    found
}

/// Whether a word is so spelt.
fn is(word: &Word, text: &str) -> bool {
    word.known() == Some(text)
}

#[cfg(test)]
mod tests;
