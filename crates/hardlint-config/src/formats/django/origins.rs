//! Origins: `https://host:port`, and patterns of them.

/// What an origin, as a setting names it, lets in.
pub(super) struct Origin {
    pub(super) scheme: String,
    pub(super) host: String,
    pub(super) is_any: bool,
    pub(super) is_shared_suffix: bool,
    pub(super) is_local: bool,
}

/// Suffixes under which anybody can get a name.
const SHARED: &[&str] = &[
    "herokuapp.com",
    "ngrok.io",
    "ngrok-free.app",
    "ngrok.app",
    "vercel.app",
    "netlify.app",
    "pages.dev",
    "workers.dev",
    "onrender.com",
    "fly.dev",
    "railway.app",
    "up.railway.app",
    "appspot.com",
    "azurewebsites.net",
    "cloudfront.net",
    "github.io",
    "gitlab.io",
    "pythonanywhere.com",
    "web.app",
    "firebaseapp.com",
    "run.app",
    "repl.co",
    "replit.dev",
    "loca.lt",
    "trycloudflare.com",
    "amazonaws.com",
    "gitpod.io",
    "app.github.dev",
    "com",
    "org",
    "net",
    "io",
    "dev",
    "app",
    "co.uk",
];

pub(super) fn parse(text: &str) -> Origin {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let host = rest.split(['/', ':']).next().unwrap_or_default().to_lowercase();
    let suffix = host.strip_prefix("*.").or_else(|| host.strip_prefix('.'));
    Origin {
        scheme: scheme.to_lowercase(),
        is_any: matches!(host.as_str(), "*"),
        is_shared_suffix: suffix.is_some_and(|suffix| SHARED.contains(&suffix)),
        is_local: matches!(host.as_str(), "localhost" | "127.0.0.1" | "[" | "0.0.0.0" | "testserver")
            || ["localhost", "local", "test"]
                .iter()
                .any(|top| host.rsplit_once('.').is_some_and(|(_, last)| last == *top))
            || host.starts_with("127."),
        host,
    }
}

/// Whether a host is an address of a network of one's own.
fn is_private(host: &str) -> bool {
    host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_private())
}

/// Who else can have an origin that is named, or stand in its place; nothing where nobody can.
pub(in crate::formats) fn impostor(origin: &str) -> &'static str {
    let parsed = parse(origin);
    match parsed.scheme.as_str() {
        _ if origin == "null" => "any site can make a page that has it",
        "http" if !parsed.is_local && parsed.host.contains('.') && !is_private(&parsed.host) => {
            "whoever is between it and a visitor can answer in its place"
        }
        _ => "",
    }
}

/// Which bytes of a pattern stand for themselves in a class of characters, or behind a backslash.
pub(in crate::formats) fn verbatim(pattern: &str) -> Vec<bool> {
    let bytes = pattern.as_bytes();
    let mut marks = vec![false; bytes.len()];
    let (mut class, mut escaped) = (None, false);
    for (at, (byte, mark)) in bytes.iter().zip(&mut marks).enumerate() {
        *mark = escaped || class.is_some();
        match (byte, class) {
            _ if escaped => escaped = false,
            (b'\\', _) => escaped = true,
            (b'[', None) => class = Some(at),
            // Right at the start it is one of the characters.
            (b']', Some(start)) if !matches!(pattern.get(start..at), Some("[" | "[^")) => {
                (class, *mark) = (None, false);
            }
            _ => {}
        }
    }
    marks
}

/// The alternatives of a pattern, of which each is a pattern of its own.
fn alternatives(pattern: &str) -> Vec<&str> {
    let verbatim = verbatim(pattern);
    let (mut depth, mut start, mut all) = (0_usize, 0, Vec::new());
    for (at, byte) in pattern.bytes().enumerate().filter(|(at, _)| verbatim.get(*at) == Some(&false)) {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b'|' if depth == 0 => {
                all.extend(pattern.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    all.extend(pattern.get(start..));
    all
}

/// Groups inside each other of which the end is looked for.
const DEEPEST: usize = 8;

/// Whether each alternative of a pattern says where the origin ends.
fn is_ended(pattern: &str, depth: usize) -> bool {
    depth < DEEPEST
        && alternatives(pattern).into_iter().all(|pattern| {
            let verbatim = verbatim(pattern);
            let plain = |at: usize| verbatim.get(at) == Some(&false);
            let last = pattern.len().saturating_sub(1);
            if pattern.ends_with(['Z', 'z']) {
                return !plain(last) && pattern.get(..last).is_some_and(|it| it.ends_with('\\')) && plain(last - 1);
            }
            if pattern.ends_with('$') {
                return plain(last);
            }
            // A group of which each alternative ends it.
            if !pattern.ends_with(')') || !plain(last) {
                return false;
            }
            let mut depths = 0_usize;
            let open = pattern.bytes().enumerate().rev().filter(|(at, _)| plain(*at)).find(|(_, byte)| {
                match byte {
                    b')' => depths += 1,
                    b'(' => depths = depths.saturating_sub(1),
                    _ => {}
                }
                depths == 0
            });
            let inner = open.and_then(|(at, _)| pattern.get(at + 1..last)).unwrap_or_default();
            is_ended(inner.strip_prefix("?:").unwrap_or(inner), depth + 1)
        })
}

/// Whether a pattern, which is matched from the start of an origin only, lets in what looks like the origin that it
/// means: no end is marked, or a dot between the parts of the name stands for any character.
pub(in crate::formats) fn is_unanchored(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    let verbatim = verbatim(pattern);
    // A dot between letters is meant as a dot; `.*`, `.+` and `.?` are meant as they are.
    let loose = bytes.windows(3).enumerate().any(|(at, window)| {
        let [before, dot, after] = window else { return false };
        let plain = verbatim.get(at + 1) == Some(&false);
        *dot == b'.' && plain && before.is_ascii_alphanumeric() && after.is_ascii_alphabetic()
    });
    !is_ended(pattern, 0) || loose
}

/// Whether a pattern, which has to match the whole of an origin, matches every one.
pub(in crate::formats) fn lets_everybody_in(pattern: &str) -> bool {
    let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
    let rest = ["https?://", "http://", "https://", "(http|https)://", "http(s)?://"]
        .iter()
        .find_map(|scheme| pattern.strip_prefix(scheme))
        .unwrap_or(pattern);
    matches!(rest, ".*" | ".+" | "(.*)" | "(.+)" | "[^/]+" | ".*?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_alternative_has_to_end() {
        for (pattern, unanchored) in [
            (r"^https://a\.example$", false),
            (r"^https://a\.example\Z", false),
            (r"^https://a\.example", true),
            (r"^https://a\.example\$", true),
            (r"^https://a\.example|^https://b\.example$", true),
            (r"^https://a\.example$|^https://b\.example$", false),
            (r"^(?:https://a\.example|https://b\.example)$", false),
            (r"(?:^https://a\.example$|^https://b\.example\Z)", false),
            (r"(?:^https://a\.example|^https://b\.example$)", true),
            (r"^https://(a|b)\.example", true),
            (r"^https://x[|]y\.example$", false),
            (r"^https://[]|]\.example$", false),
            (r"^https://www.a\.example$", true),
            (r"^https://[a.b]\.example$", false),
            (r"^https://(a\.example$)?", true),
        ] {
            assert_eq!(is_unanchored(pattern), unanchored, "{pattern}");
        }
        assert!(is_unanchored(&"(".repeat(100)) && is_unanchored(""));
    }
}
