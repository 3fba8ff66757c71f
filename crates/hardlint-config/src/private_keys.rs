//! Private keys that lie in a repository: files that git tracks and that hold one as it is, without a passphrase.
//!
//! Only files that a configuration names, by their path or by their name, or that lie in a folder which it gives a server are
//! looked into, and of these only what is called as keys are. Keys of tests, of examples and of a developer's own machine
//! are known to everybody on purpose.

use crate::deployment::role;
use crate::loader::{self, Git, Kind, Loader};
use crate::workspace::{Memo, Query};

/// Folders that are looked into for keys, and how deep they may lie.
const MOST_FOLDERS: usize = 200;
const DEEPEST: usize = 4;
/// How many names are looked at in all of them.
const MOST_NAMES: usize = 20_000;
/// Bytes at the beginning of a file in which a key begins; certificates may stand before it.
const BEGINNING: usize = 32 << 10;

/// Words in the names of keys that are nobody's secret.
const UNREAL: &[&str] = &[
    "default",
    "dummy",
    "fake",
    "insecure",
    "localhost",
    "placeholder",
    "self",
    "selfsigned",
    "snakeoil",
    "temp",
    "tmp",
];

/// Words that the names of many keys are made of, so that the name does not tell which one it is.
const COMMON: &[&str] = &[
    "app",
    "ca",
    "cert",
    "certificate",
    "certs",
    "domain",
    "host",
    "http",
    "https",
    "key",
    "my",
    "nginx",
    "priv",
    "private",
    "privatekey",
    "privkey",
    "prod",
    "production",
    "proxy",
    "rsa",
    "server",
    "site",
    "ssl",
    "tls",
    "web",
    "website",
    "wildcard",
    "www",
];

/// Whether a name is one that many keys have.
fn is_common(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let stem = lower.rsplit_once('.').map_or(lower.as_str(), |(stem, _)| stem);
    let mut words = stem.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    words.all(|word| COMMON.contains(&word))
}

/// The files of a project that are called as private keys are.
struct Called(Vec<String>);

/// Whether a file is called as private keys are.
fn is_called_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let Some((stem, ending)) = name.rsplit_once('.') else {
        return matches!(name.as_str(), "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519");
    };
    let words = || stem.split(['.', '-', '_']);
    match ending {
        "key" => !stem.is_empty() && !words().any(|word| matches!(word, "pub" | "public" | "gpg")),
        "pem" => {
            words().any(|word| matches!(word, "key" | "privkey" | "private")) && !words().any(|word| word == "pub")
        }
        _ => false,
    }
}

/// Whether git keeps a file in another form than it lies here: `filter=git-crypt` and its like in `.gitattributes`.
fn is_filtered(loader: &dyn Loader, path: &str) -> bool {
    let mut filtered = false;
    let mut ends: Vec<usize> = path.match_indices('/').map(|(at, _)| at).take(MOST_ABOVE).collect();
    ends.insert(0, 0);
    // What lies nearer counts more.
    for end in ends {
        let folder = path.get(..end).unwrap_or_default();
        let below = path.get(end..).unwrap_or_default().trim_start_matches('/');
        let Some(bytes) = loader::join(folder, ".gitattributes").and_then(|path| loader.read(&path).ok()) else {
            continue;
        };
        for line in String::from_utf8_lossy(&bytes).lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            let mut words = line.split_whitespace();
            let fits = words.next().is_some_and(|pattern| fits(pattern, below));
            for word in words.filter(|_| fits) {
                match word.strip_prefix("filter=") {
                    Some(name) => filtered = name != "lfs",
                    None if matches!(word, "-filter" | "!filter") => filtered = false,
                    None => {}
                }
            }
        }
    }
    filtered
}

/// Folders above a file whose attributes are looked into.
const MOST_ABOVE: usize = 32;

/// Whether a pattern of `.gitattributes` is for a path below its folder; one without a slash is for the name alone.
fn fits(pattern: &str, path: &str) -> bool {
    fn parts(pattern: &[&str], path: &[&str]) -> bool {
        match (pattern.split_first(), path.split_first()) {
            (None, None) => true,
            (Some((&"**", [])), _) => !path.is_empty(),
            (Some((&"**", rest)), _) => {
                (0..=path.len()).any(|from| path.get(from..).is_some_and(|path| parts(rest, path)))
            }
            (Some((one, rest)), Some((name, path))) => loader::matches(one, name) && parts(rest, path),
            _ => false,
        }
    }
    if !pattern.contains('/') {
        return loader::matches(pattern, loader::name(path));
    }
    let pattern: Vec<&str> = pattern.trim_start_matches('/').split('/').take(MOST_ABOVE).collect();
    // Two of these may stand for any number of folders in many ways.
    let several = pattern.iter().filter(|part| **part == "**").count() > 3;
    several || parts(&pattern, &path.split('/').collect::<Vec<_>>())
}

/// Whether the file at `path` is called as keys are, and is a private key that everybody with the repository has, and that is
/// somebody's secret.
fn is_tracked(loader: &dyn Loader, query: &Query, path: &str) -> bool {
    is_called_key(loader::name(path)) && is_tracked_key(loader, query, path)
}

/// The same of a file whatever it is called.
fn is_tracked_key(loader: &dyn Loader, query: &Query, path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let unreal = lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| UNREAL.contains(&word));
    !unreal
        && !role::of_path(query.below_argument(path)).is_lesser()
        && loader.git(path) == Git::Tracked
        && loader.stat(path).is_some_and(|stat| stat.kind == Kind::File && !stat.link)
        && loader.read(path).is_ok_and(|bytes| is_open_key(&bytes))
        && !is_filtered(loader, path)
}

/// Whether a text is a private key without a passphrase.
fn is_open_key(bytes: &[u8]) -> bool {
    let beginning = String::from_utf8_lossy(bytes.get(..BEGINNING).unwrap_or(bytes)).into_owned();
    // Parameters and certificates may stand before it.
    let is_header = |line: &str| line.starts_with("-----BEGIN ") && line.ends_with("PRIVATE KEY-----");
    let mut lines = beginning.lines().map(str::trim).skip_while(|line| !is_header(line));
    let Some(header) = lines.next() else { return false };
    if header.contains("ENCRYPTED") {
        return false;
    }
    let body: Vec<&str> = lines.take_while(|line| !line.starts_with("-----")).collect();
    if body.iter().any(|line| line.contains("ENCRYPTED")) {
        return false;
    }
    let text: String = body.into_iter().filter(|line| !line.contains(':')).collect();
    let of_key = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    // OpenSSH names the cipher first: `none`.
    let open = !header.contains("OPENSSH") || text.starts_with("b3BlbnNzaC1rZXktdjEAAAAABG5vbmU");
    open && text.len() >= 60 && text.bytes().all(of_key)
}

/// The key with the name of `wanted` that git tracks, for the configuration at `from`: anywhere where the name is the key's
/// own, and beside the configuration or near it where many are called so.
pub(crate) fn named(loader: &dyn Loader, memo: &Memo, query: &Query, from: &str, wanted: &str) -> Option<String> {
    let name = loader::name(wanted);
    // What a directive names as a key is one, also beside its certificate in one file.
    let may_be = |name: &str| is_called_key(name) || name.to_ascii_lowercase().ends_with(".pem");
    if !may_be(name) {
        return None;
    }
    let all = memo.of_many::<Called>(loader, "", |loader| Called(walk(loader, "", DEEPEST, &may_be)));
    let near = loader::folder(loader::folder(from));
    let is_near = |path: &str| near.is_empty() || path.strip_prefix(near).is_some_and(|rest| rest.starts_with('/'));
    let fits = |path: &&String| loader::name(path) == name && (!is_common(name) || is_near(path));
    all.0.iter().filter(fits).find(|path| is_tracked_key(loader, query, path)).cloned()
}

/// A key in a folder, or the file at the path, that git tracks.
pub(crate) fn below(loader: &dyn Loader, query: &Query, path: &str) -> Option<String> {
    match loader.stat(path)?.kind {
        Kind::File => is_tracked_key(loader, query, path).then(|| path.to_owned()),
        Kind::Folder => {
            let found = walk(loader, path, DEEPEST - 2, &is_called_key);
            found.into_iter().find(|path| is_tracked(loader, query, path))
        }
        Kind::Other => None,
    }
}

/// What lies in a folder that is called as keys are, the nearest first.
fn walk(loader: &dyn Loader, start: &str, deepest: usize, wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut next = std::collections::VecDeque::from([(start.to_owned(), 0)]);
    let (mut folders, mut names) = (0, 0);
    while let Some((folder, depth)) = next.pop_front() {
        folders += 1;
        let all = loader.list(&folder);
        names += all.len();
        if folders > MOST_FOLDERS || names > MOST_NAMES {
            break;
        }
        for name in all {
            let Some(path) = loader::join(&folder, &name) else { continue };
            // Folders that are given to a server may be called after a host.
            let may_be_folder = !name.contains('.') || !start.is_empty() && name != ".git";
            if wanted(&name) {
                found.push(path);
            } else if depth < deepest
                && may_be_folder
                && !matches!(name.as_str(), "node_modules" | "vendor")
                && loader.stat(&path).is_some_and(|stat| stat.kind == Kind::Folder && !stat.link)
            {
                next.push_back((path, depth + 1));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{fits, is_called_key, is_common, is_open_key};

    #[test]
    fn names_that_many_keys_have() {
        for name in ["server.key", "private.pem", "cert.key", "cert-key.pem", "wildcard.key", "my_site.key", "key1.pem"]
        {
            assert!(is_common(name), "{name}");
        }
        for name in ["shop.key", "shop.de.key", "api-server.key"] {
            assert!(!is_common(name), "{name}");
        }
    }

    #[test]
    fn attributes_are_for_paths() {
        for (pattern, path, expected) in [
            ("*.key", "certs/shop.key", true),
            ("certs/**", "certs/live/shop.key", true),
            ("/certs/*.key", "certs/shop.key", true),
            ("**/live/*.key", "certs/live/shop.key", true),
            ("certs/*.key", "certs/live/shop.key", false),
            ("*.pem", "certs/shop.key", false),
        ] {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn keys_are_known_by_their_names() {
        for (name, expected) in [
            ("shop.key", true),
            ("0000_key-certbot.pem", true),
            ("privkey.pem", true),
            ("server-key.pem", true),
            ("id_ed25519", true),
            ("id_ed25519.pub", false),
            ("public.key", false),
            ("fullchain.pem", false),
            ("keys.txt", false),
        ] {
            assert_eq!(is_called_key(name), expected, "{name}");
        }
    }

    #[test]
    fn keys_are_open_without_a_passphrase() {
        let body = "notarealkey/".repeat(6);
        let key = |header: &str, first: &str| {
            format!("-----BEGIN {header}-----\n{first}{body}\n-----END {header}-----\n").into_bytes()
        };
        assert!(is_open_key(&key("PRIVATE KEY", "")));
        assert!(is_open_key(&key("RSA PRIVATE KEY", "")));
        let parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n".to_vec();
        assert!(is_open_key(&[parameters, key("EC PRIVATE KEY", "")].concat()));
        assert!(is_open_key(&[key("CERTIFICATE", ""), key("PRIVATE KEY", "")].concat()));
        assert!(is_open_key(&key("OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAA")));
        assert!(!is_open_key(&key("OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHI")));
        assert!(!is_open_key(&key("ENCRYPTED PRIVATE KEY", "")));
        assert!(!is_open_key(&key("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n")));
        assert!(!is_open_key(&key("CERTIFICATE", "")));
        assert!(!is_open_key(b"-----BEGIN PRIVATE KEY-----\n<the key>\n-----END PRIVATE KEY-----\n"));
    }
}
