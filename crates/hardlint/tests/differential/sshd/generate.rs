//! Writes `sshd_config` files: what the grammar allows, what it nearly allows, and what it has no place for.

use super::words::{
    BLOCKS, CIPHERS, COMMANDS, ENVIRONMENT, FACILITIES, FLAGS, KEX, KEYS, LEVELS, LIMITS, LISTEN, MACS, MASKS, METHODS,
    NAMES, NUMBERS, OPEN, OPTIONS, PATHS, PATTERNS, QOS, STARTUPS, SYSTEMS, TEXTS, TIMEOUTS, TIMES, USERS,
};
use crate::case::Case;
use crate::write::{self, Bytes, Mood};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// What arguments a keyword takes.
#[derive(Clone, Copy, Debug)]
enum Takes {
    Flag,
    Choice(&'static [&'static str]),
    Number,
    Time,
    Word(&'static [&'static str]),
    Words(&'static [&'static str]),
    Algorithms(&'static [&'static str]),
    /// The rest of the line.
    Rest(&'static [&'static str]),
}

#[rustfmt::skip]
const KEYWORDS: &[(&str, Takes)] = {
    use Takes::{Algorithms, Choice, Flag, Number, Rest, Time, Word, Words};
    &[
    ("PermitRootLogin", Choice(&["no", "yes", "prohibit-password", "without-password", "forced-commands-only", "YES", "Prohibit-Password", "maybe", "true", ""])),
    ("PasswordAuthentication", Flag), ("PubkeyAuthentication", Flag), ("KbdInteractiveAuthentication", Flag),
    ("ChallengeResponseAuthentication", Flag), ("SkeyAuthentication", Flag), ("DSAAuthentication", Flag), ("PermitEmptyPasswords", Flag),
    ("HostbasedAuthentication", Flag), ("HostbasedUsesNameFromPacketOnly", Flag), ("IgnoreUserKnownHosts", Flag),
    ("IgnoreRhosts", Choice(&["yes", "no", "shosts-only", "SHOSTS-ONLY", "true", ""])),
    ("GSSAPIAuthentication", Flag), ("GSSAPICleanupCredentials", Flag), ("GSSAPICleanupCreds", Flag), ("GSSAPIStrictAcceptorCheck", Flag),
    ("GSSAPIKeyExchange", Flag), ("GSSAPIStoreCredentialsOnRekey", Flag), ("KerberosAuthentication", Flag),
    ("KerberosOrLocalPasswd", Flag), ("KerberosTicketCleanup", Flag), ("KerberosGetAFSToken", Flag),
    ("X11Forwarding", Flag), ("X11UseLocalhost", Flag), ("PrintMotd", Flag), ("PrintLastLog", Flag), ("PermitTTY", Flag),
    ("PermitUserRC", Flag), ("StrictModes", Flag), ("TCPKeepAlive", Flag), ("KeepAlive", Flag), ("UseDNS", Flag), ("UsePAM", Flag),
    ("AllowAgentForwarding", Flag), ("DisableForwarding", Flag), ("ExposeAuthInfo", Flag), ("StreamLocalBindUnlink", Flag),
    ("AllowTcpForwarding", Choice(&["yes", "no", "all", "local", "remote", "ALL", "both", ""])),
    ("AllowStreamLocalForwarding", Choice(&["yes", "no", "all", "local", "remote", "Remote", ""])),
    ("GatewayPorts", Choice(&["no", "yes", "clientspecified", "ClientSpecified", "any", ""])),
    ("PermitTunnel", Choice(&["no", "yes", "point-to-point", "ethernet", "Yes", "NO", "Ethernet", "both", ""])),
    ("Compression", Choice(&["delayed", "yes", "no", "DELAYED", "zlib", ""])),
    ("AddressFamily", Choice(&["any", "inet", "inet6", "INET", "ipv4", ""])),
    ("FingerprintHash", Choice(&["md5", "sha256", "SHA512", "sha1", "sha384", "x", ""])),
    ("LogLevel", Choice(LEVELS)), ("SyslogFacility", Choice(FACILITIES)),
    ("MaxAuthTries", Number), ("MaxSessions", Number), ("X11DisplayOffset", Number), ("RequiredRSASize", Number),
    ("ClientAliveCountMax", Number), ("PerSourceMaxStartups", Number), ("ServerKeyBits", Number),
    ("Port", Word(&["22", "2222", "0", "65535", "65536", "-1", "ssh", "http", "022", "+22", "22x", "", "0x16", "SSH", "smtp", "nosuch"])),
    ("ListenAddress", Words(LISTEN)),
    ("LoginGraceTime", Time), ("ClientAliveInterval", Time), ("UnusedConnectionTimeout", Time), ("KeyRegenerationInterval", Time),
    ("RekeyLimit", Words(LIMITS)), ("MaxStartups", Word(STARTUPS)), ("PerSourceNetBlockSize", Word(BLOCKS)),
    ("StreamLocalBindMask", Word(MASKS)), ("IPQoS", Words(QOS)),
    ("AllowUsers", Words(USERS)), ("DenyUsers", Words(USERS)), ("AllowGroups", Words(USERS)), ("DenyGroups", Words(USERS)),
    ("AcceptEnv", Words(NAMES)), ("SetEnv", Words(NAMES)), ("PermitUserEnvironment", Word(ENVIRONMENT)),
    ("PermitOpen", Words(OPEN)), ("PermitListen", Words(OPEN)), ("AuthenticationMethods", Words(METHODS)),
    ("AuthorizedKeysFile", Words(PATHS)), ("AuthorizedPrincipalsFile", Word(PATHS)), ("Banner", Word(PATHS)),
    ("ChrootDirectory", Word(PATHS)), ("HostKey", Word(PATHS)), ("HostCertificate", Word(PATHS)), ("HostKeyAgent", Word(PATHS)),
    ("ModuliFile", Word(PATHS)), ("PidFile", Word(PATHS)), ("RevokedKeys", Word(PATHS)), ("TrustedUserCAKeys", Word(PATHS)),
    ("SecurityKeyProvider", Word(PATHS)), ("XAuthLocation", Word(PATHS)), ("AuthorizedKeysCommandUser", Word(USERS)),
    ("AuthorizedPrincipalsCommandUser", Word(USERS)), ("RDomain", Word(PATHS)),
    ("AuthorizedKeysCommand", Rest(COMMANDS)), ("AuthorizedPrincipalsCommand", Rest(COMMANDS)),
    ("ForceCommand", Rest(TEXTS)), ("VersionAddendum", Rest(TEXTS)), ("Subsystem", Words(SYSTEMS)),
    ("LogVerbose", Words(PATTERNS)), ("PubkeyAuthOptions", Words(OPTIONS)), ("ChannelTimeout", Words(TIMEOUTS)),
    ("Ciphers", Algorithms(CIPHERS)), ("MACs", Algorithms(MACS)), ("KexAlgorithms", Algorithms(KEX)),
    ("HostKeyAlgorithms", Algorithms(KEYS)), ("PubkeyAcceptedAlgorithms", Algorithms(KEYS)),
    ("PubkeyAcceptedKeyTypes", Algorithms(KEYS)), ("HostbasedAcceptedAlgorithms", Algorithms(KEYS)),
    ("HostbasedAcceptedKeyTypes", Algorithms(KEYS)), ("CASignatureAlgorithms", Algorithms(KEYS)), ("GSSAPIKexAlgorithms", Word(&["gss-group14-sha256-", "gss-gex-sha1-,gss-curve25519-sha256-", "gss-*", "gss-group1-sha1-", "", "gss-x-", "+gss-gex-sha1-"])),
    ("Protocol", Word(&["2", "1", "2,1", ""])), ("UsePrivilegeSeparation", Word(&["yes", "sandbox", ""])), ("RSAAuthentication", Flag),
    ("RhostsRSAAuthentication", Flag), ("UseLogin", Flag), ("AuthorizedKeysFile2", Word(PATHS)), ("DebianBanner", Flag),
    ("PermitRootLogn", Flag), ("x", Flag), ("PAMServiceName", Word(PATHS)), ("RefuseConnection", Flag), ("Host", Word(USERS)),
    ("SshdSessionPath", Word(PATHS)), ("PerSourcePenalties", Word(NAMES)), ("IgnoreUnknown", Word(NAMES)),
    ]
};

fn value(takes: Takes, mood: Mood) -> BoxedStrategy<Bytes> {
    let one = |words: &'static [&'static str]| write::quoted(write::mostly(words, mood), mood);
    let several = |words: &'static [&'static str]| {
        let odd = select(vec!["  ", "\t", " \t ", "\x0c", ",", "\r"]);
        let separators = prop_oneof![4 => Just(" "), mood.strange(6) => odd];
        let more = vec((separators, write::quoted(write::mostly(words, mood), mood)), 0..3);
        (one(words), more)
            .prop_map(|(first, more)| {
                more.into_iter().fold(first, |line, (between, word)| write::joined(&[&line, between.as_bytes(), &word]))
            })
            .boxed()
    };
    match takes {
        Takes::Flag => {
            prop_oneof![6 => write::quoted(select(&FLAGS[..4]), mood), mood.strange(1) => one(FLAGS)].boxed()
        }
        Takes::Choice(words) | Takes::Word(words) => one(words),
        Takes::Number => one(NUMBERS),
        Takes::Time => one(TIMES),
        Takes::Words(words) => several(words),
        Takes::Rest(words) => write::mostly(words, mood).prop_map(|text| text.as_bytes().to_vec()).boxed(),
        Takes::Algorithms(words) => {
            let odd = select(vec!["+-", " ", "\"", "++"]);
            let mark = prop_oneof![16 => Just(""), 32 => select(vec!["+", "-", "^"]), mood.strange(8) => odd];
            (mark, vec(write::mostly(words, mood), 1..4))
                .prop_map(|(mark, names)| [mark, &names.join(",")].concat().into_bytes())
                .boxed()
        }
    }
}

/// A keyword with its arguments.
fn setting(mood: Mood) -> BoxedStrategy<Bytes> {
    // The last ones are those that sshd does not have.
    let plain = &KEYWORDS[..KEYWORDS.len() - 12];
    let keyword = prop_oneof![16 => select(plain), mood.strange(4) => select(KEYWORDS)];
    let keyword = keyword.prop_flat_map(move |(name, takes)| (spelling(name), separator(mood), value(takes, mood)));
    keyword.prop_map(|(name, separator, value)| write::joined(&[&name, &separator, &value])).boxed()
}

fn spelling(name: &'static str) -> impl Strategy<Value = Bytes> {
    prop_oneof![
        12 => Just(name.to_owned()),
        2 => Just(name.to_ascii_lowercase()),
        1 => Just(name.to_ascii_uppercase()),
        1 => Just(format!("\"{name}\"")),
        1 => Just(format!("{}\"{}\"", &name[..1], &name[1..])),
    ]
    .prop_map(String::into_bytes)
}

fn separator(mood: Mood) -> impl Strategy<Value = Bytes> {
    let odd = vec!["\t", "=", " = ", "= ", " =", "  ", "\t=\t", "==", "", "\x0c", "\r", "\x0b", " = = ", "\u{a0}"];
    prop_oneof![20 => Just(" "), mood.strange(3) => select(odd)].prop_map(|text| text.as_bytes().to_vec())
}

/// The head of a Match block, mostly one that sshd takes.
fn head(mood: Mood) -> impl Strategy<Value = Bytes> {
    // What sshd refuses of these stands behind, and is rare in a mild file.
    let rare = mood.strange(8);
    let criterion = prop_oneof![
        30 => (select(vec!["User", "user", "Host", "User"]), select(vec!["root", "alice", "!root,*", "*", "alice,root", "*.example.com"])),
        20 => (Just("Address"), select(vec!["10.0.0.0/8", "10.0.0.1", "::1", "fd00::/8", "!10.0.0.0/8,*", "0.0.0.0/0", "::/0"])),
        6 => (Just("LocalPort"), select(vec!["22", "2222"])),
        rare => (select(vec!["User", "user", "Group", "Host", "USER"]),
            select(vec!["root", "alice", "!root,*", "*", "ro?t", "wheel", "daemon", "*.example.com", "alice,root", "", "!alice", "nogroup", "10.0.0.1"]))
            .prop_map(|(name, value)| (name, value)),
        rare => (select(vec!["Address", "LocalAddress", "address"]),
            select(vec!["10.0.0.0/8", "10.0.0.1", "::1", "fd00::/8", "10.0.0.*", "10.0.0.5/8", "!10.0.0.0/8,*", "0.0.0.0/0", "::/0", "10.0.0.0/33", "!10.0.0.1,10.0.0.0/8", "host", "10/8", "10.0.0.0/", "10.0.0.0/08", "", "::ffff:10.0.0.1", "*"])),
        rare => (select(vec!["LocalPort", "localport"]), select(vec!["22", "2222", "0", "65536", "ssh", "22,23", "-1", "022", "*", "2200000"])),
        rare => (Just("RDomain"), select(vec!["vrf0", "*", "none"])),
        rare => (select(vec!["All", "all", "Invalid-User", "Version", "Exec", "Final", "Canonical"]), select(vec!["", "all", "x"])),
    ];
    let separator = prop_oneof![20 => Just(" "), rare => select(vec!["  ", "\t", "=", " = ", "\r"])];
    let one = (criterion, separator, write::quoting(mood)).prop_map(|((name, value), separator, quoting)| {
        write::joined(&[name.as_bytes(), separator.as_bytes(), &write::quote(value, quoting)])
    });
    let one = one.boxed();
    let few = prop_oneof![8 => vec(one.clone(), 1..2), 3 => vec(one, 2..4)];
    let whole =
        prop_oneof![16 => Just(b"all".to_vec()), 80 => few.prop_map(|all| all.join(&b' ')), rare => Just(Vec::new())];
    let odd = select(vec!["match\t", "Match=", "MATCH = ", "\"Match\" ", "Match"]);
    let match_word = prop_oneof![16 => Just("Match "), rare => odd];
    (match_word, whole).prop_map(|(word, rest)| write::joined(&[word.as_bytes(), &rest]))
}

fn include(mood: Mood) -> impl Strategy<Value = Bytes> {
    write::mostly(
        &[
            "Include @@/a.conf",
            "Include @@/*.conf",
            "Include @@/b.conf",
            "Include @@/d/*",
            "Include @@/d/*.conf @@/a.conf",
            "Include \"@@/a.conf\"",
            "include=@@/a.conf",
            "Include @@/nothing.conf",
            "Include @@/nothing/*.conf",
            "Include @@/[ab].conf",
            "Include @@/?.conf",
            "Include @@/[!a].conf",
            "Include @@/d",
            "Include a.conf",
            "Include @@/sshd_config",
            "Include @@/a.conf @@/a.conf",
            "Include @@/{a,b}.conf",
            "Include @@/\\a.conf",
            "Include",
            "Include \"\"",
            "Include @@/a.conf # @@/b.conf",
            "Include @@//a.conf",
            "Include @@/.hidden",
            "Include @@/d/.*",
            "Include ~/a.conf",
            "Include @@/*/c.conf",
            "Include @@/d/../a.conf",
            "Include @@/nothing/../a.conf",
            "Include @@/d/../*.conf",
        ],
        mood,
    )
    .prop_map(|text| text.as_bytes().to_vec())
}

fn odd() -> impl Strategy<Value = Bytes> {
    let texts: Vec<&'static [u8]> = vec![
        b"",
        b"# comment",
        b"   ",
        b"\t# c",
        b"Port",
        b"=",
        b"\"",
        b"\"\"",
        b"\" \" x",
        b"#",
        b"= yes",
        b"''",
        b"'Port' 22",
        b"\\",
        b"\x0c",
        b"\x0cPort 22",
        b"\x0bPort 22",
        b"\xef\xbb\xbfPort 22",
        b"Port 22\\",
        b"\xa0Port 22",
        b"\xff\xfe",
        b"Banner /\xe9",
        b"AllowUsers \xc3\xa9 \xff",
        b"\"Port 22",
        b"Po\"rt 22",
        b"\"\" Port 22",
        b"\"\" \"\" Port 22",
        b"\r",
        b"=Port 22",
        b" = Port 22",
        b"\"# x\" y",
        b"\"\"# x",
        b"Port\x0022",
        b"Port 22\x00 23",
        b"\x00",
        b"AllowUsers a\x00b",
        b"Port 22 23",
        b"{",
        b"}",
        b"Port;22",
        b"Port 22;",
        b"Port: 22",
    ];
    select(texts).prop_map(<[u8]>::to_vec)
}

/// A line that is longer than any buffer of lines that one could think of.
fn long() -> impl Strategy<Value = Bytes> {
    (
        select(vec!["AllowUsers ", "#", "Banner /", "Ciphers ", "ForceCommand ", "AcceptEnv "]),
        select(vec!["a", "a ", "aes128-ctr,", "x\t"]),
        select(vec![100_usize, 1023, 1024, 4096, 9000]),
    )
        .prop_map(|(start, part, length)| [start, &part.repeat(length / part.len())].concat().into_bytes())
}

fn line(mood: Mood) -> BoxedStrategy<Bytes> {
    let body =
        prop_oneof![60 => setting(mood), 9 => head(mood), 6 => include(mood), mood.strange(5) => odd(), 1 => long()];
    let common = &[" ", "\t", " # c", " #", "\r", "\x0c", " \"\"", " ''", "\r\r"];
    let rare = &["#c", " \\", " x", " \x0b", "\"", " # \"", " #'", "'", ";", " =", "\u{2028}"];
    write::line(body.boxed(), &[" ", "\t", "    ", "\x0c", "\r", "\x0b"], (common, rare, mood))
}

/// The connection that is asked for; `root` and `daemon` are on every system, with groups of their names.
fn conditions() -> impl Strategy<Value = Vec<(String, String)>> {
    let user = option::weighted(0.9, select(vec!["root", "alice", "daemon"]));
    let host = option::of(select(vec!["a.example.com", "localhost", "H.Example.COM"]));
    let addr = option::weighted(0.8, select(vec!["10.0.0.1", "8.8.8.8", "::1", "fd00::1", "::ffff:10.0.0.1"]));
    let laddr = option::of(select(vec!["10.0.0.1", "::1"]));
    let lport = option::of(select(vec!["22", "2222"]));
    let some = (user, host, addr, laddr, lport).prop_map(|(user, host, addr, laddr, lport)| {
        let group = user.filter(|user| *user != "alice");
        let pairs =
            [("user", user), ("host", host), ("addr", addr), ("laddr", laddr), ("lport", lport), ("group", group)];
        pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect()
    });
    prop_oneof![1 => Just(Vec::new()), 3 => some]
}

pub(crate) fn cases() -> BoxedStrategy<Case> {
    let cases = |mood| {
        let root = prop_oneof![8 => write::file(line(mood), 0..6), 2 => write::file(line(mood), 1..14)];
        let names = ["a.conf", "b.conf", "d/c.conf", ".hidden"];
        write::with_parts("sshd_config", root.boxed(), 0.3, &write::file(line(mood), 0..4), names)
    };
    (write::moods(cases), conditions()).prop_map(|(case, conditions)| Case { conditions, ..case }).boxed()
}
