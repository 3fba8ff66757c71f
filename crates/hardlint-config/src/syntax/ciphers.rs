//! Cipher lists as OpenSSL reads them: from left to right, with `!` that bans, `-` that takes out and `+` that moves.
//!
//! A list is carried out over a table of suites, those of old OpenSSL included, as nobody knows against which one a
//! server is linked. What is told is not the suites but the words of the list that let a bad one in and that nothing
//! later takes out again.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

/// A word of a cipher list, by its place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// What is bad about a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Words that let in suites without encryption, without authentication, or with broken ciphers.
    pub weak: Vec<Word>,
    /// Words that name suites whose recorded traffic can be read with the server's key.
    pub no_forward_secrecy: Vec<Word>,
}

/// A suite, as its name tells.
#[expect(clippy::struct_excessive_bools, reason = "they are the properties that words of a list name")]
struct Suite {
    name: &'static str,
    /// Whether only LOW and EXPORT hold it, which OpenSSL dropped long ago.
    ancient: bool,
    /// What is asked of every suite for every list.
    null: bool,
    anonymous: bool,
    medium: bool,
    ephemeral: bool,
}

/// A name, and whether it is ancient.
const fn suite(name: &'static str) -> (&'static str, bool) {
    (name, false)
}

const fn ancient(name: &'static str) -> (&'static str, bool) {
    (name, true)
}

/// The suites.
static SUITES: LazyLock<Vec<Suite>> =
    LazyLock::new(|| TABLE.iter().map(|&(name, ancient)| Suite::new(name, ancient)).collect());

/// At least one suite of every kind that a word can name.
const TABLE: &[(&str, bool)] = &[
    suite("ECDHE-ECDSA-AES256-GCM-SHA384"),
    suite("ECDHE-RSA-AES256-GCM-SHA384"),
    suite("DHE-RSA-AES256-GCM-SHA384"),
    suite("DHE-DSS-AES256-GCM-SHA384"),
    suite("ECDHE-ECDSA-CHACHA20-POLY1305"),
    suite("ECDHE-RSA-CHACHA20-POLY1305"),
    suite("DHE-RSA-CHACHA20-POLY1305"),
    suite("ECDHE-ECDSA-AES256-CCM"),
    suite("ECDHE-ECDSA-AES128-CCM8"),
    suite("ECDHE-ECDSA-ARIA256-GCM-SHA384"),
    suite("ECDHE-ARIA256-GCM-SHA384"),
    suite("ADH-AES256-GCM-SHA384"),
    suite("ECDHE-ECDSA-AES128-GCM-SHA256"),
    suite("ECDHE-RSA-AES128-GCM-SHA256"),
    suite("DHE-RSA-AES128-GCM-SHA256"),
    suite("DHE-DSS-AES128-GCM-SHA256"),
    suite("ADH-AES128-GCM-SHA256"),
    suite("ECDHE-ECDSA-AES256-SHA384"),
    suite("ECDHE-RSA-AES256-SHA384"),
    suite("DHE-RSA-AES256-SHA256"),
    suite("ECDHE-ECDSA-CAMELLIA256-SHA384"),
    suite("ADH-AES256-SHA256"),
    suite("ECDHE-ECDSA-AES128-SHA256"),
    suite("ECDHE-RSA-AES128-SHA256"),
    suite("DHE-RSA-AES128-SHA256"),
    suite("DHE-DSS-AES128-SHA256"),
    suite("ADH-AES128-SHA256"),
    suite("ECDHE-ECDSA-AES256-SHA"),
    suite("ECDHE-RSA-AES256-SHA"),
    suite("DHE-RSA-AES256-SHA"),
    suite("DHE-DSS-AES256-SHA"),
    suite("DHE-RSA-CAMELLIA256-SHA"),
    suite("AECDH-AES256-SHA"),
    suite("ADH-AES256-SHA"),
    suite("ADH-CAMELLIA256-SHA"),
    suite("ECDHE-ECDSA-AES128-SHA"),
    suite("ECDHE-RSA-AES128-SHA"),
    suite("DHE-RSA-AES128-SHA"),
    suite("DHE-DSS-AES128-SHA"),
    suite("DHE-RSA-CAMELLIA128-SHA"),
    suite("AECDH-AES128-SHA"),
    suite("ADH-AES128-SHA"),
    suite("RSA-PSK-AES256-GCM-SHA384"),
    suite("DHE-PSK-AES256-GCM-SHA384"),
    suite("PSK-AES256-GCM-SHA384"),
    suite("PSK-AES128-CBC-SHA"),
    suite("SRP-RSA-AES-256-CBC-SHA"),
    suite("SRP-AES-128-CBC-SHA"),
    suite("AES256-GCM-SHA384"),
    suite("AES128-GCM-SHA256"),
    suite("AES256-CCM"),
    suite("AES256-SHA256"),
    suite("AES128-SHA256"),
    suite("AES256-SHA"),
    suite("AES128-SHA"),
    suite("CAMELLIA256-SHA"),
    suite("CAMELLIA128-SHA"),
    suite("ARIA256-GCM-SHA384"),
    suite("SEED-SHA"),
    suite("DHE-RSA-SEED-SHA"),
    suite("ADH-SEED-SHA"),
    suite("IDEA-CBC-SHA"),
    suite("ECDHE-RSA-RC4-SHA"),
    suite("ECDHE-ECDSA-RC4-SHA"),
    suite("AECDH-RC4-SHA"),
    suite("ADH-RC4-MD5"),
    suite("RC4-SHA"),
    suite("RC4-MD5"),
    suite("PSK-RC4-SHA"),
    suite("ECDHE-RSA-DES-CBC3-SHA"),
    suite("ECDHE-ECDSA-DES-CBC3-SHA"),
    suite("EDH-RSA-DES-CBC3-SHA"),
    suite("EDH-DSS-DES-CBC3-SHA"),
    suite("DHE-RSA-DES-CBC3-SHA"),
    suite("AECDH-DES-CBC3-SHA"),
    suite("ADH-DES-CBC3-SHA"),
    suite("DES-CBC3-SHA"),
    suite("DES-CBC3-MD5"),
    suite("RC2-CBC-MD5"),
    ancient("EDH-RSA-DES-CBC-SHA"),
    ancient("ADH-DES-CBC-SHA"),
    ancient("DES-CBC-SHA"),
    ancient("EXP-EDH-RSA-DES-CBC-SHA"),
    ancient("EXP-DES-CBC-SHA"),
    ancient("EXP-RC2-CBC-MD5"),
    ancient("EXP-RC4-MD5"),
    ancient("EXP-ADH-RC4-MD5"),
    suite("ECDHE-RSA-NULL-SHA"),
    suite("AECDH-NULL-SHA"),
    suite("NULL-SHA256"),
    suite("NULL-SHA"),
    suite("NULL-MD5"),
];

impl Suite {
    fn new(name: &'static str, ancient: bool) -> Self {
        let has = |part: &str| name.contains(part);
        let broken = ["RC4", "SEED", "IDEA", "RC2", "DES-CBC3"].iter().any(|cipher| has(cipher));
        Self {
            name,
            ancient,
            null: has("NULL-"),
            anonymous: has("ADH-") || has("AECDH-"),
            medium: !name.starts_with("EXP-") && broken,
            ephemeral: ["ECDHE-", "DHE-", "EDH-", "AECDH-", "ADH-", "SRP-"].iter().any(|kind| has(kind)),
        }
    }

    fn has(&self, part: &str) -> bool {
        self.name.contains(part)
    }

    fn starts(&self, part: &str) -> bool {
        self.name.starts_with(part)
    }

    fn null(&self) -> bool {
        self.null
    }

    fn anonymous(&self) -> bool {
        self.anonymous
    }

    fn export(&self) -> bool {
        self.starts("EXP-")
    }

    fn psk(&self) -> bool {
        self.has("PSK-")
    }

    fn srp(&self) -> bool {
        self.starts("SRP-")
    }

    fn ephemeral(&self) -> bool {
        self.ephemeral
    }

    /// RSA for the exchange of keys.
    fn rsa_exchange(&self) -> bool {
        !self.ephemeral() && !self.psk()
    }

    /// RSA for authentication.
    fn rsa(&self) -> bool {
        !self.anonymous() && !self.has("ECDSA") && !self.has("DSS") && (!self.psk() || self.starts("RSA-PSK"))
    }

    fn triple_des(&self) -> bool {
        self.has("DES-CBC3")
    }

    fn medium(&self) -> bool {
        self.medium
    }

    fn weak(&self) -> bool {
        self.null() || self.anonymous() || self.export() || self.ancient || self.medium()
    }

    /// Whether a single name, as OpenSSL knows it, includes the suite; nothing if the name is not known.
    fn is(&self, word: &str) -> Option<bool> {
        let gcm = self.has("GCM");
        let sha2 = self.name.ends_with("SHA256") || self.name.ends_with("SHA384");
        Some(match word {
            "ALL" => !self.null(),
            "DEFAULT" => !self.weak(),
            "COMPLEMENTOFALL" | "eNULL" | "NULL" => self.null(),
            "COMPLEMENTOFDEFAULT" => self.anonymous() || self.medium(),
            "HIGH" => !self.null() && !self.medium() && !self.ancient,
            "MEDIUM" => self.medium(),
            "LOW" => self.ancient && !self.export(),
            "EXP" | "EXPORT" | "EXPORT40" | "EXPORT56" => self.export(),
            "aNULL" => self.anonymous(),
            "ADH" => self.has("ADH-"),
            "AECDH" => self.has("AECDH-"),
            "DH" => self.has("DHE-") && !self.has("ECDHE-") || self.has("EDH-") || self.has("ADH-"),
            "kDHE" | "kEDH" | "DHE" | "EDH" => {
                (self.has("DHE-") && !self.has("ECDHE-") || self.has("EDH-"))
                    || (word.starts_with('k') && self.has("ADH-"))
            }
            "ECDH" | "kECDHE" | "kEECDH" => self.has("ECDHE-") || self.has("AECDH-"),
            "ECDHE" | "EECDH" => self.has("ECDHE-"),
            "kRSA" => self.rsa_exchange(),
            "aRSA" => self.rsa(),
            "RSA" => self.rsa_exchange() && self.rsa(),
            "aECDSA" | "ECDSA" => self.has("ECDSA"),
            "aDSS" | "DSS" => self.has("DSS"),
            "PSK" | "aPSK" | "kPSK" => self.psk(),
            "kECDHEPSK" | "kDHEPSK" | "kRSAPSK" => self.psk() && !self.starts("PSK"),
            "SRP" | "kSRP" => self.srp(),
            "aSRP" => self.srp() && !self.has("RSA"),
            "AES" => self.has("AES"),
            "AES128" => self.has("AES128") || self.has("AES-128"),
            "AES256" => self.has("AES256") || self.has("AES-256"),
            "AESGCM" => self.has("AES") && gcm,
            "AESCCM" => self.has("AES") && self.has("CCM"),
            "AESCCM8" => self.has("CCM8"),
            "ARIA" | "ARIA128" | "ARIA256" | "ARIAGCM" => self.has("ARIA"),
            "CAMELLIA" => self.has("CAMELLIA"),
            "CAMELLIA128" => self.has("CAMELLIA128"),
            "CAMELLIA256" => self.has("CAMELLIA256"),
            "CHACHA20" => self.has("CHACHA20"),
            "SEED" => self.has("SEED"),
            "IDEA" => self.has("IDEA"),
            "RC4" => self.has("RC4"),
            "RC2" => self.has("RC2"),
            "3DES" => self.triple_des(),
            "DES" => self.has("DES-CBC-"),
            "MD5" => self.name.ends_with("MD5"),
            "SHA1" | "SHA" => self.name.ends_with("-SHA"),
            "SHA256" => self.name.ends_with("SHA256") && !gcm,
            "SHA384" => self.name.ends_with("SHA384") && !gcm,
            "TLSv1.2" => gcm || sha2 || self.has("CHACHA20") || self.has("CCM"),
            "TLSv1" | "TLSv1.0" | "SSLv3" => !(gcm || sha2 || self.has("CHACHA20") || self.has("CCM")),
            "kDH" | "kDHr" | "kDHd" | "kECDH" | "kECDHr" | "kECDHe" | "aDH" | "aECDH" | "aGOST" | "kGOST" | "GOST"
            | "GOST94" | "GOST89MAC" | "KRB5" | "FZA" | "kFZA" | "eFZA" | "aFZA" | "SUITEB128" | "SUITEB192"
            | "FIPS" | "CBC" | "SSLv2" => false,
            _ => return None,
        })
    }
}

/// Carries the list out.
pub fn judge(list: &str) -> Verdict {
    // For each suite: the word that let it in, and whether it is banned.
    let mut by: Vec<Option<usize>> = vec![None; SUITES.len()];
    let mut banned = vec![false; SUITES.len()];
    let mut words = Vec::new();
    let mut named = Vec::new();
    let mut at = 0;
    for (number, raw) in list.split([':', ',', ' ', ';']).enumerate() {
        let start = at;
        at += raw.len() + 1;
        words.push(Word { start, end: start + raw.len() });
        named.push(false);
        let (operator, name) = match raw.split_at_checked(1) {
            Some((first @ ("!" | "-" | "+"), rest)) => (first, rest),
            _ => ("", raw),
        };
        if name.is_empty() || name.starts_with('@') || operator == "+" {
            continue;
        }
        for &index in included(name).iter() {
            let (Some(suite), Some(slot), Some(ban)) = (SUITES.get(index), by.get_mut(index), banned.get_mut(index))
            else {
                continue;
            };
            match operator {
                "!" => {
                    *ban = true;
                    *slot = None;
                }
                "-" => *slot = None,
                // What a word lets in beside what it names, no OpenSSL of the last years negotiates.
                _ if suite.weak() && !asks_for(name, suite) => {}
                _ if !*ban => {
                    slot.get_or_insert(number);
                    let exact = suite.name == name || name == "kRSA" || name == "RSA";
                    if let Some(named) = named.get_mut(number).filter(|_| exact) {
                        *named = true;
                    }
                }
                _ => {}
            }
        }
    }
    verdict(&words, &named, &by)
}

fn verdict(words: &[Word], named: &[bool], by: &[Option<usize>]) -> Verdict {
    let mut weak = vec![false; words.len()];
    let mut fixed = vec![false; words.len()];
    for (suite, number) in SUITES.iter().zip(by).filter_map(|(suite, by)| by.map(|number| (suite, number))) {
        let (Some(weak), Some(fixed)) = (weak.get_mut(number), fixed.get_mut(number)) else { continue };
        *weak |= suite.weak();
        *fixed |= suite.rsa_exchange() && named.get(number) == Some(&true);
    }
    let those = |chosen: &dyn Fn(bool, bool) -> bool| {
        let all = words.iter().zip(weak.iter().zip(&fixed));
        all.filter(|(_, (weak, fixed))| chosen(**weak, **fixed)).map(|(word, _)| word.clone()).collect()
    };
    Verdict { weak: those(&|weak, _| weak), no_forward_secrecy: those(&|weak, fixed| fixed && !weak) }
}

/// The places of the suites that a word includes. Lists are mostly made of the names of suites, and those are found
/// without asking each suite for what it is; the same few other words stand in nearly every list, and are remembered.
fn included(word: &str) -> Arc<[usize]> {
    static KNOWN: Mutex<BTreeMap<Box<str>, Arc<[usize]>>> = Mutex::new(BTreeMap::new());
    if let Some(own) = SUITES.iter().position(|suite| suite.name == word) {
        return Arc::new([own]);
    }
    if !word.contains('+') && SUITES.first().is_some_and(|suite| suite.is(word).is_none()) {
        return Arc::new([]);
    }
    if let Some(known) = KNOWN.lock().ok().and_then(|known| known.get(word).cloned()) {
        return known;
    }
    let found: Arc<[usize]> =
        SUITES.iter().enumerate().filter(|(_, suite)| includes(suite, word)).map(|(at, _)| at).collect();
    if let Ok(mut known) = KNOWN.lock()
        && known.len() < MOST_REMEMBERED
    {
        known.insert(word.into(), found.clone());
    }
    found
}

/// How many words are remembered: there are less than a hundred, but they can be joined with `+`.
const MOST_REMEMBERED: usize = 200;

/// Whether a word that includes a bad suite asks for what is bad about it. `EECDH` once held RC4 and 3DES as well, and
/// still holds suites without encryption; but the builds of the last years leave them out or refuse them.
fn asks_for(word: &str, suite: &Suite) -> bool {
    const BAD: &[&str] = &[
        "MEDIUM",
        "LOW",
        "EXP",
        "EXPORT",
        "EXPORT40",
        "EXPORT56",
        "RC4",
        "RC2",
        "3DES",
        "DES",
        "SEED",
        "IDEA",
        "MD5",
        "NULL",
        "eNULL",
        "aNULL",
        "ADH",
        "AECDH",
        "COMPLEMENTOFALL",
        "COMPLEMENTOFDEFAULT",
    ];
    if suite.name == word {
        return true;
    }
    word.split('+').any(|name| BAD.contains(&name) || name == "ALL" || (name == "HIGH" && suite.anonymous()))
}

/// Whether a word includes a suite: a suite's own name, or names joined by `+` that all have to include it.
fn includes(suite: &Suite, word: &str) -> bool {
    if suite.name == word {
        return true;
    }
    word.split('+').all(|name| suite.is(name).unwrap_or(suite.name == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(list: &str, weak: &str, no_forward_secrecy: &str) {
        let verdict = judge(list);
        let spelt = |words: &[Word]| words.iter().map(|word| &list[word.start..word.end]).collect::<Vec<_>>().join(" ");
        assert_eq!(
            (spelt(&verdict.weak).as_str(), spelt(&verdict.no_forward_secrecy).as_str()),
            (weak, no_forward_secrecy),
            "{list}"
        );
    }

    /// Compared with `openssl ciphers -v` of OpenSSL 3.0 where it still knows the suites.
    #[test]
    fn lists_are_carried_out_from_left_to_right() {
        check("HIGH:!aNULL:!MD5", "", "");
        check("HIGH:!aNULL:!MD5:!RC4:!3DES", "", "");
        check("HIGH:!MD5", "HIGH", "");
        check("!aNULL:HIGH", "", "");
        check("HIGH:-aNULL", "", "");
        check("ALL", "ALL", "");
        check("ALL:!aNULL:!eNULL:!MEDIUM:!LOW:!EXP", "", "");
        check("ALL:!ADH:!EXPORT56:RC4+RSA:+HIGH:+MEDIUM:+LOW:+SSLv2:+EXP", "ALL", "");
        check("DEFAULT", "", "");
        check("ECDHE-RSA-AES128-GCM-SHA256:HIGH:!aNULL:!MD5:!RC4:!DHE", "", "");
        check("ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-DES-CBC3-SHA:@SECLEVEL=0", "ECDHE-RSA-DES-CBC3-SHA", "");
        check("ECDHE-RSA-AES128-GCM-SHA256:DES-CBC3-SHA:!DES", "DES-CBC3-SHA", "");
        check("ECDHE-RSA-AES128-GCM-SHA256:DES-CBC3-SHA:!3DES", "", "");
        check("EECDH+AESGCM:EDH+AESGCM:AES256+EECDH:AES256+EDH", "", "");
        check("EECDH+AESGCM:EDH+AESGCM", "", "");
        check("ECDH+AESGCM:DH+AESGCM:ECDH+AES256:DH+AES256:RSA+AESGCM:!aNULL:!MD5", "", "");
        check("ECDHE-RSA-AES256-GCM-SHA384:AES256-GCM-SHA384", "", "AES256-GCM-SHA384");
        check("AES128-SHA:AES256-SHA:!kRSA", "", "");
        check("ECDHE:!aNULL", "", "");
        check("AESGCM", "", "");
        check("RSA+RC4", "RSA+RC4", "");
        check("RC4:HIGH:!aNULL", "RC4", "");
        check("HIGH:!aNULL:NULL", "NULL", "");
        check("kRSA:!aNULL:!eNULL:!MEDIUM:!LOW:!EXP", "", "kRSA");
        check("ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-SHA", "", "");
        check("unknown-words:stay:silent", "", "");
        check("", "", "");
    }
}
