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

/// Whether a pattern, which is matched from the start of an origin only, lets in what looks like the origin that it
/// means: no end is marked, or a dot between the parts of the name stands for any character.
pub(in crate::formats) fn is_unanchored(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    let ended =
        pattern.ends_with('$') && !pattern.ends_with("\\$") || pattern.ends_with("\\Z") || pattern.ends_with("\\z");
    // A dot between letters is meant as a dot; `.*`, `.+` and `.?` are meant as they are.
    let loose = bytes.windows(3).enumerate().any(|(at, window)| {
        let [before, dot, after] = window else { return false };
        let escaped = at.checked_sub(0).and_then(|at| bytes.get(at)) == Some(&b'\\');
        *dot == b'.' && !escaped && before.is_ascii_alphanumeric() && after.is_ascii_alphabetic()
    });
    !ended || loose
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
