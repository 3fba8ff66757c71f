//! What facts need to know beside the scopes: orders and relations that no single setting shows.

use super::answers::{self, Answer};
use super::listen::Listen;
use crate::model::{ScopeId, Str, Text};
use crate::text::Loc;
use std::collections::{BTreeMap, BTreeSet};

/// What was noted while the statements were walked.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the configuration")]
pub(super) struct Site {
    /// Whether it starts with a main file, and not a fragment.
    pub(super) whole: bool,
    /// The servers of HTTP in the order in which nginx reads them.
    pub(super) servers: Vec<ScopeId>,
    /// The locations by their own scope.
    pub(super) location_of: BTreeMap<ScopeId, Location>,
    /// How the steps of a scope end, where it has some.
    pub(super) ends: BTreeMap<ScopeId, Option<Answer>>,
    /// Scopes in which a condition may turn clients away: any of its own requests, those of the scopes inside as well.
    pub(super) guards: BTreeMap<ScopeId, Guard>,
    /// The `listen` lines, by server.
    pub(super) listens: BTreeMap<ScopeId, Vec<(ScopeId, Listen)>>,
    /// The locations, by the server or location that holds them.
    pub(super) locations: BTreeMap<ScopeId, Vec<Location>>,
    /// The entries of `allow` and `deny`, by the scope that sets them.
    pub(super) access: BTreeMap<ScopeId, Access>,
    /// The steps of the rewrite module, by the scope in which they stand.
    pub(super) steps: BTreeMap<ScopeId, Vec<Step>>,
    /// The `add_header` lines, by the scope that sets them.
    pub(super) headers: BTreeMap<ScopeId, HeaderSet>,
    /// `proxy_pass` and its like, by the scope in which they stand.
    pub(super) passes: BTreeMap<ScopeId, ScopeId>,
    /// Where variables get values, by name.
    pub(super) variables: BTreeMap<Str, Vec<Definition>>,
    /// Headers and URLs that are put together from variables.
    pub(super) composed: Vec<Composed>,
    /// Expressions that an Origin or a Referer is compared with.
    pub(super) origins: Vec<Origin>,
    /// Whether anything reads what nginx knows of the client's certificate.
    pub(super) reads_client_certificate: bool,
    /// Words that name a file which lies below the root.
    pub(super) found_files: BTreeSet<Loc>,
    /// Words that name a key of which the repository has a copy, and where that lies.
    pub(super) tracked_keys: BTreeMap<Loc, String>,
    /// Words that name a key which everybody on the machine may read.
    pub(super) exposed_keys: BTreeSet<Loc>,
    /// Whether anything in the file reads or sets what only a proxy before nginx makes sense of.
    pub(super) forwarded: bool,
    /// Whether it is made for an image of which nothing at hand publishes a port.
    pub(super) unpublished: bool,
    /// Whether a Dockerfile or a Compose file at hand puts it into a container.
    pub(super) in_container: bool,
}

/// A location block.
#[derive(Clone, Debug)]
pub(super) struct Location {
    pub(super) scope: ScopeId,
    pub(super) modifier: Modifier,
    /// The prefix or the expression; unknown if it has a hole.
    pub(super) uri: Option<Str>,
    /// Whether a template decides whether it is there.
    pub(super) conditional: bool,
}

/// How a location matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Modifier {
    Prefix,
    Exact,
    /// `^~`: a prefix that keeps expressions from being tried.
    Final,
    Regex,
    RegexAnyCase,
    Named,
}

/// The access list of one block.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub(super) scope: ScopeId,
    pub(super) entries: Vec<Entry>,
    /// What it does with an address that it does not name; known when all entries are.
    pub(super) end: answers::Access,
    /// Whether it lets nobody in.
    pub(super) nobody: bool,
}

/// What the conditions of a scope may do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Guard {
    /// Some condition ends in a refusal.
    pub(super) own: bool,
    /// One that asks who the client is does.
    pub(super) inner: bool,
}

/// A line of an access list.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) allow: bool,
    pub(super) address: Text,
    pub(super) at: Loc,
    /// Whether a template decides whether it is there.
    pub(super) conditional: bool,
}

/// The headers that one block adds.
#[derive(Clone, Debug)]
pub(super) struct HeaderSet {
    pub(super) scope: ScopeId,
    pub(super) headers: Vec<ScopeId>,
}

/// A directive of the rewrite module: they run in order, before a location answers.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// `return CODE [TEXT]`.
    Return { code: Option<u16>, target: Option<Text>, conditional: bool },
    /// `rewrite REGEX TARGET [FLAG]`.
    Rewrite { regex: Text, flag: Flag, conditional: bool },
    /// `if (…) { }`.
    If(ScopeId),
    /// `break`.
    Break,
}

/// What follows a rewrite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flag {
    None,
    Last,
    Break,
    Redirect,
}

/// A header or a URL that is put together from variables.
#[derive(Clone, Debug)]
pub(super) struct Composed {
    /// Where it stands.
    pub(super) scope: ScopeId,
    /// The directive.
    pub(super) directive: &'static str,
    pub(super) text: Text,
    pub(super) at: Loc,
}

/// An expression that an Origin or a Referer is compared with.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// The `if`, or what holds the `map` or `valid_referers`.
    pub(super) scope: ScopeId,
    /// The header, in lower case; `referrer` for one that nobody sends.
    pub(super) header: &'static str,
    pub(super) pattern: Text,
    pub(super) any_case: bool,
    /// Whether requests are caught that do not match.
    pub(super) negated: bool,
    /// Whether it stands in a `map`.
    pub(super) mapped: bool,
    pub(super) at: Loc,
}

/// Where a variable gets a value.
#[derive(Clone, Debug)]
pub(super) enum Definition {
    /// `set`, in this scope.
    Set(ScopeId, Text),
    /// `map SOURCE $x { … }`: what is looked up, its lines, and whether they are all of them.
    Map { source: Text, lines: Vec<(Text, Text)>, complete: bool },
    /// `geo` and `split_clients`: values that the file lists.
    Listed,
    /// Something that is not looked into.
    Other,
}

impl Site {
    /// Whether the scope is a server whose block is at hand.
    pub(super) fn is_server(&self, scope: ScopeId) -> bool {
        // They are numbered in the order in which they are read.
        self.servers.binary_search(&scope).is_ok()
    }
}

impl Modifier {
    /// As the file spells it.
    pub(super) fn spelt(self) -> &'static str {
        match self {
            Self::Prefix => "",
            Self::Exact => "=",
            Self::Final => "^~",
            Self::Regex => "~",
            Self::RegexAnyCase => "~*",
            Self::Named => "@",
        }
    }
}
