//! Secrets that are told by their value as well: a name or an option alone may be given a word for a moment, as a build
//! that only wants a variable to be there gets `DB_PASSWORD=build`.

use super::VARIABLES;
use crate::programs::is;
use crate::secrets;
use crate::syntax::shell::{Command, Word};
use crate::text::Span;

/// Options that take a password for a file or an account; whether it stands in the same word.
const OPTIONS: &[(&str, &str, bool)] = &[
    ("7z", "-p", true),
    ("7za", "-p", true),
    ("keytool", "-keypass", false),
    ("openssl", "-k", false),
    ("openssl", "-pass", false),
    ("openssl", "-passin", false),
    ("openssl", "-passout", false),
    ("twine", "-p", false),
    ("zip", "-P", false),
];

/// Words in a value that say that it is for the moment.
const PASSING: &[&str] = &[
    "build",
    "ci",
    "collectstatic",
    "demo",
    "dev",
    "dummy",
    "example",
    "fake",
    "local",
    "none",
    "only",
    "placeholder",
    "public",
    "readonly",
    "test",
    "testing",
    "tests",
    "throwaway",
    "unused",
    "used",
];

/// Whether a value under a name opens something: a key that a provider gave out, or a password that somebody chose. What a
/// program signs with is often made up for one step.
pub(super) fn opens(name: &str, value: &str) -> bool {
    let login = VARIABLES.contains(&name) || secrets::is_secret_name(name) && !secrets::is_key_name(name);
    // What pages are built with is sent to everybody, on purpose.
    !secrets::is_built_into_pages(name) && (is_issued(value) || login && is_chosen(value))
}

/// Whether a provider gave a value out, for more than trying things out.
pub(super) fn is_issued(value: &str) -> bool {
    secrets::issued(value).is_some_and(|issued| !issued.test)
}

/// Whether a value is a password that somebody chose: letters and digits, and nothing that says that it is for the moment.
pub(super) fn is_chosen(value: &str) -> bool {
    let word = value.trim_end_matches(|c: char| c.is_ascii_digit());
    is_mixed(value) && !secrets::is_guessable(value) && !secrets::is_guessable(word)
}

/// The same of one that may be guessed: `Secret123`.
pub(super) fn is_mixed(value: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| value.bytes().any(|byte| kind(&byte));
    let mut words = value.split(|c: char| !c.is_ascii_alphabetic());
    value.len() >= 8
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && value.bytes().all(|byte| byte.is_ascii_graphic())
        && !value.contains(['$', '{', '<', '%', '`', '(', '/'])
        && secrets::is_literal(value)
        && !secrets::is_template(value)
        && !secrets::is_name_of_secret(value)
        && !words.any(|word| PASSING.iter().any(|passing| passing.eq_ignore_ascii_case(word)))
}

/// The variables that a command exports, or gives to the program that it runs.
pub(super) fn exported(command: &Command) -> Vec<(String, String, Span)> {
    let words = match command.program() {
        Some("export" | "declare" | "typeset" | "readonly") => command.arguments(),
        _ => command.words.get(..command.program_at().unwrap_or(0)).unwrap_or_default(),
    };
    let pair = |word: &Word| {
        let (name, value) = word.known()?.split_once('=')?;
        let named = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        (named && opens(name, value)).then(|| (name.to_owned(), value.to_owned(), word.span))
    };
    words.iter().filter_map(pair).collect()
}

/// What options and settings of a command's program are given.
pub(super) fn options(command: &Command) -> Vec<(String, String, Span)> {
    let program = command.program().unwrap_or_default();
    let arguments = command.arguments();
    let mut found = Vec::new();
    let mut put = |how: &str, value: &str, at: Span| found.push((how.to_owned(), value.to_owned(), at));
    for (index, word) in arguments.iter().enumerate() {
        let Some(text) = word.known() else { continue };
        let next = arguments.get(index + 1).and_then(|next| Some((next.known()?, next.span)));
        let option = OPTIONS.iter().find(|(known, flag, attached)| {
            *known == program && if *attached { text.starts_with(flag) } else { text == *flag }
        });
        if let Some((_, flag, attached)) = option {
            let given = if *attached { text.get(flag.len()..).map(|rest| (rest, word.span)) } else { next };
            let Some((value, at)) = given else { continue };
            // `openssl` is told where the password comes from.
            let value = if program == "openssl" && *flag != "-k" { value.strip_prefix("pass:") } else { Some(value) };
            if let Some(value) = value.filter(|value| is_chosen(value)) {
                put(flag, value, at);
            }
            continue;
        }
        // `-Dsonar.token=…`, and a key of a provider behind any name.
        if let Some((name, value)) = text.split_once('=') {
            let property = name.strip_prefix("-D").or_else(|| name.strip_prefix("-P"));
            if is_issued(value) {
                put("a token", value, word.span);
            } else if property.is_some_and(|property| opens(property, value)) {
                put(name, value, word.span);
            }
        }
        if let Some((name, value)) = in_query(text) {
            put(&format!("{name} of a URL"), value, word.span);
        }
    }
    found.extend(configured(program, arguments));
    found
}

/// The secret in the query of an address: `https://…?api_key=…`.
fn in_query(text: &str) -> Option<(&str, &str)> {
    let (start, query) = text.split_once('?')?;
    let mut pairs = query.split(['&', '#']).filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, value)| start.contains("://") && (is_issued(value) || opens(name, value)))
}

/// What is written into a program's own settings: `aws configure set NAME VALUE`, `poetry config http-basic.x USER PASSWORD`,
/// `bundle config HOST USER:PASSWORD`.
fn configured(program: &str, arguments: &[Word]) -> Option<(String, String, Span)> {
    let plain: Vec<&Word> = arguments.iter().filter(|word| !word.start().starts_with('-')).collect();
    let known = |index: usize| plain.get(index).and_then(|word| Some((word.known()?, word.span)));
    let begins = |word: &str| plain.first().is_some_and(|first| is(first, word));
    let (name, (value, at)) = match program {
        "aws" if begins("configure") && known(1)?.0 == "set" && secrets::is_secret_name(known(2)?.0) => {
            (known(2)?.0, known(3)?)
        }
        "poetry" if begins("config") => match known(1)?.0 {
            name if name.starts_with("http-basic.") => (name, known(3)?),
            name if name.starts_with("pypi-token.") => (name, known(2)?),
            _ => return None,
        },
        "bundle" if begins("config") => {
            let host = if known(1)?.0 == "set" { 2 } else { 1 };
            let (account, at) = known(host + 1)?;
            (known(host)?.0, (account.split_once(':')?.1, at))
        }
        _ => return None,
    };
    (is_issued(value) || is_chosen(value)).then(|| (name.to_owned(), value.to_owned(), at))
}
