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
/// Bytes at the beginning of a file in which a key begins.
const BEGINNING: usize = 4 << 10;

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

/// Names that many keys have, so that the name does not tell which one it is.
const COMMON: &[&str] = &["key.pem", "nginx.key", "privkey.pem", "private.key", "server.key", "ssl.key", "tls.key"];

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

/// Whether the file at `path` is a private key that everybody with the repository has, and that is somebody's secret.
pub(crate) fn is_tracked(loader: &dyn Loader, query: &Query, path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let unreal = lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| UNREAL.contains(&word));
    is_called_key(loader::name(path))
        && !unreal
        && !role::of_path(query.below_argument(path)).is_lesser()
        && loader.git(path) == Git::Tracked
        && loader.stat(path).is_some_and(|stat| stat.kind == Kind::File && !stat.link)
        && loader.read(path).is_ok_and(|bytes| is_open_key(&bytes))
}

/// Whether a text is a private key without a passphrase.
fn is_open_key(bytes: &[u8]) -> bool {
    let beginning = String::from_utf8_lossy(bytes.get(..BEGINNING).unwrap_or(bytes)).into_owned();
    let mut lines = beginning.lines().map(str::trim).skip_while(|line| !line.starts_with("-----BEGIN "));
    let Some(header) = lines.next().filter(|header| header.ends_with("PRIVATE KEY-----")) else { return false };
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
    if !is_called_key(name) {
        return None;
    }
    let all = memo.of_many::<Called>(loader, "", |loader| Called(walk(loader, "", DEEPEST)));
    let near = loader::folder(loader::folder(from));
    let is_near = |path: &str| near.is_empty() || path.strip_prefix(near).is_some_and(|rest| rest.starts_with('/'));
    let fits = |path: &&String| {
        loader::name(path) == name && (!COMMON.contains(&name.to_ascii_lowercase().as_str()) || is_near(path))
    };
    all.0.iter().filter(fits).find(|path| is_tracked(loader, query, path)).cloned()
}

/// A key in a folder, or the file at the path, that git tracks.
pub(crate) fn below(loader: &dyn Loader, query: &Query, path: &str) -> Option<String> {
    match loader.stat(path)?.kind {
        Kind::File => is_tracked(loader, query, path).then(|| path.to_owned()),
        Kind::Folder => {
            let found = walk(loader, path, DEEPEST - 2);
            found.into_iter().find(|path| is_tracked(loader, query, path))
        }
        Kind::Other => None,
    }
}

/// What lies in a folder that is called as keys are, the nearest first.
fn walk(loader: &dyn Loader, start: &str, deepest: usize) -> Vec<String> {
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
            if is_called_key(&name) {
                found.push(path);
            } else if depth < deepest
                && !name.contains('.')
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
    use super::{is_called_key, is_open_key};

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
        assert!(is_open_key(&key("OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAA")));
        assert!(!is_open_key(&key("OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHI")));
        assert!(!is_open_key(&key("ENCRYPTED PRIVATE KEY", "")));
        assert!(!is_open_key(&key("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n")));
        assert!(!is_open_key(&key("CERTIFICATE", "")));
        assert!(!is_open_key(b"-----BEGIN PRIVATE KEY-----\n<the key>\n-----END PRIVATE KEY-----\n"));
    }
}
