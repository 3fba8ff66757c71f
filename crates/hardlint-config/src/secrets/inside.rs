//! Secrets inside free text: a message, a line of code, a command.
//!
//! It knows nothing of formats, so it goes by what stands around a value: a name, a flag, an address, the form of the
//! value itself. It is one pass over the text, and serves to hide, never to judge.

use super::names::unnumbered;
use super::references::{is_certain_reference, is_path};
use super::tokens::{is_key, is_token};
use super::{is_secret_name, is_switch};
use std::borrow::Cow;
use std::ops::Range;

/// Where in a text the values of secrets stand, in order.
pub fn spans(text: &str) -> Vec<Range<usize>> {
    let mut seeker = Seeker { text, ..Seeker::default() };
    seeker.seek();
    seeker.urls();
    seeker.logins();
    seeker.users();
    seeker.tuples();
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

/// The same of a text whose quotes are gone, as arguments have none: what follows a secret behind a blank may belong to it.
pub fn spans_unquoted(text: &str) -> Vec<Range<usize>> {
    let mut spans = spans(text);
    let goes_on = |span: &Range<usize>| text.get(span.end..).is_some_and(|rest| rest.starts_with([' ', '\t']));
    if let Some(first) = spans.iter().position(goes_on) {
        spans.truncate(first + 1);
        spans.iter_mut().skip(first).for_each(|span| span.end = text.len());
    }
    spans
}

/// The text with `*****` for each secret in it.
pub fn hide(text: &str) -> Cow<'_, str> {
    hide_as(text, |_| "*****".to_owned())
}

/// The text with what `instead` gives for each secret in it.
pub fn hide_as(text: &str, instead: impl Fn(&str) -> String) -> Cow<'_, str> {
    without(text, spans(text), instead)
}

/// The text with what `instead` gives for what stands in `spans`, which are in order.
pub fn without(text: &str, spans: Vec<Range<usize>>, instead: impl Fn(&str) -> String) -> Cow<'_, str> {
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

/// Whether a name is that of a secret, also where its words are not kept apart: `requirepass`, `PGPASSWORD`.
pub fn names_secret(name: &str) -> bool {
    const ENDS: &[&str] =
        &["password", "passwd", "passphrase", "secret", "token", "apikey", "storepass", "keypass", "_pwd"];
    const WHOLE: &[&str] = &[
        "requirepass",
        "masterauth",
        "secure_link_md5",
        "authorization",
        "proxy-authorization",
        "accountkey",
        "sharedaccesskey",
    ];
    let name = name.trim_start_matches(['-', '$']);
    // A tag of sudo's, which asks for none.
    if name.eq_ignore_ascii_case("nopasswd") {
        return false;
    }
    let word = unnumbered(name);
    let ends = |end: &&str| {
        let start = word.len().checked_sub(end.len());
        start.and_then(|start| word.get(start..)).is_some_and(|rest| rest.eq_ignore_ascii_case(end))
    };
    WHOLE.iter().any(|whole| name.eq_ignore_ascii_case(whole)) || ENDS.iter().any(ends)
}

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

    /// Several names that Python gives a value each in one line: `SECRET_KEY, ALGORITHM = "…", "HS256"`.
    fn tuples(&mut self) {
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let Some((names, values)) = line.split_once('=').filter(|(names, _)| names.contains(',')) else { continue };
            let mut from = start + names.len() + 1;
            for (name, value) in names.split(',').zip(values.split(',')) {
                let bare = value.trim().trim_matches(['(', ')', '"', '\'']);
                let quoted = value.trim().trim_start_matches('(').starts_with(['"', '\'']);
                if quoted && is_secret_name(name.trim()) {
                    let begin = from + value.find(bare).unwrap_or_default();
                    self.found.extend((!bare.is_empty()).then_some(begin..begin + bare.len()));
                }
                from += value.len() + 1;
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
            // Most of what begins so is a variable or a block.
            let dollars = rest.len() - rest.trim_start_matches('$').len();
            let behind = rest.get(dollars..).unwrap_or_default();
            let told = |kind: &&str| behind.strip_prefix(*kind).is_some_and(|rest| rest.starts_with('$'));
            if !(rest.starts_with("{SHA}") || rest.starts_with("{SSHA}") || dollars > 0 && KINDS.iter().any(told)) {
                at = start + dollars.max(1);
                continue;
            }
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
        for (host, path) in
            [("slack.com", "/services/"), ("discord.com", "/api/webhooks/"), ("webhook.office.com", "/webhookb2/")]
        {
            if name.ends_with(host) && rest.starts_with(path) {
                return Some(self.word(end + path.len()));
            }
        }
        if let Some(token) = self.bot_token(name, end) {
            return Some(token);
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
            "htpasswd" => return self.of_htpasswd(end),
            "echo" | "printf" => {
                if let Some(piped) = self.piped(end) {
                    return Some(piped);
                }
            }
            "Bearer" | "Basic" => return self.credentials(end),
            // SQL: `IDENTIFIED BY 'value'`.
            "BY" | "by" if before.eq_ignore_ascii_case("identified") && rest.starts_with(" '") => {
                return self.literal(self.quoted(end + 1, ""));
            }
            // `mc alias set NAME URL USER SECRET`, and as it was spelt before.
            "set" if before == "alias" => return self.nth(end, 4),
            "add" if before == "host" => return self.nth(end, 4),
            _ => {}
        }
        if let Some(pair) = self.pair(name, end) {
            return Some(pair);
        }
        if (self.mysql || before == "sshpass") && name.starts_with("-p") {
            return self.literal(self.word(start + 2));
        }
        let cookie = name.eq_ignore_ascii_case("set-cookie") || name.eq_ignore_ascii_case("cookie");
        if cookie && (SETTERS.contains(&before) || rest.starts_with([':', '=']) || name.contains('-')) {
            return self.cookie(end);
        }
        // Of a word as long as a file only the end is of interest.
        let tail = name.get(name.len().saturating_sub(128)..).unwrap_or(name);
        // The signature of an address: `?sv=…&sig=…`.
        let signature = name == "sig" && self.text.get(..start).is_some_and(|head| head.ends_with(['?', '&']));
        if !signature && !names_secret(tail) && !is_secret_name(tail) {
            return None;
        }
        self.named(start, name, end, before)
    }

    /// What follows the name of a scheme of authorization, if it looks like no word.
    fn credentials(&self, end: usize) -> Option<Range<usize>> {
        const LEAST: usize = 8;
        let word = self.word(end + 1);
        let value = self.text.get(word.clone()).filter(|_| self.rest(end).starts_with(' '))?;
        let coded = value.ends_with('=') || value.bytes().any(|byte| byte.is_ascii_digit());
        if coded && value.len() >= LEAST { self.literal(word) } else { None }
    }

    /// What a command prints into one that reads a password: `echo value | passwd --stdin`.
    fn piped(&self, end: usize) -> Option<Range<usize>> {
        const READERS: &[&str] = &["-stdin", "sudo -S", "chpasswd", "| passwd", "smbpasswd -s"];
        let rest = self.rest(end);
        let line = rest.get(..rest.floor_char_boundary(LONG)).unwrap_or(rest);
        let line = line.get(..line.find('\n').unwrap_or(line.len()))?;
        let pipe = line.find('|').filter(|at| !line.get(at + 1..).is_some_and(|rest| rest.starts_with('|')))?;
        let reader = line.get(pipe..)?;
        let reader = reader.get(..reader.find([';', '&']).unwrap_or(reader.len()))?;
        if !READERS.iter().any(|known| reader.contains(known)) {
            return None;
        }
        let printed = line.get(..pipe)?;
        let begin = end + printed.len() - printed.trim_start().len();
        let words = self.text.get(begin..end + printed.trim_end().len())?;
        let value = words.trim_matches(['"', '\'']);
        let begin = begin + words.len() - words.trim_start_matches(['"', '\'']).len();
        // `user:password` for `chpasswd`.
        let user = if reader.contains("chpasswd") { value.find(':').map_or(0, |at| at + 1) } else { 0 };
        self.literal(begin + user..begin + value.len()).filter(|span| !span.is_empty())
    }

    /// The password that `htpasswd` is given: `-b`, then a file unless `-n` leaves it out, a name, and it.
    fn of_htpasswd(&self, end: usize) -> Option<Range<usize>> {
        let (mut at, mut given, mut printed, mut left) = (end, false, false, 3);
        for _ in 0..8 {
            let word = self.word(self.skip(at));
            let text = self.text.get(word.clone()).filter(|text| !text.is_empty())?;
            at = word.end;
            if let Some(flags) = text.strip_prefix('-') {
                given |= flags.contains('b');
                // It may be said more than once.
                if flags.contains('n') && !std::mem::replace(&mut printed, true) {
                    left -= 1;
                }
            } else if left > 1 {
                left -= 1;
            } else {
                return if given { self.literal(word) } else { None };
            }
        }
        None
    }

    /// The value of the cookie that follows: `session=value; Path=/`.
    fn cookie(&self, at: usize) -> Option<Range<usize>> {
        let rest = self.rest(at);
        let text = rest.trim_start_matches([':', '=', ' ', '\t', '"', '\'', '\\']);
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
        let variable = head.ends_with('$');
        let gap = rest.trim_start_matches(['"', '\'', '\\', ' ', '\t']);
        // `if ($http_x_token) = "value"` is a mistake, and has a value.
        let compared = gap.strip_prefix(')').map(|gap| gap.trim_start_matches([' ', '\t'])).filter(|_| variable);
        let gap = compared.filter(|gap| gap.starts_with(['=', '!', '~'])).unwrap_or(gap);
        let separated = gap.starts_with([':', '=']) && !gap.starts_with("://");
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
            let begin = self.text.len() - value.trim_start_matches([' ', '\t']).len();
            // `"--token=", "value"`: the flag is an item of its own.
            let ends_item = |quote: char| head.ends_with(quote) && value.starts_with(quote);
            let alone = value.starts_with(['\n', '\r']) || ends_item('"') || ends_item('\'');
            if name.starts_with('-') && alone { self.skip(begin) } else { begin }
        } else if name.starts_with('-') {
            self.skip(end)
        } else if setter && gap.len() < rest.len() {
            end + rest.len() - rest.trim_start_matches([' ', '\t']).len()
        } else if before == "set" && rest.starts_with('\n') {
            // `aws configure set NAME VALUE`, one argument a line.
            end + 1
        } else if rest.starts_with(" '") || rest.starts_with("('") {
            // SQL: `PASSWORD 'value'`, `PASSWORD('value')`.
            end + 1
        } else if name == "password" && rest.starts_with(' ') && is_netrc(head) {
            end + 1
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
        if separated && (name.starts_with("--") || matches!(before, "ENV" | "ARG")) {
            span.end = self.more_words(start, span.end, before);
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

    /// What is drawn for a bot of Telegram, behind its number.
    fn bot_token(&self, name: &str, end: usize) -> Option<Range<usize>> {
        const DRAWN: usize = 35;
        let number = name.strip_prefix("bot").unwrap_or(name);
        let numbered = matches!(number.len(), 8..=10) && number.bytes().all(|byte| byte.is_ascii_digit());
        let rest = self.rest(end).strip_prefix(':').filter(|_| numbered)?;
        let coded = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let length = rest.bytes().take(DRAWN + 1).take_while(|byte| coded(byte)).count();
        (length == DRAWN).then(|| end + 1..end + 1 + DRAWN)
    }

    /// The word so many behind `at`.
    fn nth(&self, at: usize, count: usize) -> Option<Range<usize>> {
        let mut word = at..at;
        for _ in 0..count {
            word = self.word(self.skip(word.end));
        }
        self.literal(word).filter(|word| !word.is_empty())
    }

    /// What stands in brackets behind the name of what lets somebody in: `LOGIN = ("user", "password")`.
    fn pair(&self, name: &str, end: usize) -> Option<Range<usize>> {
        const NAMES: &[&str] = &["auth", "basicauth", "login", "creds", "credentials"];
        const MAPS: &[&str] = &["auth_users", "basicauth_users"];
        let lower = name.get(name.len().saturating_sub(16)..)?.to_ascii_lowercase();
        let gap = self.rest(end).trim_start_matches(['"', '\'', ' ', '\t', ':', '=']);
        let (names, close) = match gap.as_bytes().first()? {
            b'(' => (NAMES, ')'),
            b'{' => (MAPS, '}'),
            _ => return None,
        };
        let text = gap.get(1..gap.floor_char_boundary(LONG))?;
        let known = names.iter().any(|known| {
            lower.strip_suffix(known).is_some_and(|before| before.is_empty() || before.ends_with(['_', '-']))
        });
        let begin = self.text.len() - gap.len() + 1;
        let length = text.find(close).unwrap_or(text.len());
        (known && text.trim_start().starts_with(['"', '\''])).then(|| begin..begin + length)
    }

    /// Where the bare words end that belong to a value which ends at `end`: a flag that an item of a list begins with has all
    /// of the item, and `ENV NAME=one two` was meant to.
    fn more_words(&self, start: usize, end: usize, before: &str) -> usize {
        // Blanks that begin a line are few; one of megabytes is not searched back for each flag in it.
        let from = self.text.floor_char_boundary(start.saturating_sub(128));
        let head = self.text.get(from..start).unwrap_or_default();
        let line = match head.rsplit_once('\n') {
            Some((_, line)) => Some(line),
            None => Some(head).filter(|_| from == 0),
        };
        let leads = line.is_some_and(|line| matches!(line.trim(), "" | "-")) || matches!(before, "ENV" | "ARG");
        let rest = self.rest(end);
        let rest = rest.get(..rest.floor_char_boundary(LONG)).unwrap_or(rest);
        let rest = rest.get(..rest.find('\n').unwrap_or(rest.len())).unwrap_or_default();
        let mut at = end;
        if !leads || !rest.starts_with([' ', '\t']) {
            return at;
        }
        for word in rest.split_inclusive([' ', '\t']) {
            let text = word.trim();
            let other =
                text.starts_with(['-', '\\', '&', '|', ';', '<', '>', '#', '"', '\'', '$']) || text.contains('=');
            if other {
                break;
            }
            at += word.len();
        }
        let kept = self.text.get(end..at).unwrap_or_default();
        end + kept.trim_end().len()
    }

    fn after_colon(&self, span: Range<usize>) -> Option<Range<usize>> {
        let colon = self.text.get(span.clone())?.find(':')?;
        self.literal(span.start + colon + 1..span.end)
    }

    /// The span, unless what stands there only says where the secret is.
    fn literal(&self, span: Range<usize>) -> Option<Range<usize>> {
        let value = self.text.get(span.clone())?;
        let number = value.len() < 4 && value.bytes().all(|byte| byte.is_ascii_digit());
        let other = is_switch(value) || is_certain_reference(value) || is_variable(value) || value.starts_with("--");
        // What is longer is hidden unread, so that it is not read again for each name in it.
        (value.len() > LONG || (!number && !other)).then_some(span)
    }

    /// `user:password@host` without a scheme before it.
    fn logins(&mut self) {
        // `mailto:name@host` and the like, the digest of an image, and a version of a package.
        const OTHERS: &[&str] = &["mailto", "acct", "sip", "sips", "xmpp", "npm", "file", "link", "workspace", "patch"];
        let mut last = 0;
        for (at, _) in self.text.match_indices('@') {
            let before = self.text.get(last..at).unwrap_or_default();
            let from = std::mem::replace(&mut last, at + 1);
            let begins = |c: char| c.is_whitespace() || "\"'`=(,;<>{[|".contains(c);
            // What a password itself begins with does not begin a login: `user:<password@host`.
            let inner = |at: usize, c: char| {
                let opens = !c.is_whitespace() && !matches!(c, '"' | '\'' | '`');
                opens && before.get(..at).is_some_and(|before| before.ends_with(':'))
            };
            let start = before.char_indices().rev().take(300).find(|(at, c)| begins(*c) && !inner(*at, *c));
            let start = from + start.map_or(0, |(offset, c)| offset + c.len_utf8());
            let Some((user, password)) = self.text.get(start..at).and_then(|word| word.split_once(':')) else {
                continue;
            };
            let named =
                !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-+%".contains(&byte));
            let host = self.rest(at + 1);
            let is_host = host.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '[' | '$' | '{' | '%'))
                && !["sha256:", "sha512:"].iter().any(|digest| host.starts_with(digest));
            // `scheme://user@host` is an address.
            let is_password = !password.is_empty() && !password.contains(':') && !password.starts_with("//");
            if named && is_host && is_password && !OTHERS.contains(&user) {
                self.found.extend(self.literal(start + user.len() + 1..at).filter(|span| !span.is_empty()));
            }
        }
    }

    /// Passwords in addresses: `scheme://user:password@host`.
    fn urls(&mut self) {
        let mut at = 0;
        // `//user:password@host` is an address as well, where nothing stands before it.
        while let Some(start) = self.rest(at).find('/').map(|offset| at + offset + 1) {
            at = start;
            let slash = self.text.get(..start - 1).unwrap_or_default();
            // Of two slashes a path keeps one: `compose/https:/user:password@host`.
            let one = slash.ends_with(':') && !self.rest(start).starts_with('/');
            if !one && !slash.ends_with('/') {
                continue;
            }
            let before = slash.strip_suffix('/').unwrap_or(slash).chars().next_back();
            if !before.is_none_or(|c| c.is_whitespace() || matches!(c, ':' | '"' | '\'' | '=' | ',')) {
                continue;
            }
            let rest = self.rest(start);
            let authority = authority(rest);
            if let Some((user, _)) = authority.rsplit_once('@') {
                match user.find(':') {
                    Some(colon) => {
                        // As in Sentry's addresses of old, a key and another.
                        if user.get(..colon).is_some_and(is_key) {
                            self.found.push(start..start + colon);
                        }
                        let span = start + colon + 1..start + user.len();
                        self.found.extend(self.literal(span).filter(|span| !span.is_empty()));
                    }
                    // A key in the place of a user, as in Sentry's addresses.
                    None if is_key(user) => self.found.push(start..start + user.len()),
                    None => {}
                }
            }
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
                && !is_path(trimmed)
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

/// What stands before the path of an address. Who writes a password into one may leave a `/` or `#` in it as it is; some
/// programs take that, and all of it is a secret in either case.
fn authority(rest: &str) -> &str {
    let quoted = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`');
    let near = rest.get(..rest.floor_char_boundary(LONG)).unwrap_or(rest);
    let cut = |text: &'_ str, end: Option<usize>| end.unwrap_or(text.len());
    let short = near.get(..cut(near, near.find(|c| quoted(c) || "/?#<>".contains(c)))).unwrap_or_default();
    let word = near.get(..cut(near, near.find(quoted))).unwrap_or_default();
    // `host:8080/path`, `$host:$port/path`.
    let password = |after: &str| {
        !after.starts_with(['$', '{']) && (after.is_empty() || after.bytes().any(|byte| !byte.is_ascii_digit()))
    };
    let goes_on = !short.contains('@') && short.split_once(':').is_some_and(|(_, after)| password(after));
    match word.rfind('@') {
        Some(at) if goes_on => word.get(..=at).unwrap_or_default(),
        _ => short,
    }
}

/// Whether a line of `.netrc` was begun: `machine HOST login USER password VALUE`.
fn is_netrc(head: &str) -> bool {
    let near = head.get(head.floor_char_boundary(head.len().saturating_sub(256))..).unwrap_or_default();
    let line = near.rsplit('\n').next().unwrap_or_default();
    ["machine ", "login "].iter().all(|word| line.contains(word))
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

/// `$name`, `${NAME}`, and nothing else.
fn is_variable(value: &str) -> bool {
    let Some(name) = value.strip_prefix('$') else { return false };
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests;
