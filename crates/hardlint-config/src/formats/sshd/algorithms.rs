//! Names of algorithms: which versions know them, which are weak, and how sshd puts a list together.

use super::keywords::Algorithms;
use crate::loader;
use crate::version::{Version, Versions};

/// A name, the version that brought it, and the one that dropped it.
type Known = (&'static str, [u16; 2], [u16; 2]);

const ALWAYS: [u16; 2] = [0, 0];
const NEVER: [u16; 2] = [u16::MAX, 0];

const CIPHERS: &[Known] = &[
    ("3des-cbc", ALWAYS, NEVER),
    ("aes128-cbc", ALWAYS, NEVER),
    ("aes192-cbc", ALWAYS, NEVER),
    ("aes256-cbc", ALWAYS, NEVER),
    ("aes128-ctr", ALWAYS, NEVER),
    ("aes192-ctr", ALWAYS, NEVER),
    ("aes256-ctr", ALWAYS, NEVER),
    ("aes128-gcm@openssh.com", ALWAYS, NEVER),
    ("aes256-gcm@openssh.com", ALWAYS, NEVER),
    ("chacha20-poly1305@openssh.com", ALWAYS, NEVER),
    ("arcfour", ALWAYS, [7, 6]),
    ("arcfour128", ALWAYS, [7, 6]),
    ("arcfour256", ALWAYS, [7, 6]),
    ("blowfish-cbc", ALWAYS, [7, 6]),
    ("cast128-cbc", ALWAYS, [7, 6]),
    ("rijndael-cbc@lysator.liu.se", ALWAYS, [8, 5]),
];
const MACS: &[Known] = &[
    ("hmac-sha1", ALWAYS, NEVER),
    ("hmac-sha1-96", ALWAYS, NEVER),
    ("hmac-sha2-256", ALWAYS, NEVER),
    ("hmac-sha2-512", ALWAYS, NEVER),
    ("hmac-md5", ALWAYS, NEVER),
    ("hmac-md5-96", ALWAYS, NEVER),
    ("umac-64@openssh.com", ALWAYS, NEVER),
    ("umac-128@openssh.com", ALWAYS, NEVER),
    ("hmac-sha1-etm@openssh.com", ALWAYS, NEVER),
    ("hmac-sha1-96-etm@openssh.com", ALWAYS, NEVER),
    ("hmac-sha2-256-etm@openssh.com", ALWAYS, NEVER),
    ("hmac-sha2-512-etm@openssh.com", ALWAYS, NEVER),
    ("hmac-md5-etm@openssh.com", ALWAYS, NEVER),
    ("hmac-md5-96-etm@openssh.com", ALWAYS, NEVER),
    ("umac-64-etm@openssh.com", ALWAYS, NEVER),
    ("umac-128-etm@openssh.com", ALWAYS, NEVER),
    ("hmac-ripemd160", ALWAYS, [7, 6]),
    ("hmac-ripemd160@openssh.com", ALWAYS, [7, 6]),
    ("hmac-ripemd160-etm@openssh.com", ALWAYS, [7, 6]),
];
const KEX: &[Known] = &[
    ("diffie-hellman-group1-sha1", ALWAYS, NEVER),
    ("diffie-hellman-group14-sha1", ALWAYS, NEVER),
    ("diffie-hellman-group14-sha256", [7, 3], NEVER),
    ("diffie-hellman-group16-sha512", [7, 3], NEVER),
    ("diffie-hellman-group18-sha512", [7, 3], NEVER),
    ("diffie-hellman-group-exchange-sha1", ALWAYS, NEVER),
    ("diffie-hellman-group-exchange-sha256", ALWAYS, NEVER),
    ("ecdh-sha2-nistp256", ALWAYS, NEVER),
    ("ecdh-sha2-nistp384", ALWAYS, NEVER),
    ("ecdh-sha2-nistp521", ALWAYS, NEVER),
    ("curve25519-sha256", [7, 4], NEVER),
    ("curve25519-sha256@libssh.org", ALWAYS, NEVER),
    // OpenSSH brought this spelling with 9.9; Debian's 9.2 has it.
    ("sntrup761x25519-sha512", [8, 5], NEVER),
    ("sntrup761x25519-sha512@openssh.com", [8, 5], NEVER),
    ("mlkem768x25519-sha256", [9, 9], NEVER),
];
/// In the order in which sshd tries wildcards.
const KEYS: &[Known] = &[
    ("ssh-ed25519", ALWAYS, NEVER),
    ("ssh-ed25519-cert-v01@openssh.com", ALWAYS, NEVER),
    ("sk-ssh-ed25519@openssh.com", [8, 2], NEVER),
    ("sk-ssh-ed25519-cert-v01@openssh.com", [8, 2], NEVER),
    ("ecdsa-sha2-nistp256", ALWAYS, NEVER),
    ("ecdsa-sha2-nistp256-cert-v01@openssh.com", ALWAYS, NEVER),
    ("ecdsa-sha2-nistp384", ALWAYS, NEVER),
    ("ecdsa-sha2-nistp384-cert-v01@openssh.com", ALWAYS, NEVER),
    ("ecdsa-sha2-nistp521", ALWAYS, NEVER),
    ("ecdsa-sha2-nistp521-cert-v01@openssh.com", ALWAYS, NEVER),
    ("sk-ecdsa-sha2-nistp256@openssh.com", [8, 2], NEVER),
    ("sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", [8, 2], NEVER),
    ("webauthn-sk-ecdsa-sha2-nistp256@openssh.com", [8, 4], NEVER),
    ("ssh-dss", ALWAYS, [10, 0]),
    ("ssh-dss-cert-v01@openssh.com", ALWAYS, [10, 0]),
    ("ssh-rsa", ALWAYS, NEVER),
    ("ssh-rsa-cert-v01@openssh.com", ALWAYS, NEVER),
    ("rsa-sha2-256", [7, 2], NEVER),
    ("rsa-sha2-256-cert-v01@openssh.com", [7, 8], NEVER),
    ("rsa-sha2-512", [7, 2], NEVER),
    ("rsa-sha2-512-cert-v01@openssh.com", [7, 8], NEVER),
];

fn known(kind: Algorithms) -> &'static [Known] {
    match kind {
        Algorithms::Cipher => CIPHERS,
        Algorithms::Mac => MACS,
        Algorithms::Kex => KEX,
        Algorithms::Key | Algorithms::Signature => KEYS,
    }
}

fn version([major, minor]: [u16; 2]) -> Version {
    Version([major, minor, 0])
}

/// All names that `at` knows, in the order in which it tries wildcards.
fn all(kind: Algorithms, at: Version) -> impl Iterator<Item = &'static str> {
    let plain = kind == Algorithms::Signature;
    known(kind)
        .iter()
        .filter(move |(_, since, until)| version(*since) <= at && at < version(*until))
        .map(|(name, ..)| *name)
        .filter(move |name| !(plain && name.contains("-cert-")))
}

/// Whether a version of the range knows `name`; kinds that take wildcards take them here.
pub(super) fn accepted(kind: Algorithms, name: &str, versions: Versions) -> bool {
    // Families of which newer versions and patched builds bring more than the table has.
    let wild = name.contains(['*', '?']);
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-@._".contains(&byte));
    if plain && ["gss-", "mlkem", "mldsa", "ssh-mldsa", "sntrup"].iter().any(|family| name.starts_with(family)) {
        return !known(kind).iter().any(|(known, since, _)| *known == name && version(*since) > versions.newest);
    }
    let takes_patterns = matches!(kind, Algorithms::Key | Algorithms::Signature);
    // One that only shuts out is taken here, and keeps sshd from putting the list together: see `resolve`.
    let negated = name.strip_prefix('!').filter(|_| takes_patterns);
    let pattern = takes_patterns && (wild || negated.is_some());
    let name = negated.unwrap_or(name);
    known(kind).iter().any(|(known, since, until)| {
        let there = version(*since) <= versions.newest && versions.oldest < version(*until);
        there && (*known == name || pattern && loader::matches(name, known))
    })
}

/// The versions in the range at which what is known changes, the oldest first.
pub(super) fn epochs(kind: Algorithms, versions: Versions) -> Vec<Version> {
    let changes = known(kind).iter().flat_map(|(_, since, until)| [version(*since), version(*until)]);
    let mut epochs: Vec<Version> =
        changes.filter(|at| versions.oldest < *at && *at <= versions.newest).chain([versions.oldest]).collect();
    epochs.sort_unstable();
    epochs.dedup();
    epochs
}

/// A name in the list that holds, and the place in the argument that put it there; nothing for the default's.
pub(super) type Entry = (String, Option<(usize, usize)>);

/// The list that an argument makes of the default, as `kex_assemble_names` does.
pub(super) fn assemble(kind: Algorithms, argument: &str, default: &str, at: Version) -> Vec<Entry> {
    let defaults = || default.split_whitespace().map(|name| (name.to_owned(), None));
    let (mark, shift) = match argument.as_bytes().first() {
        Some(mark @ (b'+' | b'-' | b'^')) => (Some(*mark), 1),
        _ => (None, 0),
    };
    let listed = || {
        let mut from = shift;
        argument.get(shift..).unwrap_or_default().split(',').filter_map(move |name| {
            let start = from;
            from += name.len() + 1;
            (!name.is_empty()).then(|| (name.to_owned(), Some((start, start + name.len()))))
        })
    };
    let names: Vec<Entry> = match mark {
        Some(b'-') => {
            let denied = argument.get(1..).unwrap_or_default();
            let left: Vec<Entry> = defaults().filter(|(name, _)| !in_pattern_list(denied, name)).collect();
            // With nothing left sshd falls back on the default.
            return if left.is_empty() { defaults().collect() } else { left };
        }
        Some(b'+') => defaults().chain(listed()).collect(),
        Some(b'^') => listed().chain(defaults()).collect(),
        _ => listed().collect(),
    };
    let mut list: Vec<Entry> = Vec::with_capacity(names.len());
    let mut seen = std::collections::BTreeSet::new();
    for (name, place) in names {
        for found in all(kind, at).filter(|known| loader::matches(&name, known)) {
            if seen.insert(found) {
                list.push((found.to_owned(), place));
            }
        }
    }
    list
}

/// Whether `name` matches one of the patterns and none of those with `!` before them.
pub(super) fn in_pattern_list(patterns: &str, name: &str) -> bool {
    let mut hit = false;
    for pattern in patterns.split(',') {
        match pattern.strip_prefix('!') {
            Some(negated) if wildcard(negated, name) => return false,
            None => hit |= wildcard(pattern, name),
            Some(_) => {}
        }
    }
    hit
}

/// sshd's own patterns: `*` and `?` alone.
pub(super) fn wildcard(pattern: &str, name: &str) -> bool {
    // A name that begins with a dot needs no such pattern here, and brackets mean themselves.
    let escaped = pattern.replace('\\', "\\\\").replace('[', "\\[");
    loader::matches(&format!("x{escaped}"), &format!("x{name}"))
}

/// Whether a cipher is weak: a block of 64 bits, CBC with a MAC beside it, or RC4.
pub(super) fn weak_cipher(name: &str) -> bool {
    name.ends_with("-cbc") || name.contains("-cbc@") || name.starts_with("arcfour") || name.starts_with("3des")
}

/// Whether a key exchange rests on SHA-1, or on a group of 1024 bits.
pub(super) fn weak_kex(name: &str) -> bool {
    name.ends_with("-sha1") || (name.starts_with("gss-") && name.contains("-sha1-"))
}

/// Whether a message authentication code rests on MD5 or RIPEMD, or is cut to 96 bits. HMAC over SHA-1 and UMAC with 64 bits
/// are in every version's default, and not known to be broken.
pub(super) fn weak_mac(name: &str) -> bool {
    name.contains("-md5") || name.contains("-ripemd") || name.contains("-96")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negated_patterns_win() {
        assert!(in_pattern_list("aes*,!aes128-ctr", "aes256-ctr"));
        assert!(!in_pattern_list("aes*,!aes128-ctr", "aes128-ctr"));
        assert!(!in_pattern_list("!root", "bob"));
        assert!(in_pattern_list("a[b", "a[b"));
    }

    #[test]
    fn names_are_known_by_version() {
        let at = |major, minor| Versions::exactly(Version([major, minor, 0]));
        assert!(!accepted(Algorithms::Kex, "mlkem768x25519-sha256", at(9, 2)));
        assert!(accepted(Algorithms::Kex, "mlkem768x25519-sha256", at(10, 0)));
        assert!(accepted(Algorithms::Key, "ssh-dss", at(9, 2)));
        assert!(!accepted(Algorithms::Key, "ssh-dss", at(10, 0)));
        assert!(!accepted(Algorithms::Cipher, "aes*", at(9, 2)));
        assert!(accepted(Algorithms::Key, "ssh-*", at(9, 2)));
    }
}
