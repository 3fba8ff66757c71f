//! The options behind a method, `name=value`: which ones a method takes, and what PostgreSQL makes of them.

use super::address;
use crate::model::Why;
use crate::text::replace_invalid;

/// Options as PostgreSQL keeps them.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    map: Option<String>,
    /// `verify-ca` or `verify-full`.
    pub(super) clientcert: Option<&'static str>,
    pamservice: Option<String>,
    include_realm: bool,
    krb_realm: Option<String>,
    pub(super) ldap: Ldap,
    radius: [Option<String>; 4],
    oauth: [Option<String>; 3],
    oauth_delegates: bool,
    /// Why PostgreSQL may refuse the line all the same.
    pub(super) unsure: Option<Why>,
}

/// Those of `ldap`.
#[derive(Clone, Debug, Default)]
pub(super) struct Ldap {
    server: Option<String>,
    port: i64,
    pub(super) scheme: Option<String>,
    pub(super) tls: bool,
    prefix: Option<String>,
    suffix: Option<String>,
    base: Option<String>,
    bind: Option<String>,
    password: Option<String>,
    attribute: Option<String>,
    filter: Option<String>,
    scope: i64,
}

/// Why an option is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) message: String,
    /// Whether `pg_hba_file_rules` says so; else it shows an empty record.
    pub(super) told: bool,
}

pub(super) fn refused(message: impl Into<String>) -> Refused {
    Refused { message: message.into(), told: true }
}

fn untold(message: impl Into<String>) -> Refused {
    Refused { message: message.into(), told: false }
}

/// What an option stands behind.
#[derive(Clone, Copy)]
pub(super) struct Behind<'r> {
    pub(super) hostssl: bool,
    pub(super) method: &'r str,
    pub(super) major: u16,
}

const RADIUS: [&str; 4] = ["radiusservers", "radiussecrets", "radiusidentifiers", "radiusports"];
const OAUTH: [&str; 3] = ["issuer", "scope", "validator"];

impl Options {
    /// Options before any is read.
    pub(super) fn new(method: &str) -> Self {
        Self { include_realm: matches!(method, "gss" | "sspi"), ..Self::default() }
    }

    /// Takes one option.
    pub(super) fn take(&mut self, name: &str, value: &str, behind: Behind<'_>) -> Result<(), Refused> {
        // Each option of LDAP's library begins with the widest scope, whatever a URL before it said.
        self.ldap.scope = 2;
        let Behind { hostssl, method, major } = behind;
        let text = || Some(value.to_owned());
        let only = |methods: &[&str], told: &str| {
            if methods.contains(&method) { Ok(()) } else { Err(misplaced(name, told)) }
        };
        match name {
            "map" => {
                let new = major >= 18;
                let fits = ["ident", "peer", "gss", "sspi", "cert"].contains(&method) || (new && method == "oauth");
                if !fits {
                    let oauth = if new {
                        "ident, peer, gssapi, sspi, cert, and oauth"
                    } else {
                        "ident, peer, gssapi, sspi, and cert"
                    };
                    return Err(misplaced(name, oauth));
                }
                self.map = text();
            }
            "clientcert" | "clientname" if !hostssl && (name == "clientcert" || major >= 14) => {
                return Err(refused(format!("{name} can only be configured for \"hostssl\" rows")));
            }
            "clientcert" => self.clientcert = clientcert(value, method, major, self.clientcert)?,
            "clientname" if major >= 14 => {
                if !["CN", "DN"].contains(&value) {
                    return Err(untold(format!("invalid value for clientname: \"{value}\"")));
                }
            }
            "pamservice" => {
                only(&["pam"], "pam")?;
                self.pamservice = text();
            }
            "pam_use_hostname" => only(&["pam"], "pam")?,
            name if name.starts_with("ldap") && LDAP.contains(&name) => {
                only(&["ldap"], "ldap")?;
                self.ldap.take(name, value)?;
            }
            "krb_realm" => {
                only(&["gss", "sspi"], "gssapi and sspi")?;
                self.krb_realm = text();
            }
            "include_realm" => {
                only(&["gss", "sspi"], "gssapi and sspi")?;
                self.include_realm = value == "1";
            }
            "compat_realm" | "upn_username" => only(&["sspi"], "sspi")?,
            name if RADIUS.contains(&name) => {
                only(&["radius"], "radius")?;
                self.radius(name, value)?;
            }
            "delegate_ident_mapping" if major >= 18 => {
                only(&["oauth"], "oauth")?;
                self.oauth_delegates = value == "1";
            }
            name if major >= 18 && OAUTH.contains(&name) => {
                only(&["oauth"], "oauth")?;
                let slot = OAUTH.iter().position(|known| *known == name);
                slot.and_then(|slot| self.oauth.get_mut(slot)).into_iter().for_each(|slot| *slot = text());
            }
            _ => return Err(refused(format!("unrecognized authentication option name: \"{name}\""))),
        }
        Ok(())
    }

    fn radius(&mut self, name: &str, value: &str) -> Result<(), Refused> {
        let what = match name {
            "radiusservers" => "server",
            "radiusports" => "port",
            "radiussecrets" => "secret",
            _ => "identifiers",
        };
        let Some(items) = list(value) else {
            return Err(untold(format!("could not parse RADIUS {what} list \"{value}\"")));
        };
        if name == "radiusports"
            && let Some(bad) = items.iter().find(|item| atoi(item) == 0)
        {
            return Err(untold(format!("invalid RADIUS port number: \"{bad}\"")));
        }
        if name == "radiusservers"
            && let Some(named) = items.iter().find(|item| address::numeric(item).is_none())
        {
            let what = format!("whether the RADIUS server `{named}` has an address");
            self.unsure.get_or_insert(Why::Runtime(what.into()));
        }
        let slot = RADIUS.iter().position(|known| *known == name);
        slot.and_then(|slot| self.radius.get_mut(slot)).into_iter().for_each(|slot| *slot = Some(value.to_owned()));
        Ok(())
    }

    /// What the options of a method have to say together.
    pub(super) fn finish(&mut self, method: &str) -> Result<(), Refused> {
        match method {
            "ldap" => self.ldap.finish(),
            "radius" => self.radius_is_whole(),
            "cert" => {
                self.clientcert = Some("verify-full");
                Ok(())
            }
            "oauth" => {
                for (name, value) in [("scope", self.oauth.get(1)), ("issuer", self.oauth.first())] {
                    if value.is_none_or(Option::is_none) {
                        return Err(missing("oauth", name));
                    }
                }
                if self.oauth_delegates && self.map.is_some() {
                    return Err(refused("map cannot be used in combination with delegate_ident_mapping"));
                }
                self.unsure.get_or_insert(Why::Runtime("whether `oauth_validator_libraries` names a library".into()));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn radius_is_whole(&self) -> Result<(), Refused> {
        let [servers, secrets, identifiers, ports] = &self.radius;
        let count = |text: &str| list(text).map_or(0, |items| items.len());
        // An empty list is none.
        let filled = |text: &Option<String>| text.as_deref().map(count).filter(|&count| count > 0);
        let all = filled(servers).ok_or_else(|| missing("radius", "radiusservers"))?;
        let keys = filled(secrets).ok_or_else(|| missing("radius", "radiussecrets"))?;
        let optional = |text: &Option<String>| text.as_ref().map_or(1, |text| count(text).max(1));
        let kinds = [("secrets", keys), ("ports", optional(ports)), ("identifiers", optional(identifiers))];
        for (what, size) in kinds {
            if size != 1 && size != all {
                return Err(refused(format!(
                    "the number of RADIUS {what} ({size}) must be 1 or the same as the number of RADIUS servers ({all})"
                )));
            }
        }
        Ok(())
    }

    /// The options as `pg_hba_file_rules` lists them.
    pub(super) fn printed(&self, method: &str) -> Vec<String> {
        let mut all = Vec::new();
        let mut push = |name: &str, value: &Option<String>| {
            if let Some(value) = value {
                all.push(format!("{name}={value}"));
            }
        };
        let yes = |set: bool| set.then(|| "true".to_owned());
        if matches!(method, "gss" | "sspi") {
            push("include_realm", &yes(self.include_realm));
            push("krb_realm", &self.krb_realm);
        }
        push("map", &self.map);
        push("clientcert", &self.clientcert.map(str::to_owned));
        push("pamservice", &self.pamservice);
        if method == "ldap" {
            let ldap = &self.ldap;
            let number = |number: i64| (number != 0).then(|| number.to_string());
            push("ldapserver", &ldap.server);
            push("ldapport", &number(ldap.port));
            push("ldapscheme", &ldap.scheme);
            push("ldaptls", &yes(ldap.tls));
            push("ldapprefix", &ldap.prefix);
            push("ldapsuffix", &ldap.suffix);
            push("ldapbasedn", &ldap.base);
            push("ldapbinddn", &ldap.bind);
            push("ldapbindpasswd", &ldap.password);
            push("ldapsearchattribute", &ldap.attribute);
            push("ldapsearchfilter", &ldap.filter);
            push("ldapscope", &number(ldap.scope));
        }
        RADIUS.iter().zip(&self.radius).for_each(|(name, value)| push(name, value));
        OAUTH.iter().zip(&self.oauth).for_each(|(name, value)| push(name, value));
        push("delegate_ident_mapping", &yes(self.oauth_delegates));
        all
    }
}

const LDAP: [&str; 12] = [
    "ldapurl",
    "ldaptls",
    "ldapscheme",
    "ldapserver",
    "ldapport",
    "ldapbinddn",
    "ldapbindpasswd",
    "ldapsearchattribute",
    "ldapsearchfilter",
    "ldapbasedn",
    "ldapprefix",
    "ldapsuffix",
];

impl Ldap {
    fn take(&mut self, name: &str, value: &str) -> Result<(), Refused> {
        let text = Some(value.to_owned());
        match name {
            "ldapurl" => return self.url(value),
            "ldaptls" => self.tls = value == "1",
            "ldapscheme" => self.scheme = text,
            "ldapserver" => self.server = text,
            "ldapport" => {
                self.port = atoi(value);
                if self.port == 0 {
                    return Err(refused(format!("invalid LDAP port number: \"{value}\"")));
                }
            }
            "ldapbinddn" => self.bind = text,
            "ldapbindpasswd" => self.password = text,
            "ldapsearchattribute" => self.attribute = text,
            "ldapsearchfilter" => self.filter = text,
            "ldapbasedn" => self.base = text,
            "ldapprefix" => self.prefix = text,
            "ldapsuffix" => self.suffix = text,
            _ => return Err(refused(format!("unrecognized authentication option name: \"{name}\""))),
        }
        Ok(())
    }

    /// `scheme://host:port/base?attributes?scope?filter?extensions`.
    fn url(&mut self, url: &str) -> Result<(), Refused> {
        // PostgreSQL tells the errors of URLs by the names of other ones, which have the same numbers.
        let broken = |why: &str| refused(format!("could not parse LDAP URL \"{url}\": {why}"));
        let bare = url.strip_prefix('<').map_or(url, |rest| rest.strip_suffix('>').unwrap_or(rest));
        let bare = bare.strip_prefix("URL:").unwrap_or(bare);
        let (scheme, rest) = bare.split_once("://").ok_or_else(|| broken("Time limit exceeded"))?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme == "ldapi" {
            return Err(refused(format!("unsupported LDAP URL scheme: {scheme}")));
        }
        if !["ldap", "ldaps"].contains(&&*scheme) {
            return Err(broken("Time limit exceeded"));
        }
        let (place, path) = rest.split_once('/').map_or((rest, None), |(place, path)| (place, Some(path)));
        let (host, port) = match place.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            Some((host, port)) => (host, port.parse().map_err(|_| broken("Compare False"))?),
            None => (place, 0),
        };
        let usual = if scheme == "ldaps" { 636 } else { 389 };
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let parts: Vec<&str> = path.map(|path| path.split('?').collect()).unwrap_or_default();
        let scope = match parts.get(2).map_or(String::new(), |part| unescaped(part).to_ascii_lowercase()).as_str() {
            "" | "base" => 0,
            "one" | "onelevel" => 1,
            "sub" | "subtree" => 2,
            "children" | "subordinate" => 3,
            _ => return Err(broken("Strong(er) authentication required")),
        };
        match parts.get(4) {
            Some(&"") => return Err(broken("Referral")),
            Some(_) if parts.len() > 5 => return Err(broken("Compare False")),
            _ => {}
        }
        let filled = |index: usize| parts.get(index).filter(|part| !part.is_empty()).copied();
        self.port = if port == 0 { usual } else { port };
        self.scope = scope;
        self.scheme = Some(scheme);
        if !host.is_empty() {
            self.server = Some(unescaped(host));
        }
        if let Some(base) = parts.first() {
            self.base = Some(unescaped(base));
        }
        if let Some(first) = filled(1).and_then(|all| all.split(',').find(|one| !one.is_empty())) {
            self.attribute = Some(unescaped(first));
        }
        if let Some(filter) = filled(3) {
            self.filter = Some(unescaped(filter));
        }
        Ok(())
    }

    fn finish(&self) -> Result<(), Refused> {
        let searches = [&self.base, &self.bind, &self.password, &self.attribute, &self.filter];
        if self.prefix.is_some() || self.suffix.is_some() {
            if searches.iter().any(|part| part.is_some()) {
                return Err(refused(
                    "cannot use ldapbasedn, ldapbinddn, ldapbindpasswd, ldapsearchattribute, ldapsearchfilter, or \
                     ldapurl together with ldapprefix",
                ));
            }
        } else if self.base.is_none() {
            return Err(refused(
                "authentication method \"ldap\" requires argument \"ldapbasedn\", \"ldapprefix\", or \"ldapsuffix\" to \
                 be set",
            ));
        }
        if self.attribute.is_some() && self.filter.is_some() {
            return Err(refused("cannot use ldapsearchattribute together with ldapsearchfilter"));
        }
        Ok(())
    }
}

/// A part of a URL without its `%41`s; nothing where one is broken.
fn unescaped(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            out.push(*first);
            continue;
        }
        let byte = after.get(..2).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        let Some(byte) = byte else { return String::new() };
        out.push(byte);
        rest = after.get(2..).unwrap_or_default();
    }
    replace_invalid(&out)
}

fn misplaced(name: &str, methods: &str) -> Refused {
    refused(format!("authentication option \"{name}\" is only valid for authentication methods {methods}"))
}

fn missing(method: &str, name: &str) -> Refused {
    refused(format!("authentication method \"{method}\" requires argument \"{name}\" to be set"))
}

/// What `clientcert` asks for.
fn clientcert(
    value: &str,
    method: &str,
    major: u16,
    before: Option<&'static str>,
) -> Result<Option<&'static str>, Refused> {
    match value {
        "verify-full" => Ok(Some("verify-full")),
        "verify-ca" if method == "cert" && major >= 14 => {
            Err(refused("clientcert can only be set to \"verify-full\" when using \"cert\" authentication"))
        }
        "verify-ca" => Ok(Some("verify-ca")),
        // Versions before 14 took numbers.
        "1" if major < 14 => Ok(Some("verify-ca")),
        "0" | "no-verify" if major < 14 && method == "cert" => {
            Err(refused("clientcert can not be set to \"no-verify\" when using \"cert\" authentication"))
        }
        "0" | "no-verify" if major < 14 => Ok(before.and(None)),
        value => Err(untold(format!("invalid value for clientcert: \"{value}\""))),
    }
}

/// A number as C's `atoi` reads it.
fn atoi(text: &str) -> i64 {
    let text = text.trim_start();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits: String = digits.chars().take_while(char::is_ascii_digit).take(10).collect();
    sign * digits.parse::<i64>().unwrap_or(0)
}

/// The elements between commas, quotes taken off; `None` where PostgreSQL cannot read them.
fn list(text: &str) -> Option<Vec<String>> {
    let mut items = Vec::new();
    let mut rest = text.trim_start();
    if rest.is_empty() {
        return Some(items);
    }
    loop {
        let (item, after) = match rest.strip_prefix('"') {
            Some(inside) => {
                let end = inside.find('"')?;
                (inside.get(..end)?, inside.get(end + 1..)?)
            }
            None => rest.split_at(rest.find([',', ' ', '\t', '\n', '\r']).unwrap_or(rest.len())),
        };
        if item.is_empty() && !rest.starts_with('"') {
            return None;
        }
        items.push(item.to_owned());
        match after.trim_start() {
            "" => return Some(items),
            after => rest = after.strip_prefix(',')?.trim_start(),
        }
    }
}
