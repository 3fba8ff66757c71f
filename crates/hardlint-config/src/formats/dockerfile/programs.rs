//! What is known of programs that build steps run: which fetch, which run what they are fed, which options switch off
//! the checking of certificates, which set passwords and rights.

mod fetch;
mod rights;
mod tls;

use crate::model::{Node, Value};
use crate::syntax::shell::{Command, Script, Word};
use crate::text::{Loc, Span};

pub(super) use tls::variable as unverified_variable;

/// Something that is known of a command.
#[derive(Debug)]
pub(super) enum Fact {
    /// A text, and the places that say so, the narrowest first.
    Text(String, Vec<Span>),
    /// Texts, each with its place.
    List(Vec<(String, Span)>),
}

impl Fact {
    /// The fact as a value of the model.
    pub(super) fn node(self, loc: impl Fn(Span) -> Loc) -> Node {
        match self {
            Self::Text(text, places) => {
                let places: Vec<Loc> = places.into_iter().map(loc).collect();
                let at = places.first().copied().unwrap_or_else(|| Loc::new(crate::text::FileId(0), Span::default()));
                Node::derived(Value::text(text), at, places)
            }
            Self::List(items) => {
                let nodes: Vec<Node> =
                    items.into_iter().map(|(text, at)| Node::set(Value::text(text), loc(at))).collect();
                let places: Vec<Loc> = nodes.iter().map(|node| node.at).collect();
                let at = places.first().copied().unwrap_or_else(|| Loc::new(crate::text::FileId(0), Span::default()));
                Node::derived(Value::List(nodes), at, places)
            }
        }
    }
}

/// What is known of one command, by the names of the facts.
pub(super) type Facts = Vec<(&'static str, Fact)>;

/// What is known of each command of a script.
pub(super) fn judge(script: &Script) -> Vec<Facts> {
    let mut all: Vec<Facts> = Vec::with_capacity(script.commands.len());
    for (index, command) in script.commands.iter().enumerate() {
        let mut facts = Vec::new();
        let unverified = tls::unverified(command);
        if !unverified.is_empty() {
            facts.push(("tls_unverified", Fact::List(unverified)));
        }
        if let Some(url) = fetch::url(command) {
            facts.push(("download_url", url));
        }
        rights::add(script, index, command, &mut facts);
        all.push(facts);
    }
    for (index, fact) in fetch::piped(script) {
        if let Some(facts) = all.get_mut(index)
            && facts.iter().all(|(name, _)| *name != "piped_to_shell")
        {
            facts.push(("piped_to_shell", fact));
        }
    }
    all
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
