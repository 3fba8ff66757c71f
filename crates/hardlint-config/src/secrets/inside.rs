//! Secrets inside free text: a message, a line of code, a command.
//!
//! It knows nothing of formats, so it goes by what stands around a value: a name, a flag, an address, the form of the
//! value itself. It is one pass over the text, and serves to hide, never to judge.

use super::{is_reference, is_secret_name, is_switch};
use std::borrow::Cow;
use std::ops::Range;

/// Where in a text the values of secrets stand, in order.
pub fn spans(text: &str) -> Vec<Range<usize>> {
    let mut seeker = Seeker { text, ..Seeker::default() };
    seeker.seek();
    seeker.urls();
    seeker.users();
    seeker.hashes();
    let mut found = seeker.found;
    found.sort_unstable_by_key(|span| (span.start, span.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for span in found {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// The text with `*****` for each secret in it.
pub fn hide(text: &str) -> Cow<'_, str> {
    hide_as(text, |_| "*****".to_owned())
}

/// The text with what `instead` gives for each secret in it.
pub fn hide_as(text: &str, instead: impl Fn(&str) -> String) -> Cow<'_, str> {
    let spans = spans(text);
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for span in spans {
        out.push_str(text.get(at..span.start).unwrap_or_default());
        at = span.end;
        out.push_str(&instead(text.get(span).unwrap_or_default()));
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(out)
}

/// A message about a line, without the words of the line that may be a secret: where any word of it names one, a reader
/// that stumbled cannot tell which of the others is its value.
pub fn hide_words_of<'m>(line: &str, message: &'m str) -> Cow<'m, str> {
    const STEMS: &[&str] = &["passw", "passphrase", "secret", "token", "apikey", "fernet", "credential", "requirepass"];
    /// What is shorter stands in any sentence.
    const SHORT: usize = 4;
    let is_name = |word: &str| {
        let lower = word.to_ascii_lowercase();
        STEMS.iter().any(|stem| lower.contains(stem)) || is_secret_name(word) || names_secret(word)
    };
    let ends =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '=' | ',' | ';' | '*' | '(' | ')' | '[' | ']');
    let words = || line.split(ends).filter(|word| !word.is_empty());
    if !words().any(|word| is_name(word.trim_end_matches(':'))) {
        return Cow::Borrowed(message);
    }
    let mut hidden = Cow::Borrowed(message);
    // The first word is the keyword or the key.
    for word in words().skip(1).filter(|word| word.len() >= SHORT && !is_name(word.trim_end_matches(':'))) {
        if hidden.contains(word) {
            hidden = Cow::Owned(hidden.replace(word, "*****"));
        }
    }
    hidden
}

/// Whether a name is that of a secret, also where its words are not kept apart: `requirepass`, `PGPASSWORD`.
pub fn names_secret(name: &str) -> bool {
    const ENDS: &[&str] =
        &["password", "passwd", "passphrase", "secret", "token", "apikey", "storepass", "keypass", "_pwd"];
    const WHOLE: &[&str] = &["requirepass", "masterauth", "secure_link_md5", "authorization", "proxy-authorization"];
    let name = name.trim_start_matches(['-', '$']);
    let ends = |end: &&str| {
        let start = name.len().checked_sub(end.len());
        start.and_then(|start| name.get(start..)).is_some_and(|rest| rest.eq_ignore_ascii_case(end))
    };
    WHOLE.iter().any(|whole| name.eq_ignore_ascii_case(whole)) || ENDS.iter().any(ends)
}

/// Forms of values that are secrets wherever they stand.
const TOKENS: &[&str] = &[
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxa-",
    "xoxp-",
    "xoxr-",
    "xoxs-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "sk-",
    "AKIA",
    "ASIA",
    "SG.",
    "npm_",
    "pypi-",
    "AIza",
    "eyJ",
    "hvs.",
    "dop_v1_",
];

/// Directives that give something a value after a space.
const SETTERS: &[&str] = &[
    "set",
    "proxy_set_header",
    "grpc_set_header",
    "add_header",
    "more_set_headers",
    "fastcgi_param",
    "uwsgi_param",
    "scgi_param",
    "ENV",
    "ARG",
];

/// How nginx compares a variable with a text, the longest first.
const COMPARISONS: &[&str] = &["!~*", "!~", "!=", "~*", "~", "=="];

/// How far the end of a quoted value is looked for.
const LONG: usize = 1024;

#[derive(Default)]
struct Seeker<'a> {
    text: &'a str,
    found: Vec<Range<usize>>,
    /// Programs whose short flags take a password.
    mysql: bool,
    curl: bool,
    redis: bool,
}

impl<'a> Seeker<'a> {
    fn seek(&mut self) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let (mut at, mut before) = (0, "");
        while let Some(start) = self.rest(at).find(is_name).map(|offset| at + offset) {
            let rest = self.rest(start);
            let end = start + rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            let name = self.text.get(start..end).unwrap_or_default();
            let value = self.value(start, name, end, before).filter(|value| !value.is_empty());
            at = value.as_ref().map_or(end, |value| value.end.max(end));
            self.found.extend(value);
            before = name;
        }
        self.encoded();
    }

    /// Passwords in redis' rules of access, and their hashes: `user alice on >password`.
    fn users(&mut self) {
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let head = line.trim_start();
            if !head.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("user ")) {
                continue;
            }
            let mut from = start;
            for word in line.split([' ', '\t', '\n', '\r']) {
                let hash = |word: &str| word.len() > 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
                let hashed = word.strip_prefix(['#', '!']).is_some_and(hash);
                if hashed || word.len() > 1 && word.starts_with(['>', '<']) {
                    self.found.push(from + 1..from + word.len());
                }
                from += word.len() + 1;
            }
        }
    }

    /// Hashes of passwords as `htpasswd` and `crypt` write them: `$apr1$…`, with each `$` doubled for Compose; `{SHA}…`.
    fn hashes(&mut self) {
        const KINDS: &[&str] = &["1", "2a", "2b", "2y", "5", "6", "7", "apr1", "argon2i", "argon2id", "scrypt", "y"];
        let coded = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'+' | b'=');
        let mut at = 0;
        while let Some(start) = self.rest(at).find(['$', '{']).map(|offset| at + offset) {
            let rest = self.rest(start);
            let rest = rest.get(..rest.floor_char_boundary(LONG)).unwrap_or(rest);
            let word = rest.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`')).next().unwrap_or(rest);
            let inner = word.trim_start_matches('$');
            let kind = inner.split('$').next().unwrap_or_default();
            // One of several users; only argon2's parameters have commas of their own.
            let one = |text: &'a str| text.split([',', ';', '|']).next().unwrap_or(text);
            let word = if kind.starts_with("argon2") { word } else { one(word) };
            let sha = word.strip_prefix("{SHA}").or_else(|| word.strip_prefix("{SSHA}"));
            let crypt = word.starts_with('$') && KINDS.contains(&kind);
            let last = sha.or(crypt.then(|| word.rsplit('$').next().unwrap_or_default())).unwrap_or_default();
            let length = last.bytes().take_while(|byte| coded(*byte)).count();
            let end = start + word.len() - last.len() + length;
            let found = length >= 20;
            if found {
                self.found.push(start..end);
            }
            let dollars = word.len() - word.trim_start_matches('$').len();
            at = if found { end } else { start + dollars.max(1) };
        }
    }

    fn rest(&self, at: usize) -> &'a str {
        self.text.get(at..).unwrap_or_default()
    }

    /// What a word makes a secret: itself, or what follows it.
    fn value(&mut self, start: usize, name: &str, end: usize, before: &str) -> Option<Range<usize>> {
        let rest = self.rest(end);
        if is_token(name) {
            let trimmed = name.trim_end_matches('.');
            return Some(start..start + trimmed.len());
        }
        if name.ends_with("-----BEGIN") && rest.get(..40).unwrap_or(rest).contains("PRIVATE KEY-----") {
            let length = self.rest(end).find("-----END").unwrap_or(rest.len());
            return Some(start..end + length);
        }
        for (host, path) in [("slack.com", "/services/"), ("discord.com", "/api/webhooks/")] {
            if name.ends_with(host) && rest.starts_with(path) {
                return Some(self.word(end + path.len()));
            }
        }
        self.mysql |= name.starts_with("mysql") || name.starts_with("mariadb");
        self.curl |= name == "curl" || name == "wget";
        self.redis |= name.starts_with("redis");
        match name {
            "-u" | "--user" | "--proxy-user" if self.curl => return self.after_colon(self.word(self.skip(end))),
            "-a" if self.redis => return self.literal(self.word(self.skip(end))),
            "-p" if before == "sshpass" => return self.literal(self.word(self.skip(end))),
            "passwd" if before == "openssl" => return self.operand(end, &["-salt", "-in"]),
            "mkpasswd" => return self.operand(end, &["-m", "-S", "-R", "-P", "-s"]),
            _ => {}
        }
        if (self.mysql || before == "sshpass") && name.starts_with("-p") {
            return self.literal(self.word(start + 2));
        }
        let cookie = name.eq_ignore_ascii_case("set-cookie") || name.eq_ignore_ascii_case("cookie");
        if cookie && (SETTERS.contains(&before) || rest.starts_with(':') || name.contains('-')) {
            return self.cookie(end);
        }
        // Of a word as long as a file only the end is of interest.
        let tail = name.get(name.len().saturating_sub(128)..).unwrap_or(name);
        if !names_secret(tail) && !is_secret_name(tail) {
            return None;
        }
        self.named(start, name, end, before)
    }

    /// The value of the cookie that follows: `session=value; Path=/`.
    fn cookie(&self, at: usize) -> Option<Range<usize>> {
        let rest = self.rest(at);
        let text = rest.trim_start_matches([':', ' ', '\t', '"', '\'', '\\']);
        let begin = self.text.len() - text.len();
        let (name, value) = text.get(..text.floor_char_boundary(LONG)).unwrap_or(text).split_once('=')?;
        let is_name =
            !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || matches!(c, ';' | '"' | '\'' | '`'));
        let length = value.find(|c: char| c.is_whitespace() || matches!(c, ';' | '"' | '\'')).unwrap_or(value.len());
        let begin = begin + name.len() + 1;
        if is_name { self.literal(begin..begin + length) } else { None }
    }

    /// The value after the name of a secret.
    fn named(&self, start: usize, name: &str, end: usize, before: &str) -> Option<Range<usize>> {
        let head = self.text.get(..start).unwrap_or_default();
        let rest = self.rest(end);
        if head.ends_with("${") {
            let value = rest.trim_start_matches([':', '-', '=', '?', '+']);
            let begin = self.text.len() - value.len();
            return self.literal(begin..begin + value.find(['}', '\n']).unwrap_or(value.len()));
        }
        let gap = rest.trim_start_matches(['"', '\'', '\\', ' ', '\t']);
        let separated = gap.starts_with([':', '=']) && !gap.starts_with("://");
        let variable = head.ends_with('$');
        let lower = name.to_ascii_lowercase();
        let setter = SETTERS.contains(&before)
            || matches!(lower.as_str(), "requirepass" | "masterauth" | "secure_link_md5")
            || ((start == 0 || head == "$") && (variable || name.contains('-')))
            || lower.ends_with("authorization");
        // `if ($arg_token != "value")`: what nginx compares with stands there in full.
        let operator = COMPARISONS.iter().find_map(|operator| gap.strip_prefix(operator)).filter(|_| variable);
        let begin = if let Some(value) = operator {
            self.text.len() - value.trim_start_matches([' ', '\t']).len()
        } else if separated {
            let value = gap.trim_start_matches([':', '=', '>']);
            self.text.len() - value.trim_start_matches([' ', '\t']).len()
        } else if name.starts_with('-') {
            self.skip(end)
        } else if setter && gap.len() < rest.len() {
            end + rest.len() - rest.trim_start_matches([' ', '\t']).len()
        } else {
            return None;
        };
        let mut span = self.quoted(begin, head);
        let shown = self.text.get(span.clone()).unwrap_or_default();
        let schemed = after_scheme(shown);
        if lower.ends_with("authorization") {
            // Without a scheme or a mark, it is a word in a sentence.
            if !separated && schemed.is_none() && !self.rest(begin).starts_with(['"', '\'']) {
                return None;
            }
        }
        span.start += schemed.unwrap_or_default();
        if schemed.is_some_and(|length| length == shown.len()) {
            // `Bearer abc` without quotes.
            span = self.word(self.skip(span.end));
        }
        if lower == "secure_link_md5" {
            return Some(span);
        }
        let query = head.ends_with(['?', '&']);
        if query {
            let shown = self.text.get(span.clone()).unwrap_or_default();
            span.end = span.start + shown.find('&').unwrap_or(shown.len());
        }
        self.literal(span)
    }

    /// Past what stands between a flag and its value: spaces, and what separates the items of a list.
    fn skip(&self, at: usize) -> usize {
        let mut at = at;
        for _ in 0..8 {
            let rest = self.rest(at);
            let left = rest.trim_start_matches([' ', '\t', '\r', '\n', '"', '\'', ',', '=', '\\']);
            let left = left.strip_prefix("- ").filter(|_| rest.contains('\n')).unwrap_or(left);
            if left.len() == rest.len() {
                break;
            }
            at = self.text.len() - left.len();
        }
        at
    }

    fn word(&self, at: usize) -> Range<usize> {
        let rest = self.rest(at);
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`')).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        // The brace of `${NAME}` is part of it.
        let word = word.trim_end_matches(|c| matches!(c, ',' | ';' | ']' | ')') || c == '}' && !word.starts_with('$'));
        at..at + word.len()
    }

    /// A value up to the quote that closes it, or a word.
    fn quoted(&self, at: usize, head: &str) -> Range<usize> {
        let rest = self.rest(at);
        let rest = rest.strip_prefix('\\').unwrap_or(rest);
        let own = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let begin = self.text.len() - rest.len() + usize::from(own.is_some());
        // The quote may open before the name: "NAME=some value".
        let outer = head.chars().next_back().filter(|c| matches!(c, '"' | '\''));
        let line = self.rest(begin);
        let line = line.get(..line.floor_char_boundary(LONG)).unwrap_or(line);
        let line = line.get(..line.find('\n').unwrap_or(line.len())).unwrap_or_default();
        if let Some(quote) = own.or(outer)
            && let Some(length) = closing(line, quote)
        {
            return begin..begin + length;
        }
        self.word(begin)
    }

    /// The first word behind `at` that is no option and no option's value.
    fn operand(&self, at: usize, with_value: &[&str]) -> Option<Range<usize>> {
        let (mut at, mut value) = (at, false);
        // Options are few; whoever writes more has no program that takes them.
        for _ in 0..8 {
            let rest = self.rest(at);
            let begin = at + rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n', '"', '\'', ',']).len();
            let word = self.word(begin);
            let text = self.text.get(word.clone()).filter(|text| !text.is_empty())?;
            if !std::mem::take(&mut value) && !text.starts_with('-') {
                return self.literal(word);
            }
            value = with_value.contains(&text);
            at = word.end;
        }
        None
    }

    fn after_colon(&self, span: Range<usize>) -> Option<Range<usize>> {
        let colon = self.text.get(span.clone())?.find(':')?;
        self.literal(span.start + colon + 1..span.end)
    }

    /// The span, unless what stands there only says where the secret is.
    fn literal(&self, span: Range<usize>) -> Option<Range<usize>> {
        let value = self.text.get(span.clone())?;
        let number = value.len() < 4 && value.bytes().all(|byte| byte.is_ascii_digit());
        let other = is_switch(value) || is_reference(value) || is_variable(value) || value.starts_with("--");
        // What is longer is hidden unread, so that it is not read again for each name in it.
        (value.len() > LONG || (!number && !other)).then_some(span)
    }

    /// Passwords in addresses: `scheme://user:password@host`.
    fn urls(&mut self) {
        let mut at = 0;
        while let Some(start) = self.rest(at).find("://").map(|offset| at + offset + 3) {
            let rest = self.rest(start);
            let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '`' | '<' | '>');
            let authority = rest.get(..rest.find(ends).unwrap_or(rest.len())).unwrap_or_default();
            if let Some((user, _)) = authority.rsplit_once('@') {
                match user.find(':') {
                    Some(colon) => {
                        let span = start + colon + 1..start + user.len();
                        self.found.extend(self.literal(span).filter(|span| !span.is_empty()));
                    }
                    // A key in the place of a user, as in Sentry's addresses.
                    None if is_key(user) => self.found.push(start..start + user.len()),
                    None => {}
                }
            }
            at = start;
        }
    }

    /// Lines of nothing but the text of a key: what is between the first and the last line of one.
    fn encoded(&mut self) {
        let mut at = 0;
        for line in self.text.split('\n') {
            let trimmed = line.trim();
            let coded = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
            if trimmed.len() >= 40
                && trimmed.bytes().all(coded)
                && !trimmed.starts_with('/')
                && trimmed.bytes().any(|byte| byte.is_ascii_uppercase())
                && trimmed.bytes().any(|byte| byte.is_ascii_lowercase())
                && trimmed.bytes().any(|byte| byte.is_ascii_digit())
            {
                let start = at + line.len() - line.trim_start().len();
                self.found.push(start..start + trimmed.len());
            }
            at += line.len() + 1;
        }
    }
}

/// How far into a value its scheme of authorization reaches.
fn after_scheme(value: &str) -> Option<usize> {
    const SCHEMES: &[&str] = &["bearer", "basic", "token", "digest", "apikey"];
    let end = value.find([' ', '\t']).unwrap_or(value.len());
    let scheme = value.get(..end)?.to_ascii_lowercase();
    let rest = value.get(end..)?;
    SCHEMES.contains(&scheme.as_str()).then(|| value.len() - rest.trim_start().len())
}

fn closing(line: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        if c == quote && !escaped {
            return Some(at);
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

/// Whether a user's name is a key: nobody is called so.
fn is_key(user: &str) -> bool {
    let digits = user.bytes().filter(u8::is_ascii_digit).count();
    user.len() >= 20
        && digits >= 4
        && user.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn is_token(word: &str) -> bool {
    // The shortest of them, `SG.` and twelve letters, are longer than most words.
    if word.len() < 15 {
        return false;
    }
    let Some(prefix) = TOKENS.iter().find(|prefix| word.starts_with(**prefix)) else { return false };
    let rest = word.get(prefix.len()..).unwrap_or_default();
    let digit = rest.bytes().any(|byte| byte.is_ascii_digit());
    let capital = rest.bytes().any(|byte| byte.is_ascii_uppercase());
    // `sk-` also begins the names of things, such as sshd's `sk-ecdsa-sha2-nistp256@openssh.com`.
    if *prefix == "sk-" { rest.len() >= 16 && digit && capital } else { rest.len() >= 12 && (digit || capital) }
}

/// `$name`, `${NAME}`, and nothing else.
fn is_variable(value: &str) -> bool {
    let Some(name) = value.strip_prefix('$') else { return false };
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_text_are_hidden() {
        for (text, expected) in [
            ("proxy_pass http://user:hunter2@$arg_u/;", "proxy_pass http://user:*****@$arg_u/;"),
            ("redis://:hunter2@h", "redis://:*****@h"),
            ("proxy_set_header Authorization \"Basic aHVudGVy\";", "proxy_set_header Authorization \"Basic *****\";"),
            ("proxy_set_header X-Api-Key hunter2;", "proxy_set_header X-Api-Key *****;"),
            ("set $api_key \"hunter2\";", "set $api_key \"*****\";"),
            ("secure_link_md5 \"$uri hunter2\";", "secure_link_md5 \"*****\";"),
            (
                "curl -H \"Authorization: Bearer hunter2\" -u a:hunter2 x",
                "curl -H \"Authorization: Bearer *****\" -u a:***** x",
            ),
            ("-H 'X-Auth-Token: hunter2'", "-H 'X-Auth-Token: *****'"),
            ("mysqld -phunter2 --x", "mysqld -p***** --x"),
            ("mysqladmin ping -p$$hunter2", "mysqladmin ping -p*****"),
            ("x ghp_0123456789abcdefABCD y", "x ***** y"),
            ("x --password=hunter2 y", "x --password=***** y"),
            ("\"--password\", \"hunter2\"", "\"--password\", \"*****\""),
            ("- --password\n- hunter2", "- --password\n- *****"),
            ("useradd -p $(openssl passwd -6 -salt ab hunter2) x", "useradd -p $(openssl passwd -6 -salt ab *****) x"),
            ("useradd -p $(openssl passwd hunter2)", "useradd -p $(openssl passwd *****)"),
            ("mkpasswd -m sha-512 hunter2", "mkpasswd -m sha-512 *****"),
            ("redis-server --requirepass hunter2", "redis-server --requirepass *****"),
            ("-Djavax.net.ssl.keyStorePassword=hunter2 x", "-Djavax.net.ssl.keyStorePassword=***** x"),
            ("-Ddb.password=hunter2", "-Ddb.password=*****"),
            ("https://hooks.slack.com/services/T0/B0/hunter2", "https://hooks.slack.com/services/*****"),
            ("\"DB_PASSWORD=correct horse\"", "\"DB_PASSWORD=*****\""),
            ("NPM_TOKEN: hunter2", "NPM_TOKEN: *****"),
            ("${DB_PASSWORD:-hunter2}", "${DB_PASSWORD:-*****}"),
            ("http://h/?token=hunter2&x=1", "http://h/?token=*****&x=1"),
            ("AKIA0123456789ABCDEF", "*****"),
            ("{\"password\":\"hunter2\"}", "{\"password\":\"*****\"}"),
            (
                "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.example/1",
                "https://*****@o1.ingest.sentry.example/1",
            ),
            ("users=admin:$apr1$salt$hunter2hunter2hunter2h", "users=admin:*****"),
            (
                "users: \"a:$$apr1$$salt$$hunter2hunter2hunter2h,b:$$2y$$05$$hunter2hunter2hunter2hunter2\"",
                "users: \"a:*****,b:*****\"",
            ),
            ("b:{SHA}hunter2hunter2hunter2hunter2=", "b:*****"),
            ("if ($arg_token != \"hunter2\") {", "if ($arg_token != \"*****\") {"),
            ("if ($arg_token != hunter2 )", "if ($arg_token != ***** )"),
            ("if ($http_x_api_key ~* ^hunter2$ )", "if ($http_x_api_key ~* ***** )"),
            ("add_header Set-Cookie \"session=hunter2; Path=/\";", "add_header Set-Cookie \"session=*****; Path=/\";"),
            ("Set-Cookie session=hunter2; Path=/", "Set-Cookie session=*****; Path=/"),
            ("-H 'Cookie: session=hunter2; a=b'", "-H 'Cookie: session=*****; a=b'"),
            ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END", "*****-----END"),
        ] {
            assert_eq!(hide(text), expected, "{text}");
        }
    }

    #[test]
    fn rules_of_access_hold_passwords() {
        assert_eq!(hide("port 1\n user alice on >s3cr3t ~* +@all\n"), "port 1\n user alice on >***** ~* +@all\n");
        let hash = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";
        assert_eq!(hide(&format!("USER bob on #{hash} ~*")), "USER bob on #***** ~*");
        assert_eq!(hide("cat a >b"), "cat a >b");
        assert_eq!(hide("user www-data; #comment"), "user www-data; #comment");
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "proxy_set_header Authorization $http_authorization;",
            "proxy_set_header Authorization \"Bearer $token\";",
            "proxy_set_header Authorization \"\";",
            "DB_PASSWORD: ${DB_PASSWORD}",
            "POSTGRES_PASSWORD_FILE=/run/secrets/x",
            "password_file=/x",
            "--password-file /run/secrets/x",
            "PasswordAuthentication yes",
            "the password stands in the file",
            "the Authorization header is sent on",
            "`DB_PASSWORD` is a literal",
            "http://user@h:80/a:b@c",
            "docker run -p 80:80",
            "openssl passwd -stdin",
            "cat /etc/passwd x",
            "sk-service-frontend-web",
            "sk-ecdsa-sha2-nistp256@openssh.com,sk-ssh-ed25519-cert-v01@openssh.com",
            "auth_basic_user_file /etc/nginx/htpasswd;",
            "curl -u $user http://h",
            "token: true",
            "if ($arg_token != $expected) {",
            "if ($arg_token = \"\") {",
            "rewrite ^/(.*)$ /$1$2/a-long-name-that-is-no-hash last;",
            "proxy_cookie_path / \"/; secure\";",
            "proxy_set_header Cookie $http_cookie;",
            "the `Set-Cookie` header has no `Secure`: SESSION_COOKIE_SECURE=False",
            "git@github.com:a/b https://a-user-with-a-long-name-of-no-digits@h/",
            "user www-data; #comment",
        ] {
            assert_eq!(hide(text), text);
        }
    }

    #[test]
    fn words_of_a_line_that_names_a_secret_are_hidden_in_messages_about_it() {
        for (line, message, expected) in [
            ("ENV DB_PASSWORD= Zq7xyz", "`Zq7xyz` has no `=`", "`*****` has no `=`"),
            ("  DB_PASSWORD: *Zq7xyz", "unknown anchor `Zq7xyz` referenced", "unknown anchor `*****` referenced"),
            ("fernet_key = %(Zq7xyz)s", "there is no `Zq7xyz`", "there is no `*****`"),
            ("host all all radiussecrets=Zq7x Hb4x", "not name=value: Hb4x", "not name=value: *****"),
            ("work_mem 12 Zq7xyz", "near token `Zq7xyz`", "near token `Zq7xyz`"),
            ("DB_PASSWORD", "`DB_PASSWORD` is not taken", "`DB_PASSWORD` is not taken"),
        ] {
            assert_eq!(hide_words_of(line, message), expected, "{line}");
        }
    }
}
