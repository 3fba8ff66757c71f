//! Records in order: the first that matches decides, and no other is asked.
//!
//! What an earlier record takes from a later one, and which record a connection that `--where` describes comes to. A name
//! that takes the catalogue or a pattern to be told is never guessed.

use super::address::{self, Address, Range};
use super::record::{GSS, Is, LOCAL, Name, PLAIN, Record, TLS, ways};
use super::regex;
use crate::model::Why;
use crate::workspace::Query;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

/// Whether every connection to a database and as a role that `other` names is one that these name.
fn cover(names: &[Name], other: &[Name], by: impl Fn(&Name, &Name) -> bool) -> bool {
    other.iter().all(|other| names.iter().any(|name| by(name, other)))
}

fn database_covers(name: &Name, other: &Name) -> bool {
    match (&name.is, &other.is) {
        (Is::Unknown(_), _) | (_, Is::Unknown(_)) => false,
        (_, Is::Replication) | (Is::Replication, _) => name.is == other.is,
        (Is::All, _) | (Is::SameUser, Is::SameUser) | (Is::SameRole, Is::SameRole) => true,
        (a, b) => a == b && name.text == other.text,
    }
}

fn user_covers(name: &Name, other: &Name) -> bool {
    match (&name.is, &other.is) {
        (Is::Unknown(_), _) | (_, Is::Unknown(_)) => false,
        (Is::All, _) => true,
        // A role is in itself.
        (Is::Group, Is::Plain) => name.text.get(1..) == Some(&*other.text),
        (a, b) => a == b && name.text == other.text,
    }
}

impl Record {
    /// Whether each connection of one of the ways in `other` that `other` is for comes to this record first.
    fn takes(&self, other: &Self) -> bool {
        let address = match (&self.address, &other.address) {
            (Some((Ok(address), _)), Some((Ok(other), _))) => address.covers(other),
            (Some((Ok(Address::All), _)), Some((Err(_), _))) | (None, None) => true,
            _ => false,
        };
        address
            && cover(&self.databases, &other.databases, database_covers)
            && cover(&self.users, &other.users, user_covers)
    }
}

/// What comes to a record past the earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left {
    /// The ways of connection that still do.
    pub(super) ways: u8,
    /// The earlier record that took the last of them, if none does.
    pub(super) by: Option<usize>,
}

/// Earlier records that are compared with each, of those that may take anything from it; a file of more is read, but not
/// for what shadows what.
const MAX_COMPARED: usize = 2_000;

/// What a record is found by: one of its databases, one of its users and where its clients are; `None` stands for more than one.
type Key<'r> = (Option<&'r str>, Option<&'r str>, Option<Place>);

/// Where clients are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Place {
    Network(Range),
    /// By its name, in small letters.
    Host(String),
}

/// The earlier records by what they are for: few of a long file are for the databases, roles and networks of another.
#[derive(Default)]
struct Earlier<'r> {
    found: HashMap<Key<'r>, Vec<usize>>,
    /// The masks of their networks.
    masks: BTreeSet<IpAddr>,
}

/// Masks of networks that are told apart; there are 162 that a number of bits makes.
const MAX_MASKS: usize = 200;

/// The names of a list, each if nothing but it is meant, or what is written alike. A long list is for more than names.
fn names(list: &[Name]) -> impl Iterator<Item = Option<&str>> {
    const LONG: usize = 8;
    let short = list.len() <= LONG;
    list.iter().take(LONG).map(move |name| (short && is_found_by_text(name)).then_some(name.text.as_str()))
}

/// Whether only what is written alike is covered.
fn is_found_by_text(name: &Name) -> bool {
    matches!(name.is, Is::Plain | Is::Pattern)
}

impl<'r> Earlier<'r> {
    fn add(&mut self, index: usize, record: &'r Record) {
        let place = match &record.address {
            Some((Ok(Address::Range(range)), _))
                if self.masks.len() < MAX_MASKS || self.masks.contains(&range.mask) =>
            {
                self.masks.insert(range.mask);
                Some(Place::Network(range.network()))
            }
            // One that begins with a dot is the end of many.
            Some((Ok(Address::Host(name)), _)) if !name.starts_with('.') => {
                Some(Place::Host(name.to_ascii_lowercase()))
            }
            _ => None,
        };
        for database in names(&record.databases) {
            for user in names(&record.users) {
                let found = self.found.entry((database, user, place.clone())).or_default();
                if found.last() != Some(&index) && found.len() < MAX_COMPARED {
                    found.push(index);
                }
            }
        }
    }

    /// The records that may take something from `record`, in their order: they name the first of its databases and of its
    /// users and a network around its own, or are for more than that.
    fn of(&self, record: &Record) -> Vec<usize> {
        let first =
            |names: &'_ [Name]| names.first().filter(|name| is_found_by_text(name)).map(|name| name.text.clone());
        let (database, user) = (first(&record.databases), first(&record.users));
        let named = [
            (None, None),
            (database.as_deref(), None),
            (None, user.as_deref()),
            (database.as_deref(), user.as_deref()),
        ];
        let mut places = vec![None];
        match &record.address {
            Some((Ok(Address::Range(own)), _)) => {
                let around = self.masks.iter().map(|&mask| Range { mask, ..*own }.network());
                places.extend(around.map(|network| Some(Place::Network(network))));
            }
            Some((Ok(Address::Host(name)), _)) => places.push(Some(Place::Host(name.to_ascii_lowercase()))),
            _ => {}
        }
        let mut found: Vec<usize> = Vec::new();
        for (database, user) in named {
            for place in &places {
                found.extend(self.found.get(&(database, user, place.clone())).into_iter().flatten());
            }
        }
        found.sort_unstable();
        found.dedup();
        found.truncate(MAX_COMPARED);
        found
    }
}

/// What the earlier records leave of each. One that is not `sure` to be there takes nothing from others.
pub(super) fn left(records: &[&Record], sure: impl Fn(usize) -> bool) -> Vec<Left> {
    let mut earlier = Earlier::default();
    let mut all = Vec::with_capacity(records.len());
    for (index, &record) in records.iter().enumerate() {
        let mut left = Left { ways: record.ways, by: None };
        for at in earlier.of(record) {
            let Some(before) = records.get(at) else { continue };
            if left.ways & before.ways != 0 && before.takes(record) {
                left.ways &= !before.ways;
                if left.ways == 0 {
                    left.by = Some(at);
                    break;
                }
            }
        }
        if sure(index) {
            earlier.add(index, record);
        }
        all.push(left);
    }
    all
}

/// Whether something holds, if it can be told.
type Truth = Option<bool>;

fn and(a: Truth, b: Truth) -> Truth {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn any(truths: impl Iterator<Item = Truth>) -> Truth {
    let mut found = Some(false);
    for truth in truths {
        if truth == Some(true) {
            return truth;
        }
        found = found.and(truth);
    }
    found
}

/// A connection, as `--where` describes it.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    ways: u8,
    database: Option<String>,
    user: Option<String>,
    address: Option<IpAddr>,
}

impl Connection {
    /// The connection that is asked for, if one is.
    pub(super) fn of(query: &Query) -> Option<Self> {
        let address = query.condition("addr").and_then(address::numeric);
        let given = query.condition("type").and_then(ways_of_type);
        let found = ["type", "db", "user", "addr"].into_iter().any(|key| query.condition(key).is_some());
        let remote = query.condition("addr").map(|_| PLAIN | TLS | GSS);
        found.then(|| Self {
            ways: given.or(remote).unwrap_or(LOCAL | PLAIN | TLS | GSS),
            database: query.condition("db").map(str::to_owned),
            user: query.condition("user").map(str::to_owned),
            address,
        })
    }

    /// Whether the record is for it.
    fn comes_to(&self, record: &Record) -> Truth {
        let way = match self.ways & record.ways {
            0 => Some(false),
            both if both == self.ways => Some(true),
            _ => None,
        };
        let address = match &record.address {
            None | Some((Ok(Address::All), _)) => Some(true),
            Some((Ok(Address::Range(range)), _)) => self.address.map(|ip| range.has(ip)),
            Some(_) => None,
        };
        let database = any(record.databases.iter().map(|name| self.is_database(name)));
        let user = any(record.users.iter().map(|name| self.is_user(name)));
        and(and(way, address), and(database, user))
    }

    fn is_database(&self, name: &Name) -> Truth {
        let asked = self.database.as_deref();
        // A copy of everything is asked for by this word; a database of that name is not what people mean.
        let replication = asked.map(|asked| asked == "replication");
        match &name.is {
            Is::Replication => replication,
            _ if replication == Some(true) => Some(false),
            Is::All => replication.map(|_| true),
            Is::SameUser => Some(asked? == self.user.as_deref()?),
            Is::SameRole => (asked? == self.user.as_deref()?).then_some(true),
            Is::Pattern => regex::matches(name.text.get(1..)?, asked?),
            Is::Plain => Some(asked? == name.text),
            Is::Group | Is::Unknown(_) => None,
        }
    }

    fn is_user(&self, name: &Name) -> Truth {
        match &name.is {
            Is::All => Some(true),
            Is::Group => (self.user.as_deref()? == name.text.get(1..)?).then_some(true),
            Is::Pattern => regex::matches(name.text.get(1..)?, self.user.as_deref()?),
            Is::Plain => Some(self.user.as_deref()? == name.text),
            _ => None,
        }
    }
}

/// The ways that `--where type=` means: a record's types, where `hostnossl` is the network in the clear.
fn ways_of_type(text: &str) -> Option<u8> {
    match text {
        "hostnossl" => Some(PLAIN),
        text => ways(text),
    }
}

/// The record that decides about a connection: none where each lets it pass, so that it is refused; or why that cannot be
/// told, with the first that may be it.
pub(super) fn decides(records: &[&Record], connection: &Connection) -> Result<Option<usize>, Why> {
    for (index, record) in records.iter().enumerate() {
        match connection.comes_to(record) {
            Some(true) => return Ok(Some(index)),
            Some(false) => {}
            None => {
                let what = format!("whether the record `{}` is for the connection", record.label());
                return Err(Why::Runtime(what.into()));
            }
        }
    }
    Ok(None)
}
