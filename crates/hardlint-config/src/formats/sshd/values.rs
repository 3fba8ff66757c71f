//! The arguments of each keyword: what they mean, and what sshd refuses.

use super::algorithms;
use super::keywords::{Algorithms, Arg, Check, Keyword};
use super::spelling::short;
use super::syntax::{Statement, Word};
use super::units::{
    forward_port, host_and_port, ipqos, mask, net_block, number, port, scaled, service, split_address, startups, time,
};
use crate::model::{Node, Piece, Text, Value, Why};
use crate::text::{FileId, Loc, Span};
use crate::version::{Version, Versions};
use std::collections::BTreeSet;

/// What is wrong with the arguments of a line, and where.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: Span,
    pub(super) message: String,
}

/// A value that a line sets; for lists, several elements.
pub(super) type Read = Result<Node, Fault>;

fn fault(at: Span, message: impl Into<String>) -> Fault {
    Fault { at, message: message.into() }
}

/// Reads the arguments of a line.
pub(super) struct Arguments<'s> {
    pub(super) row: &'static Keyword,
    pub(super) statement: &'s Statement,
    pub(super) file: FileId,
    pub(super) in_match: bool,
    pub(super) versions: Versions,
}

impl Arguments<'_> {
    fn loc(&self, at: Span) -> Loc {
        Loc::new(self.file, at)
    }

    fn node(&self, value: Value, at: Span) -> Node {
        Node::set(value, self.loc(at)).named(self.loc(self.statement.keyword_at))
    }

    fn refused(&self, word: &Word, expected: &str) -> Fault {
        let shown = short(word.known().unwrap_or_default());
        fault(word.at, format!("`{}` does not take `{shown}`: sshd wants {expected}", self.row.spelling))
    }

    /// Whether the line sets nothing: sshd takes some lists without a word, where a comment stands in their place.
    pub(super) fn is_empty(&self) -> bool {
        const LISTS: [&str; 9] = [
            "acceptenv",
            "allowgroups",
            "allowusers",
            "authorizedkeysfile",
            "channeltimeout",
            "denygroups",
            "denyusers",
            "logverbose",
            "setenv",
        ];
        self.statement.words.is_empty() && LISTS.contains(&self.row.name)
    }

    /// The value that the line sets.
    pub(super) fn read(&self) -> Read {
        let statement = self.statement;
        match self.row.arg {
            // sshd looks for these in no other keyword.
            Arg::Line if self.row.name == "versionaddendum" && contains(&statement.rest.text, '\r') => {
                return Err(fault(statement.rest.at, "`VersionAddendum` has a carriage return: sshd refuses it"));
            }
            Arg::Line => {
                return Ok(self.node(none_or(Value::Text(statement.rest.text.clone())), statement.rest.at));
            }
            Arg::Command => return self.command(),
            _ => {}
        }
        let Some(first) = statement.words.first() else {
            if let Arg::PubkeyOptions = self.row.arg {
                return self.pubkey_options();
            }
            return Err(fault(statement.keyword_at, format!("`{}` has no argument", self.row.spelling)));
        };
        match self.row.arg {
            Arg::Words(check) => return self.list(check),
            Arg::Subsystem => return self.subsystem(),
            Arg::PubkeyOptions => return self.pubkey_options(),
            Arg::Ipqos => return self.two(first, ipqos, "a service class such as `af21`, a number or `none`"),
            Arg::RekeyLimit => return self.rekey_limit(first),
            Arg::Listen => return self.listen(first),
            _ => {}
        }
        if let Some(extra) = statement.words.get(1)
            && statement.hole().is_none()
        {
            return Err(fault(
                extra.at,
                format!("`{}` takes one argument; sshd refuses what stands behind it", self.row.spelling),
            ));
        }
        let value = match first.known() {
            Some("") => return Err(fault(first.at, format!("`{}` has an empty argument", self.row.spelling))),
            Some(text) => self.one(first, text)?,
            None if matches!(self.row.arg, Arg::Word | Arg::File(_)) => Value::Text(first.text.clone()),
            None => unknown(first),
        };
        if matches!(self.row.ty, crate::schema::Type::List(_))
            && !matches!(value, Value::List(_) | Value::Unknown(_))
            && !matches!(self.row.arg, Arg::Algorithms(_))
        {
            let element = self.node(value, first.at);
            return Ok(self.node(Value::List(vec![element]), first.at));
        }
        Ok(self.node(value, first.at))
    }

    fn one(&self, word: &Word, text: &str) -> Result<Value, Fault> {
        Ok(match self.row.arg {
            Arg::Flag if text.eq_ignore_ascii_case("yes") => Value::Bool(true),
            Arg::Flag if text.eq_ignore_ascii_case("no") => Value::Bool(false),
            Arg::Flag => return Err(self.refused(word, "`yes` or `no`")),
            Arg::OneOf(words) => match words.iter().find(|(name, _)| text.eq_ignore_ascii_case(name)) {
                Some((_, printed)) => Value::text(*printed),
                None => return Err(self.refused(word, &listed(words.iter().map(|(name, _)| *name)))),
            },
            Arg::Exactly(words) if words.contains(&text) => Value::text(text),
            Arg::Exactly(words) => return Err(self.refused(word, &listed(words.iter().copied()))),
            Arg::Number => Value::Int(number(text).ok_or_else(|| self.refused(word, "a number from 0 on"))?),
            Arg::NumberOrNone if text == "none" => Value::text("none"),
            Arg::NumberOrNone => {
                let number = number(text).ok_or_else(|| self.refused(word, "a number from 0 on, or `none`"))?;
                Value::text(number.to_string())
            }
            Arg::Time => {
                Value::Int(time(text).ok_or_else(|| self.refused(word, "a time such as `90`, `2m30s` or `1h`"))?)
            }
            Arg::TimeOrNone if text.eq_ignore_ascii_case("none") => Value::text("none"),
            Arg::TimeOrNone => match time(text) {
                Some(0) => Value::text("none"),
                Some(seconds) => Value::text(seconds.to_string()),
                None => return Err(self.refused(word, "a time such as `90` or `1h`, or `none`")),
            },
            Arg::File(word) => file(text, word),
            Arg::Algorithms(kind) => self.algorithms(word, text, kind)?,
            // The file has names of services too, which the host's own list tells.
            Arg::Port => match port(text) {
                Some(port) => Value::Int(port),
                None if service(text) => {
                    Value::Unknown(Why::Runtime(format!("the port of the service `{text}`").into()))
                }
                None => return Err(self.refused(word, "a port from 1 to 65535")),
            },
            Arg::MaxStartups => Value::text(
                startups(text).ok_or_else(|| self.refused(word, "`start:rate:full`, or one number from 1 on"))?,
            ),
            Arg::NetBlock => Value::text(
                net_block(text)
                    .ok_or_else(|| self.refused(word, "prefix lengths for IPv4 and IPv6, such as `24:56`"))?,
            ),
            Arg::Mask => match mask(text) {
                Some(mask) => Value::text(format!("0{mask:o}")),
                None => return Err(self.refused(word, "a file mask in octal, such as `0177`")),
            },
            Arg::Addresses if super::criteria::bad_list(text) => {
                return Err(self.refused(word, "address ranges without bits behind their mask"));
            }
            Arg::Word if self.row.name == "gssapikexalgorithms" => self.gssapi(word, text)?,
            Arg::Word if self.row.name == "authorizedprincipalsfile" && text.starts_with('~') => {
                Value::Unknown(Why::Runtime("the home folder".into()))
            }
            // What `none` is in other letters is settled when the file was read, without what Match blocks set.
            Arg::Word if self.row.name == "authorizedprincipalsfile" && self.in_match => Value::text(text),
            // An account may have that name.
            Arg::Word if self.row.name.ends_with("commanduser") => Value::text(text),
            Arg::Word => none_or(Value::text(text)),
            _ => Value::text(text),
        })
    }

    /// The key exchanges of the patch for GSSAPI.
    fn gssapi(&self, word: &Word, text: &str) -> Result<Value, Fault> {
        const NAMES: [&str; 7] = [
            "gss-gex-sha1-",
            "gss-group1-sha1-",
            "gss-group14-sha1-",
            "gss-group14-sha256-",
            "gss-group16-sha512-",
            "gss-nistp256-sha256-",
            "gss-curve25519-sha256-",
        ];
        let known = text.split(',').all(|name| NAMES.contains(&name));
        if known { Ok(Value::text(text)) } else { Err(self.refused(word, &listed(NAMES.into_iter()))) }
    }

    fn command(&self) -> Read {
        let rest = &self.statement.rest;
        let none = rest.known().is_some_and(|text| text.eq_ignore_ascii_case("none"));
        let absolute = self.statement.words.is_empty() || rest.known().is_none_or(|text| text.starts_with('/'));
        if none || absolute {
            // As it is written, in whatever case.
            return Ok(self.node(Value::Text(rest.text.clone()), rest.at));
        }
        Err(fault(rest.at, format!("`{}` wants a command with its full path, or `none`", self.row.spelling)))
    }

    fn list(&self, check: Check) -> Read {
        let words = &self.statement.words;
        let mut nodes: Vec<Node> = Vec::with_capacity(words.len());
        let mut names = BTreeSet::new();
        let older = self.versions.newest < Version([10, 0, 0]);
        for (index, word) in words.iter().enumerate() {
            let Some(text) = word.known() else {
                nodes.push(self.node(unknown(word), word.at));
                continue;
            };
            let (alone, first) = (words.len() == 1, nodes.is_empty());
            // An empty word ends these lists, and nothing may follow it.
            if text.is_empty() && !first && index + 1 == words.len() && matches!(check, Check::Open | Check::Listen) {
                break;
            }
            // `none` among files is refused since 10.0; of timeouts sshd looks only for what stands behind it.
            let last = check == Check::Timeout && index + 1 == words.len();
            let alone = alone || older && (check == Check::Files || last);
            if let Some(expected) = refusal(check, text, alone, first) {
                return Err(self.refused(word, expected));
            }
            let text = match check {
                Check::Listen if !text.contains(':') && text != "any" && text != "none" => format!("*:{text}"),
                _ => text.to_owned(),
            };
            // Of one variable on one line the first value holds.
            let name = text.split('=').next().unwrap_or_default();
            if check == Check::Environment && !names.insert(name.to_owned()) {
                continue;
            }
            let value = match check {
                Check::Files if self.row.name == "revokedkeys" => file(&text, "none"),
                Check::Files if text.starts_with('~') => Value::Unknown(Why::Runtime("the home folder".into())),
                _ => Value::text(text),
            };
            nodes.push(self.node(value, word.at));
        }
        // The list is empty then, but for what a Match block sets.
        let alone =
            matches!(words.as_slice(), [word] if word.known().is_some_and(|text| text.eq_ignore_ascii_case("none")));
        if check == Check::Timeout && alone && older && !self.in_match {
            nodes.clear();
        }
        // Before 10.3 there is one file, and a second word is refused.
        if self.row.name == "revokedkeys" && words.len() > 1 && self.versions.newest < Version([10, 0, 0]) {
            let extra = words.get(1).map_or(self.statement.keyword_at, |word| word.at);
            return Err(fault(extra, "`RevokedKeys` takes one argument; sshd refuses what stands behind it"));
        }
        Ok(self.node(Value::List(nodes), self.statement.arguments_at()))
    }

    fn subsystem(&self) -> Read {
        let words = &self.statement.words;
        let at = self.statement.arguments_at();
        let empty = words.iter().take(2).any(|word| word.known() == Some(""));
        if empty || words.len() < 2 && self.statement.hole().is_none() {
            return Err(fault(at, "`Subsystem` wants a name and a command"));
        }
        let known: Option<Vec<&str>> = words.iter().map(Word::known).collect();
        let value = match known {
            Some(words) => Value::text(words.join(" ")),
            None => Value::Text(self.statement.rest.text.clone()),
        };
        Ok(self.node(Value::List(vec![self.node(value, at)]), at))
    }

    fn pubkey_options(&self) -> Read {
        const OPTIONS: [&str; 2] = ["touch-required", "verify-required"];
        let at = self.statement.arguments_at();
        if let Some(why) = self.statement.hole() {
            return Ok(self.node(Value::Unknown(why.clone()), at));
        }
        let mut found = [None; 2];
        for word in &self.statement.words {
            let text = word.known().unwrap_or_default();
            match OPTIONS.iter().position(|option| text.eq_ignore_ascii_case(option)) {
                Some(index) => {
                    if let Some(slot) = found.get_mut(index) {
                        *slot = Some(word.at);
                    }
                }
                None if text.eq_ignore_ascii_case("none") => {}
                None => return Err(self.refused(word, "`touch-required`, `verify-required` or `none`")),
            }
        }
        let mut nodes: Vec<Node> = OPTIONS
            .iter()
            .zip(found)
            .filter_map(|(option, at)| at.map(|at| self.node(Value::text(*option), at)))
            .collect();
        if nodes.is_empty() {
            nodes.push(self.node(Value::text("none"), at));
        }
        Ok(self.node(Value::List(nodes), at))
    }

    /// One or two words; one stands for both.
    fn two(&self, first: &Word, read: fn(&str) -> Option<String>, expected: &str) -> Read {
        let words = &self.statement.words;
        let at = self.statement.arguments_at();
        if let Some(why) = self.statement.hole() {
            return Ok(self.node(Value::Unknown(why.clone()), at));
        }
        if let Some(extra) = words.get(2) {
            return Err(fault(extra.at, format!("`{}` takes two arguments at most", self.row.spelling)));
        }
        let one = |word: &Word| read(word.known().unwrap_or_default()).ok_or_else(|| self.refused(word, expected));
        let left = one(first)?;
        let right = words.get(1).map(one).transpose()?.unwrap_or_else(|| left.clone());
        Ok(self.node(Value::text(format!("{left} {right}")), at))
    }

    fn rekey_limit(&self, first: &Word) -> Read {
        let words = &self.statement.words;
        let at = self.statement.arguments_at();
        if let Some(why) = self.statement.hole() {
            return Ok(self.node(Value::Unknown(why.clone()), at));
        }
        let text = first.known().unwrap_or_default();
        let bytes = if text == "default" { Some(0) } else { scaled(text).filter(|&bytes| bytes == 0 || bytes >= 16) };
        let bytes =
            bytes.ok_or_else(|| self.refused(first, "a number of bytes such as `1G`, at least 16, or `default`"))?;
        let seconds = match words.get(1).map(|word| (word, word.known().unwrap_or_default())) {
            None | Some((_, "none")) => None,
            Some((word, text)) => Some(time(text).ok_or_else(|| self.refused(word, "a time such as `1h`, or `none`"))?),
        };
        if let Some(extra) = words.get(2) {
            return Err(fault(extra.at, "`RekeyLimit` takes two arguments at most"));
        }
        // Without a time, a later line may still set it: see `with_interval`.
        let text = seconds.map_or_else(|| bytes.to_string(), |seconds| format!("{bytes} {seconds}"));
        Ok(self.node(Value::text(text), at))
    }

    fn listen(&self, first: &Word) -> Read {
        let at = self.statement.arguments_at();
        let value = match first.known() {
            None => unknown(first),
            Some(text) => {
                let (_, port_text) = split_address(text).ok_or_else(|| self.refused(first, "an address"))?;
                if port_text.is_some_and(|text| port(text).is_none() && !service(text)) {
                    return Err(self.refused(first, "a port from 1 to 65535 behind the colon"));
                }
                Value::text(text)
            }
        };
        match self.statement.words.get(1) {
            Some(word) if word.known() != Some("rdomain") && word.hole().is_none() => {
                return Err(fault(word.at, "behind the address of `ListenAddress` only `rdomain` may stand"));
            }
            // Linux has no routing domains, other systems do.
            Some(_) => {
                let why = Why::Runtime("the routing domain".into());
                return Ok(self.node(Value::List(vec![self.node(Value::Unknown(why), at)]), at));
            }
            None => {}
        }
        Ok(self.node(Value::List(vec![self.node(value, first.at)]), at))
    }

    fn algorithms(&self, word: &Word, text: &str, kind: Algorithms) -> Result<Value, Fault> {
        let mark = text.starts_with(['+', '-', '^']);
        let names = if mark { text.get(1..).unwrap_or_default() } else { text };
        if !text.starts_with('-') {
            if names.is_empty() {
                return Err(self.refused(word, "names of algorithms"));
            }
            let mut from = usize::from(mark);
            // sshd looks at no name behind an empty one.
            for name in names.split(',').take_while(|name| !name.is_empty()) {
                if !algorithms::accepted(kind, name, self.versions) {
                    // Offsets hold as long as the word has neither quotes nor escapes.
                    let start = word.at.start as usize + from;
                    let plain = word.at.range().len() == text.len();
                    let at = if plain { Span::new(start, start + name.len()) } else { word.at };
                    return Err(fault(
                        at,
                        format!(
                            "no version of sshd that is judged knows `{}`: it refuses `{}`",
                            short(name),
                            self.row.spelling
                        ),
                    ));
                }
                from += name.len() + 1;
            }
        }
        // What the list amounts to depends on the version's default: see `resolve`.
        Ok(Value::text(text))
    }
}

/// Whether a text has a character, as far as it is known.
fn contains(text: &Text, c: char) -> bool {
    match text {
        Text::Known(text) => text.contains(c),
        Text::Pieces(pieces) => pieces.iter().any(|piece| matches!(piece, Piece::Known(text) if text.contains(c))),
    }
}

fn unknown(word: &Word) -> Value {
    Value::Unknown(word.hole().cloned().unwrap_or(Why::Limit("its value could not be read")))
}

/// Several keywords take `none` in any case for "not set".
fn none_or(value: Value) -> Value {
    match value.as_str() {
        Some(text) if text.eq_ignore_ascii_case("none") => Value::text("none"),
        _ => value,
    }
}

/// What a checked word should be, if it is not.
fn refusal(check: Check, text: &str, alone: bool, first: bool) -> Option<&'static str> {
    let none_alone = text.eq_ignore_ascii_case("none") && !alone;
    let (fine, expected) = match check {
        Check::Any => (!text.is_empty(), "a word that is not empty"),
        Check::Places => (!text.is_empty() && !none_alone, "places in sshd's source, or `none` alone"),
        Check::Files => (!text.is_empty() && !none_alone, "files, or `none` alone"),
        Check::User => {
            let host = text.split_once('@').map(|(_, host)| host);
            (!text.is_empty() && host.is_none_or(|host| !super::criteria::bad_list(host)), "a user, or `user@host`")
        }
        Check::EnvironmentName => (!text.is_empty() && !text.contains('='), "names of variables"),
        Check::Environment => (text.contains('='), "`NAME=value`"),
        Check::Open | Check::Listen if first && (text == "any" || text == "none") => {
            (alone, "`any` or `none` to stand alone")
        }
        Check::Open => (host_and_port(text), "`host:port`, `any` or `none`"),
        Check::Listen => (forward_port(text) || host_and_port(text), "`[host:]port`, `any` or `none`"),
        Check::Methods => (
            if text == "any" { alone } else { text.split(',').all(method) },
            "methods such as `publickey,password`, or `any` alone",
        ),
        Check::Timeout => {
            let timed = text.split_once('=').is_some_and(|(kind, after)| !kind.is_empty() && time(after).is_some());
            (timed || text.eq_ignore_ascii_case("none") && alone, "`type=time`, or `none` alone")
        }
        Check::Penalties => {
            let switch = text.eq_ignore_ascii_case("yes") || text.eq_ignore_ascii_case("no");
            (if switch { alone } else { text.contains(':') }, "`name:value`, or `yes` or `no` alone")
        }
    };
    (!fine).then_some(expected)
}

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    format!("one of {}", quoted.join(", "))
}

fn file(text: &str, word: &str) -> Value {
    if text.eq_ignore_ascii_case(word) || text.eq_ignore_ascii_case("none") {
        let word = if text.eq_ignore_ascii_case("none") { "none" } else { word };
        return Value::text(word);
    }
    match text.as_bytes().first() {
        Some(b'/') => Value::text(text),
        _ => Value::Unknown(Why::Runtime("the folder that sshd is started in".into())),
    }
}

/// The value of `RekeyLimit` that holds where `first` comes before `later`: a time that the first does not set is the
/// later one's. Nothing where the later one has no effect.
pub(super) fn with_interval(row: &Keyword, first: &Value, later: &Value) -> Option<Value> {
    let bytes = first.as_str().filter(|text| row.arg == Arg::RekeyLimit && !text.contains(' '))?;
    if let Value::Unknown(why) = later {
        return Some(Value::Unknown(why.clone()));
    }
    let (_, seconds) = later.as_str()?.split_once(' ')?;
    Some(Value::text(format!("{bytes} {seconds}")))
}

/// An authentication method, with the device that it may name.
fn method(text: &str) -> bool {
    let name = text.split(':').next().unwrap_or_default();
    ["none", "publickey", "password", "keyboard-interactive", "hostbased", "gssapi-with-mic", "gssapi-keyex"]
        .contains(&name)
}
