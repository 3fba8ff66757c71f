//! One line as PostgreSQL understands it: a record, or why it refuses the line, in its own words.
//!
//! Looks at one line alone; what an earlier record leaves of a later one is told in `order`.

use super::address::{self, Address, Range};
use super::load::{Line, Token};
use super::options::{Behind, Options, Refused, refused};
use super::regex;
use crate::formats::words::Words;
use crate::model::Why;
use crate::syntax::template::HOLE;
use crate::text::Loc;

/// What a record may begin with.
pub(super) const WORDS: Words = Words {
    statements: &[
        ("local", "For connections through a socket of the machine."),
        ("host", "For connections over the network, with TLS and without."),
        ("hostssl", "For connections with TLS."),
        ("hostnossl", "For connections without TLS."),
        ("hostgssenc", "For connections that GSSAPI encrypts."),
        ("hostnogssenc", "For connections that GSSAPI does not encrypt."),
    ],
    values: |name| match name {
        "auth_method" => METHODS.iter().map(|(name, _)| *name).collect(),
        _ => Vec::new(),
    },
    ..Words::NONE
};

/// A record.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// `local`, `host`, …
    pub(super) kind: &'static str,
    pub(super) kind_at: Loc,
    /// The connections that it is for, as bits: [`LOCAL`], [`PLAIN`], [`TLS`], [`GSS`].
    pub(super) ways: u8,
    pub(super) databases: Vec<Name>,
    pub(super) users: Vec<Name>,
    /// Which clients; `None` for `local`.
    pub(super) address: Option<(Result<Address, Why>, Loc)>,
    /// Who lets them in, and how.
    pub(super) method: (Result<&'static str, Why>, Loc),
    pub(super) options: Options,
    /// What is written behind the method.
    pub(super) written: Vec<Token>,
}

/// Over a socket of the machine.
pub(super) const LOCAL: u8 = 1;
/// Over the network, in the clear.
pub(super) const PLAIN: u8 = 2;
/// Over the network, with TLS.
pub(super) const TLS: u8 = 4;
/// Over the network, encrypted by GSSAPI.
pub(super) const GSS: u8 = 8;

/// The types of records, and the connections that each is for.
const KINDS: [(&str, u8); 6] = [
    ("local", LOCAL),
    ("host", PLAIN | TLS | GSS),
    ("hostssl", TLS),
    ("hostnossl", PLAIN | GSS),
    ("hostgssenc", GSS),
    ("hostnogssenc", PLAIN | TLS),
];

/// All methods, and the first version that knows each.
const METHODS: [(&str, u16); 14] = [
    ("trust", 0),
    ("ident", 0),
    ("peer", 0),
    ("password", 0),
    ("gss", 0),
    ("sspi", 0),
    ("reject", 0),
    ("md5", 0),
    ("scram-sha-256", 10),
    ("pam", 0),
    ("bsd", 0),
    ("ldap", 0),
    ("cert", 0),
    ("radius", 0),
];

/// The connections that a type of record is for.
pub(super) fn ways(kind: &str) -> Option<u8> {
    KINDS.iter().find(|(name, _)| *name == kind).map(|(_, ways)| *ways)
}

/// What a database or a role has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) is: Is,
    /// As it is written, without quotes.
    pub(super) text: String,
    pub(super) at: Loc,
}

/// What a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Is {
    /// `all`.
    All,
    /// `sameuser`: the database is called as the role.
    SameUser,
    /// `samerole`, `samegroup`: the role is in one called as the database.
    SameRole,
    /// `replication`: no database, but a copy of all of them.
    Replication,
    /// `+name`: roles that are in that one.
    Group,
    /// `/pattern`.
    Pattern,
    /// That name.
    Plain,
    /// Something that is not at hand.
    Unknown(Why),
}

/// What a line is.
pub(super) enum Parsed {
    Record(Box<Record>),
    Refused(Refused),
    /// A template fills it in.
    Unknown(Why),
}

/// Reads a line as the version with that major number does.
pub(super) fn parse(line: &Line, major: u16) -> Parsed {
    if let Some(error) = &line.error {
        return Parsed::Refused(refused(error.clone()));
    }
    let hole = || line.fields.iter().flatten().find_map(|token| token.hole.clone());
    match record(line, major) {
        Ok(record) => Parsed::Record(record.into()),
        Err(refused) => match hole() {
            Some(why) => Parsed::Unknown(why),
            None => Parsed::Refused(refused),
        },
    }
}

impl Record {
    /// The record in one line, without what its method is told.
    pub(super) fn label(&self) -> String {
        let names = |names: &[Name]| names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(",");
        let mut words = vec![self.kind.to_owned(), names(&self.databases), names(&self.users)];
        words.extend(self.address.iter().map(|(address, _)| match address {
            Ok(address) => address.to_string(),
            Err(_) => "?".to_owned(),
        }));
        words.push(self.method.0.as_ref().map_or("?", |method| method).to_owned());
        // What is filled in elsewhere is as long as its expression.
        let mut label = words.join(" ").replace(HOLE, "?");
        while label.contains("??") {
            label = label.replace("??", "?");
        }
        label
    }
}

/// The fields of a line, one after the other.
struct Fields<'l>(std::slice::Iter<'l, Vec<Token>>);

impl<'l> Fields<'l> {
    fn all(&mut self, what: &str) -> Result<&'l [Token], Refused> {
        let field = self.0.next().ok_or_else(|| refused(format!("end-of-line before {what}")))?;
        Ok(field)
    }

    fn one(&mut self, before: &str, what: &str) -> Result<&'l Token, Refused> {
        match self.all(before)? {
            [token] => Ok(token),
            _ => Err(refused(format!("multiple values specified for {what}"))),
        }
    }
}

fn record(line: &Line, major: u16) -> Result<Record, Refused> {
    let mut fields = Fields(line.fields.iter());
    let kind = fields.one("connection type", "connection type")?;
    let known = KINDS.iter().find(|(name, _)| *name == kind.text && (major >= 12 || !name.contains("gss")));
    let Some(&(name, ways)) = known else {
        return Err(refused(format!("invalid connection type \"{}\"", kind.text)));
    };
    let databases = names(fields.all("database specification")?, major, |text| match text {
        "sameuser" => Some(Is::SameUser),
        "samerole" | "samegroup" => Some(Is::SameRole),
        "replication" => Some(Is::Replication),
        _ => None,
    })?;
    let users = names(fields.all("role specification")?, major, |text| text.starts_with('+').then_some(Is::Group))?;
    let address = if ways == LOCAL { None } else { Some(client(&mut fields)?) };
    let token = fields.one("authentication method", "authentication type")?;
    let method = match &token.hole {
        Some(why) => Err(why.clone()),
        None => Ok(method_of(token, name, major)?),
    };
    let written: Vec<Token> = fields.0.flatten().cloned().collect();
    let mut options = Options::new(method.as_ref().map_or("", |method| method));
    if let Ok(method) = method {
        for token in written.iter().filter(|token| token.hole.is_none()) {
            let (option, value) = token
                .text
                .split_once('=')
                .ok_or_else(|| refused(format!("authentication option not in name=value format: {}", token.text)))?;
            options.take(option, value, Behind { hostssl: name == "hostssl", method, major })?;
        }
        if written.iter().all(|token| token.hole.is_none()) {
            options.finish(method)?;
        }
    }
    let pattern = |name: &&Name| name.is == Is::Pattern && !regex::is_plain(name.text.trim_start_matches('/'));
    if databases.iter().chain(&users).find(pattern).is_some() {
        options.unsure.get_or_insert(Why::Limit("whether PostgreSQL takes the regular expression is not known"));
    }
    let method = (method, token.at);
    Ok(Record { kind: name, kind_at: kind.at, ways, databases, users, address, method, options, written })
}

fn names(tokens: &[Token], major: u16, keyword: impl Fn(&str) -> Option<Is>) -> Result<Vec<Name>, Refused> {
    let name = |token: &Token| {
        let keyword = || if token.text == "all" { Some(Is::All) } else { keyword(&token.text) };
        let is = match &token.hole {
            Some(why) => Is::Unknown(why.clone()),
            None => match keyword().filter(|_| !token.quoted) {
                Some(keyword) => keyword,
                None if token.text.starts_with('/') && major >= 16 => {
                    let pattern = token.text.get(1..).unwrap_or_default();
                    if let Some(why) = regex::fault(pattern) {
                        return Err(refused(format!("invalid regular expression \"{pattern}\": {why}")));
                    }
                    Is::Pattern
                }
                None => Is::Plain,
            },
        };
        Ok(Name { is, text: token.text.clone(), at: token.at })
    };
    tokens.iter().map(name).collect()
}

/// The address, with the mask behind it if it has one.
fn client(fields: &mut Fields<'_>) -> Result<(Result<Address, Why>, Loc), Refused> {
    let token = fields.one("IP address specification", "host address")?;
    if let Some(why) = &token.hole {
        // What a template fills in is one field, or an address before its mask.
        let mut ahead = Fields(fields.0.clone());
        let mask = ahead.one("", "").ok().filter(|next| !token.text.contains('/') && is_mask(next));
        if let Some(mask) = mask {
            *fields = ahead;
            return Ok((Err(why.clone()), joined(token, mask)));
        }
        return Ok((Err(why.clone()), token.at));
    }
    let keyword = match token.text.as_str() {
        "all" => Some(Address::All),
        "samehost" => Some(Address::SameHost),
        "samenet" => Some(Address::SameNet),
        _ => None,
    };
    if let Some(keyword) = keyword.filter(|_| !token.quoted) {
        return Ok((Ok(keyword), token.at));
    }
    let (text, length) = token.text.split_once('/').map_or((&*token.text, None), |(text, length)| (text, Some(length)));
    match (address::numeric(text), length) {
        (None, None) => Ok((Ok(Address::Host(text.to_owned())), token.at)),
        (None, Some(_)) => {
            Err(refused(format!("specifying both host name and CIDR mask is invalid: \"{}\"", token.text)))
        }
        (Some(ip), Some(length)) => {
            let mask = address::mask(length, ip)
                .ok_or_else(|| refused(format!("invalid CIDR mask in address \"{}\"", token.text)))?;
            Ok((Ok(Address::Range(Range { ip, mask })), token.at))
        }
        (Some(ip), None) => {
            let next = fields.one("netmask specification", "netmask")?;
            if let Some(why) = &next.hole {
                return Ok((Err(why.clone()), joined(token, next)));
            }
            let mask = address::numeric(&next.text)
                .ok_or_else(|| refused(format!("invalid IP mask \"{}\": Name or service not known", next.text)))?;
            if mask.is_ipv4() != ip.is_ipv4() {
                return Err(refused("IP address and mask do not match"));
            }
            Ok((Ok(Address::Range(Range { ip, mask })), joined(token, next)))
        }
    }
}

fn is_mask(token: &Token) -> bool {
    token.hole.is_none() && token.text.contains(['.', ':']) && address::numeric(&token.text).is_some()
}

fn joined(token: &Token, next: &Token) -> Loc {
    Loc::new(token.at.file, token.at.span.to(next.at.span))
}

/// The method that a record of such a type has.
fn method_of(token: &Token, kind: &str, major: u16) -> Result<&'static str, Refused> {
    let all = METHODS.into_iter().chain((major >= 18).then_some(("oauth", 18)));
    let known = all.into_iter().find(|(name, since)| *name == token.text && *since <= major);
    let Some((method, _)) = known else {
        return Err(refused(format!("invalid authentication method \"{}\"", token.text)));
    };
    match (method, kind) {
        // Windows alone has the one, OpenBSD alone the other.
        ("sspi" | "bsd", _) => {
            Err(refused(format!("invalid authentication method \"{method}\": not supported by this build")))
        }
        ("ident", "local") => Ok("peer"),
        ("gss", "local") => Err(refused("gssapi authentication is not supported on local sockets")),
        ("peer", kind) if kind != "local" => Err(refused("peer authentication is only supported on local sockets")),
        ("cert", kind) if kind != "hostssl" => {
            Err(refused("cert authentication is only supported on hostssl connections"))
        }
        (method, _) => Ok(method),
    }
}
