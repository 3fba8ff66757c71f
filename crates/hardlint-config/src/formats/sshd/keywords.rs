//! The keywords of `sshd_config`: one row each, with all that the parser, the resolver, rules and `show` need to know.
//!
//! The rows follow the table in `OpenSSH`'s `servconf.h` and `sshd_config(5)`, from 9.2 to 10.5.

use super::defaults::{CIPHERS, KEX, KEYS, MACS, SIGNATURES};
use crate::formats::words::Words;
use crate::schema::{Default, Key, Type};
use crate::version::Version;

/// A keyword, or a fact that is derived from keywords.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keyword {
    /// As `sshd -T` prints it.
    pub(super) name: &'static str,
    /// As `sshd_config(5)` spells it.
    pub(super) spelling: &'static str,
    pub(super) ty: Type,
    pub(super) default: Default,
    /// What its arguments are.
    pub(super) arg: Arg,
    /// What a second line does.
    pub(super) again: Again,
    /// The version from which it may stand in a Match block, if any.
    pub(super) in_match: Option<Version>,
    /// The version that brought it.
    pub(super) since: Version,
    /// The kinds of scope that have it.
    pub(super) kinds: &'static [&'static str],
    pub(super) doc: &'static str,
}

/// What a second line with the same keyword does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// Nothing: the first holds.
    Nothing,
    /// It adds its values.
    Adds,
    /// It adds its value if its first word is new.
    AddsName,
    /// It holds instead.
    Replaces,
}

/// What the arguments of a keyword are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arg {
    /// None: it is a fact.
    Fact,
    /// `yes` or `no`.
    Flag,
    /// One of these in any case; what is printed stands second.
    OneOf(&'static [(&'static str, &'static str)]),
    /// One of these as they are.
    Exactly(&'static [&'static str]),
    /// A number from 0.
    Number,
    /// A number, or `none`.
    NumberOrNone,
    /// A time, which is printed in seconds.
    Time,
    /// A time or `none`; 0 is printed as `none`.
    TimeOrNone,
    /// A file, below the folder that sshd is started in if it is relative; or this word.
    File(&'static str),
    /// One word.
    Word,
    /// All of the line as it stands.
    Line,
    /// All of the line, which is a command with its full path, or `none`.
    Command,
    /// Words in any number, which are checked so.
    Words(Check),
    /// A list of algorithms with `+`, `-` or `^` before it.
    Algorithms(Algorithms),
    Port,
    Listen,
    MaxStartups,
    NetBlock,
    Ipqos,
    RekeyLimit,
    Mask,
    Subsystem,
    PubkeyOptions,
    UserEnvironment,
    /// A list of address ranges.
    Addresses,
}

/// How each of several words is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// Not at all, but that it is not empty.
    Any,
    /// `user`, or `user@host` with a valid address range.
    User,
    /// A name without `=`.
    EnvironmentName,
    /// `NAME=value`.
    Environment,
    /// `host:port`, `any` or `none`.
    Open,
    /// `[host:]port`, `any` or `none`.
    Listen,
    /// Authentication methods with commas between them.
    Methods,
    /// `type=time`, or `none`.
    Timeout,
    /// Files; `none` stands alone.
    Files,
    /// Anything that is not empty; `none` stands alone.
    Places,
    /// Penalties: `yes`, `no`, or `name:value`.
    Penalties,
}

/// Kinds of algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithms {
    Cipher,
    Mac,
    Kex,
    Key,
    Signature,
}

const OLDEST: Version = Version([0, 0, 0]);
const BOTH: &[&str] = &["file", "match"];
const STRING: Type = Type::String;
const WORDS: Type = Type::List(&Type::String);

const fn key(
    name: &'static str,
    spelling: &'static str,
    ty: Type,
    default: Default,
    arg: Arg,
    doc: &'static str,
) -> Keyword {
    Keyword {
        name,
        spelling,
        ty,
        default,
        arg,
        again: Again::Nothing,
        in_match: Some(OLDEST),
        since: OLDEST,
        kinds: BOTH,
        doc,
    }
}

const fn flag(name: &'static str, spelling: &'static str, default: bool, doc: &'static str) -> Keyword {
    let default = Default::Always(if default { "true" } else { "false" });
    key(name, spelling, Type::Bool, default, Arg::Flag, doc)
}

const fn fact(name: &'static str, kinds: &'static [&'static str], ty: Type, doc: &'static str) -> Keyword {
    Keyword { kinds, ..key(name, "", ty, Default::Filled, Arg::Fact, doc) }
}

impl Keyword {
    /// It is refused in a Match block.
    const fn global(self) -> Self {
        Self { in_match: None, ..self }
    }

    /// It is allowed in a Match block from this version on.
    const fn match_since(self, major: u16, minor: u16) -> Self {
        Self { in_match: Some(Version([major, minor, 0])), ..self }
    }

    const fn adds(self) -> Self {
        Self { again: Again::Adds, ..self }
    }

    const fn adds_name(self) -> Self {
        Self { again: Again::AddsName, ..self }
    }

    const fn replaces(self) -> Self {
        Self { again: Again::Replaces, ..self }
    }

    const fn since(self, major: u16, minor: u16) -> Self {
        Self { since: Version([major, minor, 0]), ..self }
    }
}

/// `yes` and `no` with further words: `all` is printed as `yes`.
const FORWARDING: Arg =
    Arg::OneOf(&[("yes", "yes"), ("all", "yes"), ("no", "no"), ("remote", "remote"), ("local", "local")]);
const ROOT_LOGIN: Arg = Arg::OneOf(&[
    ("prohibit-password", "without-password"),
    ("without-password", "without-password"),
    ("forced-commands-only", "forced-commands-only"),
    ("yes", "yes"),
    ("no", "no"),
]);
const COMPRESSION: Arg = Arg::OneOf(&[("yes", "yes"), ("delayed", "yes"), ("no", "no")]);
const FAMILY: Arg = Arg::OneOf(&[("inet", "inet"), ("inet6", "inet6"), ("any", "any")]);
const GATEWAY: Arg = Arg::OneOf(&[("clientspecified", "clientspecified"), ("yes", "yes"), ("no", "no")]);
const RHOSTS: Arg = Arg::OneOf(&[("yes", "yes"), ("no", "no"), ("shosts-only", "shosts-only")]);
const TUNNEL: Arg = Arg::Exactly(&["no", "point-to-point", "ethernet", "yes"]);
const HASH: Arg =
    Arg::OneOf(&[("md5", "MD5"), ("sha1", "SHA1"), ("sha256", "SHA256"), ("sha384", "SHA384"), ("sha512", "SHA512")]);
const LEVEL: Arg = Arg::OneOf(&[
    ("silent", "QUIET"),
    ("quiet", "QUIET"),
    ("fatal", "FATAL"),
    ("error", "ERROR"),
    ("info", "INFO"),
    ("verbose", "VERBOSE"),
    ("debug", "DEBUG"),
    ("debug1", "DEBUG"),
    ("debug2", "DEBUG2"),
    ("debug3", "DEBUG3"),
]);
const FACILITY: Arg = Arg::OneOf(&[
    ("daemon", "DAEMON"),
    ("user", "USER"),
    ("auth", "AUTH"),
    ("authpriv", "AUTHPRIV"),
    ("local0", "LOCAL0"),
    ("local1", "LOCAL1"),
    ("local2", "LOCAL2"),
    ("local3", "LOCAL3"),
    ("local4", "LOCAL4"),
    ("local5", "LOCAL5"),
    ("local6", "LOCAL6"),
    ("local7", "LOCAL7"),
]);

const NONE: Default = Default::Always("none");
const ABSENT: Default = Default::Absent;

/// All rows, sorted by name.
#[rustfmt::skip]
pub(super) const KEYWORDS: &[Keyword] = &[
    key("acceptenv", "AcceptEnv", WORDS, ABSENT, Arg::Words(Check::EnvironmentName), "Names of environment variables that clients may set, as patterns.").adds(),
    key("addressfamily", "AddressFamily", STRING, Default::Always("any"), FAMILY, "The kinds of address that are listened on.").global(),
    flag("allowagentforwarding", "AllowAgentForwarding", true, "Whether a client may lend its agent to the server."),
    key("allowgroups", "AllowGroups", WORDS, ABSENT, Arg::Words(Check::Any), "Patterns of groups whose members may log in; all may if it is not set.").adds(),
    key("allowstreamlocalforwarding", "AllowStreamLocalForwarding", STRING, Default::Always("yes"), FORWARDING, "Whether Unix sockets may be forwarded."),
    key("allowtcpforwarding", "AllowTcpForwarding", STRING, Default::Always("yes"), FORWARDING, "Whether TCP connections may be forwarded."),
    key("allowusers", "AllowUsers", WORDS, ABSENT, Arg::Words(Check::User), "Patterns of users who may log in; all may if it is not set.").adds(),
    key("authenticationmethods", "AuthenticationMethods", WORDS, Default::Always("any"), Arg::Words(Check::Methods), "Lists of methods; one list has to be passed in full. `any` asks for a single method."),
    key("authorizedkeyscommand", "AuthorizedKeysCommand", STRING, NONE, Arg::Command, "A program that prints the public keys of a user."),
    key("authorizedkeyscommanduser", "AuthorizedKeysCommandUser", STRING, NONE, Arg::Word, "The account that `AuthorizedKeysCommand` runs as."),
    key("authorizedkeysfile", "AuthorizedKeysFile", WORDS, Default::Always(".ssh/authorized_keys .ssh/authorized_keys2"), Arg::Words(Check::Files), "Files with a user's public keys, below the home folder if relative."),
    key("authorizedprincipalscommand", "AuthorizedPrincipalsCommand", STRING, NONE, Arg::Command, "A program that prints the names a certificate may have for a user.").replaces(),
    key("authorizedprincipalscommanduser", "AuthorizedPrincipalsCommandUser", STRING, NONE, Arg::Word, "The account that `AuthorizedPrincipalsCommand` runs as."),
    key("authorizedprincipalsfile", "AuthorizedPrincipalsFile", STRING, NONE, Arg::Word, "A file with the names that a certificate may have for a user."),
    key("banner", "Banner", STRING, NONE, Arg::File("none"), "A file that is shown before authentication."),
    key("casignaturealgorithms", "CASignatureAlgorithms", WORDS, SIGNATURES, Arg::Algorithms(Algorithms::Signature), "Algorithms by which a certificate may be signed."),
    key("channeltimeout", "ChannelTimeout", WORDS, Default::Since(&[(Version([10, 0, 0]), "none")]), Arg::Words(Check::Timeout), "After how long a quiet channel is closed, by type of channel.").since(9, 2),
    key("chrootdirectory", "ChrootDirectory", STRING, NONE, Arg::Word, "The folder that a session is confined to."),
    key("ciphers", "Ciphers", WORDS, CIPHERS, Arg::Algorithms(Algorithms::Cipher), "Ciphers that are offered, best first.").global(),
    key("clientalivecountmax", "ClientAliveCountMax", Type::Int, Default::Always("3"), Arg::Number, "Unanswered checks after which a client is cut off; 0 never does."),
    key("clientaliveinterval", "ClientAliveInterval", Type::Int, Default::Always("0"), Arg::Time, "Seconds of silence after which a client is asked whether it is there; 0 never asks."),
    key("compression", "Compression", STRING, Default::Always("yes"), COMPRESSION, "Whether data is compressed after authentication.").global(),
    fact("decides_for", &["ignored"], STRING, "The label of the scope that the ignored line stands in; empty for the whole file."),
    key("denygroups", "DenyGroups", WORDS, ABSENT, Arg::Words(Check::Any), "Patterns of groups whose members may not log in.").adds(),
    key("denyusers", "DenyUsers", WORDS, ABSENT, Arg::Words(Check::User), "Patterns of users who may not log in.").adds(),
    flag("disableforwarding", "DisableForwarding", false, "Whether all forwarding is off, whatever else is set."),
    fact("dsa_offered", &["file"], Type::Bool, "Whether `HostKeyAlgorithms` brings DSA back, without which a DSA host key is never shown to anybody."),
    flag("exposeauthinfo", "ExposeAuthInfo", false, "Whether a session is told how its user authenticated."),
    fact("exposed_keys", &["file"], WORDS, "Private keys of the host that everybody with an account on the machine may read; of a project none."),
    key("fingerprinthash", "FingerprintHash", STRING, Default::Always("SHA256"), HASH, "The hash that fingerprints are logged with.").global().replaces(),
    key("forcecommand", "ForceCommand", STRING, NONE, Arg::Line, "A command that is run instead of what the client asks for."),
    key("gatewayports", "GatewayPorts", STRING, Default::Always("no"), GATEWAY, "Whether forwarded ports can be reached from other hosts."),
    flag("gssapiauthentication", "GSSAPIAuthentication", false, "Whether GSSAPI (Kerberos) authentication is offered."),
    flag("gssapicleanupcredentials", "GSSAPICleanupCredentials", true, "Whether a user's credentials are destroyed at logout.").global(),
    Keyword { default: ABSENT, ..flag("gssapidelegatecredentials", "GSSAPIDelegateCredentials", true, "Whether delegated credentials are accepted.").global().since(10, 1) },
    key("gssapikexalgorithms", "GSSAPIKexAlgorithms", WORDS, Default::Always("gss-group14-sha256- gss-group16-sha512- gss-nistp256-sha256- gss-curve25519-sha256- gss-group14-sha1- gss-gex-sha1-"), Arg::Word, "Key exchanges of GSSAPI; only in builds with that patch, as Debian's and Red Hat's.").global(),
    flag("gssapikeyexchange", "GSSAPIKeyExchange", false, "Whether GSSAPI authenticates the key exchange; only in builds with that patch, as Debian's and Red Hat's.").global(),
    flag("gssapistorecredentialsonrekey", "GSSAPIStoreCredentialsOnRekey", false, "Whether credentials are renewed on rekeying; only in builds with that patch, as Debian's and Red Hat's.").global(),
    flag("gssapistrictacceptorcheck", "GSSAPIStrictAcceptorCheck", true, "Whether a client must authenticate against this host's own service.").global(),
    key("hostbasedacceptedalgorithms", "HostbasedAcceptedAlgorithms", WORDS, KEYS, Arg::Algorithms(Algorithms::Key), "Signature algorithms that are accepted for host-based authentication."),
    flag("hostbasedauthentication", "HostbasedAuthentication", false, "Whether a trusted host may vouch for its users."),
    flag("hostbasedusesnamefrompacketonly", "HostbasedUsesNameFromPacketOnly", false, "Whether the name that a client tells is taken for its host's name."),
    key("hostcertificate", "HostCertificate", WORDS, ABSENT, Arg::File("none"), "Certificates of the host keys.").global().adds(),
    key("hostkey", "HostKey", WORDS, Default::Always("/etc/ssh/ssh_host_rsa_key /etc/ssh/ssh_host_ecdsa_key /etc/ssh/ssh_host_ed25519_key"), Arg::File("none"), "Files with the host's private keys.").global().adds(),
    key("hostkeyagent", "HostKeyAgent", STRING, NONE, Arg::File("SSH_AUTH_SOCK"), "The socket of an agent that holds the host keys.").global(),
    key("hostkeyalgorithms", "HostKeyAlgorithms", WORDS, KEYS, Arg::Algorithms(Algorithms::Key), "Signature algorithms that the host offers for its keys.").global(),
    key("ignorerhosts", "IgnoreRhosts", STRING, Default::Always("yes"), RHOSTS, "Whether `.rhosts` and `.shosts` are ignored."),
    flag("ignoreuserknownhosts", "IgnoreUserKnownHosts", false, "Whether users' own known hosts are ignored for host-based authentication.").global(),
    fact("in_image", &["file", "match"], Type::Bool, "Whether it is made for a container image."),
    key("ipqos", "IPQoS", STRING, Default::Always("lowdelay throughput"), Arg::Ipqos, "The service classes of packets, for interactive and for other sessions. Debian's default differs from OpenSSH's.").replaces(),
    flag("kbdinteractiveauthentication", "KbdInteractiveAuthentication", true, "Whether keyboard-interactive authentication is offered: with `UsePAM yes`, whatever PAM asks for, passwords too."),
    flag("kerberosauthentication", "KerberosAuthentication", false, "Whether passwords are checked by Kerberos."),
    flag("kerberosorlocalpasswd", "KerberosOrLocalPasswd", true, "Whether passwords that Kerberos refuses are checked locally.").global(),
    flag("kerberosticketcleanup", "KerberosTicketCleanup", true, "Whether a user's ticket is destroyed at logout.").global(),
    key("kexalgorithms", "KexAlgorithms", WORDS, KEX, Arg::Algorithms(Algorithms::Kex), "Key exchanges that are offered, best first.").global(),
    fact("keyword", &["ignored", "retired", "swallowed"], STRING, "The keyword of the line, as sshd_config(5) spells it; of a retired one, as the file does."),
    fact("keywords", &["swallowed"], WORDS, "The keywords of all such lines of the block, the first one's first."),
    fact("limited_source", &["match"], Type::Bool, "Whether the Match line is for private addresses, or for few, alone."),
    key("listenaddress", "ListenAddress", WORDS, ABSENT, Arg::Listen, "Addresses and ports that are listened on.").global().adds(),
    key("logingracetime", "LoginGraceTime", Type::Int, Default::Always("120"), Arg::Time, "Seconds that a client has to log in; 0 is no limit.").global(),
    key("loglevel", "LogLevel", STRING, Default::Always("INFO"), LEVEL, "How much is logged."),
    key("logverbose", "LogVerbose", WORDS, ABSENT, Arg::Words(Check::Places), "Places in sshd's source from which everything is logged."),
    key("macs", "MACs", WORDS, MACS, Arg::Algorithms(Algorithms::Mac), "Message authentication codes that are offered, best first.").global(),
    fact("matches_root", &["match"], Type::Bool, "Whether the Match line can apply to root, as far as its `User` tells."),
    key("maxauthtries", "MaxAuthTries", Type::Int, Default::Always("6"), Arg::Number, "Attempts to authenticate in one connection."),
    key("maxsessions", "MaxSessions", Type::Int, Default::Always("10"), Arg::Number, "Sessions in one connection."),
    key("maxstartups", "MaxStartups", STRING, Default::Always("10:30:100"), Arg::MaxStartups, "Connections without authentication: from which number on some are dropped, how many in a hundred, and the most.").global(),
    key("modulifile", "ModuliFile", STRING, Default::Always("/etc/ssh/moduli"), Arg::File("none"), "The file with groups for Diffie-Hellman.").global(),
    key("pamservicename", "PAMServiceName", STRING, Default::Since(&[(Version([9, 8, 0]), "sshd")]), Arg::Word, "The PAM service that is asked.").global().since(9, 8),
    fact("password_by_default", &["match"], Type::Bool, "Whether passwords are allowed because no line says anything of them."),
    flag("passwordauthentication", "PasswordAuthentication", true, "Whether a password is enough to log in, as far as `AuthenticationMethods` lets it."),
    flag("permitemptypasswords", "PermitEmptyPasswords", false, "Whether accounts with an empty password can log in with it."),
    key("permitlisten", "PermitListen", WORDS, Default::Always("any"), Arg::Words(Check::Listen), "Addresses and ports that clients may have listened on."),
    key("permitopen", "PermitOpen", WORDS, Default::Always("any"), Arg::Words(Check::Open), "Addresses and ports that clients may have connected to."),
    key("permitrootlogin", "PermitRootLogin", STRING, Default::Since(&[(OLDEST, "yes"), (Version([7, 0, 0]), "without-password")]), ROOT_LOGIN, "How root may log in: `without-password` (also spelt `prohibit-password`) leaves keys."),
    flag("permittty", "PermitTTY", true, "Whether sessions may have a terminal."),
    key("permittunnel", "PermitTunnel", STRING, Default::Always("no"), TUNNEL, "Whether network devices may be tunnelled."),
    key("permituserenvironment", "PermitUserEnvironment", STRING, Default::Always("no"), Arg::UserEnvironment, "Whether users' own files may set the environment, and which names.").global(),
    flag("permituserrc", "PermitUserRC", true, "Whether `~/.ssh/rc` is run."),
    key("persourcemaxstartups", "PerSourceMaxStartups", STRING, NONE, Arg::NumberOrNone, "Connections without authentication from one source.").global().replaces(),
    key("persourcenetblocksize", "PerSourceNetBlockSize", STRING, Default::Always("32:128"), Arg::NetBlock, "The prefix lengths by which sources are grouped, for IPv4 and IPv6.").global().replaces(),
    key("persourcepenalties", "PerSourcePenalties", WORDS, ABSENT, Arg::Words(Check::Penalties), "For how long a source is refused after what it did wrong.").global().since(9, 8),
    key("persourcepenaltyexemptlist", "PerSourcePenaltyExemptList", STRING, Default::Since(&[(Version([9, 8, 0]), "none")]), Arg::Addresses, "Address ranges that are never refused so.").global().since(9, 8),
    key("pidfile", "PidFile", STRING, Default::Always("/run/sshd.pid"), Arg::File("none"), "The file with the process number.").global(),
    fact("platform_console", &["file", "match"], Type::Bool, "Whether it is the file that Azure App Service asks for, whose port that platform alone reaches."),
    key("port", "Port", Type::List(&Type::Int), Default::Always("22"), Arg::Port, "Ports that are listened on.").global().adds(),
    flag("printlastlog", "PrintLastLog", true, "Whether the last login is shown.").global(),
    flag("printmotd", "PrintMotd", true, "Whether `/etc/motd` is shown.").global(),
    key("pubkeyacceptedalgorithms", "PubkeyAcceptedAlgorithms", WORDS, KEYS, Arg::Algorithms(Algorithms::Key), "Signature algorithms that are accepted from users' keys."),
    flag("pubkeyauthentication", "PubkeyAuthentication", true, "Whether users can log in with keys."),
    key("pubkeyauthoptions", "PubkeyAuthOptions", WORDS, Default::Always("none"), Arg::PubkeyOptions, "What security keys must attest: that they were touched, that their user was verified."),
    key("rdomain", "RDomain", STRING, ABSENT, Arg::Word, "The routing domain of sessions; on Linux sshd refuses it."),
    Keyword { default: Default::Since(&[(Version([9, 9, 0]), "false")]), ..flag("refuseconnection", "RefuseConnection", false, "Whether the connection is refused.").since(9, 9) },
    key("rekeylimit", "RekeyLimit", STRING, Default::Always("0 0"), Arg::RekeyLimit, "Bytes and seconds after which keys are renegotiated; 0 leaves it to the cipher."),
    key("requiredrsasize", "RequiredRSASize", Type::Int, Default::Always("1024"), Arg::Number, "The least number of bits of an RSA key."),
    key("revokedkeys", "RevokedKeys", WORDS, NONE, Arg::Words(Check::Files), "A file with keys that are not accepted."),
    fact("root_refused", &["match"], Type::Bool, "Whether root is turned away whatever it shows: by lists of users and groups, or by a block for root alone."),
    key("securitykeyprovider", "SecurityKeyProvider", STRING, Default::Always("internal"), Arg::File("internal"), "A library for security keys.").global(),
    key("setenv", "SetEnv", WORDS, ABSENT, Arg::Words(Check::Environment), "Variables that sessions get."),
    fact("sha1_signatures", &["match"], WORDS, "Signature algorithms with SHA-1 or DSA that a line brings back, of host keys, users' keys and authorities."),
    key("sshdauthpath", "SshdAuthPath", STRING, Default::Since(&[(Version([10, 0, 0]), "/usr/lib/openssh/sshd-auth")]), Arg::File("none"), "The program that authenticates users.").global().since(10, 0),
    key("sshdsessionpath", "SshdSessionPath", STRING, Default::Since(&[(Version([9, 8, 0]), "/usr/lib/openssh/sshd-session")]), Arg::File("none"), "The program that serves one connection.").global().since(9, 8),
    key("streamlocalbindmask", "StreamLocalBindMask", STRING, Default::Always("0177"), Arg::Mask, "The permissions that forwarded Unix sockets are made without.").replaces(),
    flag("streamlocalbindunlink", "StreamLocalBindUnlink", false, "Whether an existing Unix socket is removed before forwarding."),
    fact("stricter", &["ignored"], Type::Bool, "Whether the ignored value would let in less than the one that holds."),
    flag("strictmodes", "StrictModes", true, "Whether keys in files that others can write are refused.").global(),
    key("subsystem", "Subsystem", WORDS, ABSENT, Arg::Subsystem, "Programs that clients can ask for by name, as sftp.").adds_name().match_since(9, 5),
    key("syslogfacility", "SyslogFacility", STRING, Default::Always("AUTH"), FACILITY, "The facility that is logged to.").global(),
    flag("tcpkeepalive", "TCPKeepAlive", true, "Whether TCP notices that a client is gone.").global(),
    key("trustedusercakeys", "TrustedUserCAKeys", STRING, NONE, Arg::File("none"), "A file with keys of authorities whose certificates let users in."),
    fact("unsafe_environment", &["match"], WORDS, "Those of `AcceptEnv` that let a client choose what programs load or run: `LD_PRELOAD`, `BASH_ENV` and their like."),
    fact("unsafe_user_environment", &["file"], WORDS, "What `PermitUserEnvironment` says, if it lets users choose such variables."),
    key("unusedconnectiontimeout", "UnusedConnectionTimeout", STRING, NONE, Arg::TimeOrNone, "Seconds after which a connection without channels is closed.").since(9, 2),
    flag("usedns", "UseDNS", false, "Whether the client's host name is looked up.").global(),
    flag("usepam", "UsePAM", false, "Whether PAM is used. Packages of most distributions ship a file that sets it.").global(),
    fact("value", &["ignored", "retired"], STRING, "The value on the line."),
    key("versionaddendum", "VersionAddendum", STRING, NONE, Arg::Line, "Text that is added to the version that clients are told.").global(),
    fact("weak_ciphers", &["file"], WORDS, "Those of `Ciphers` that are known to be weak: CBC, 3DES, RC4 and their like."),
    fact("weak_kex", &["file"], WORDS, "Those of `KexAlgorithms` that rest on SHA-1 or on a group of 1024 bits."),
    fact("weak_macs", &["file"], WORDS, "Those of `MACs` that rest on MD5 or RIPEMD, or are cut to 96 bits."),
    fact("winner", &["ignored"], STRING, "The value that holds instead of the ignored line's."),
    fact("writable_files", &["file"], WORDS, "Files of it, or their folders, that everybody with an account on the machine may write to; of a project none."),
    key("x11displayoffset", "X11DisplayOffset", Type::Int, Default::Always("10"), Arg::Number, "The first display number for forwarding."),
    flag("x11forwarding", "X11Forwarding", false, "Whether X11 may be forwarded."),
    flag("x11uselocalhost", "X11UseLocalhost", true, "Whether forwarded displays can be reached from this host only."),
    key("xauthlocation", "XAuthLocation", STRING, Default::Always("/usr/bin/xauth"), Arg::File("none"), "The program xauth.").global(),
];

impl Keyword {
    /// The row of the schema.
    pub(super) const fn schema(&self) -> Key {
        let fact = matches!(self.arg, Arg::Fact);
        Key {
            name: self.name,
            ty: self.ty,
            kinds: self.kinds,
            inherits: !fact,
            default: self.default,
            fact,
            secret: false,
            doc: self.doc,
            url: if fact { "" } else { "https://man.openbsd.org/sshd_config" },
        }
    }
}

/// Other spellings, each with the keyword whose slot it shares, and whether it may stand in a Match block.
pub(super) const ALIASES: &[(&str, &str, bool)] = &[
    ("challengeresponseauthentication", "kbdinteractiveauthentication", true),
    ("dsaauthentication", "pubkeyauthentication", false),
    ("gssapicleanupcreds", "gssapicleanupcredentials", false),
    ("hostbasedacceptedkeytypes", "hostbasedacceptedalgorithms", true),
    ("hostdsakey", "hostkey", false),
    ("keepalive", "tcpkeepalive", false),
    ("pubkeyacceptedkeytypes", "pubkeyacceptedalgorithms", true),
    ("skeyauthentication", "kbdinteractiveauthentication", true),
];

/// Keywords that sshd takes and does nothing with, and whether they may stand in a Match block.
pub(super) const WITHOUT_EFFECT: &[(&str, bool)] = &[
    ("afstokenpassing", false),
    ("authorizedkeysfile2", true),
    ("checkmail", false),
    ("gssapiusesessioncredcache", false),
    ("gssusesessionccache", false),
    ("kerberosgetafstoken", false),
    ("kerberostgtpassing", false),
    ("keyregenerationinterval", false),
    ("pamauthenticationviakbdint", false),
    ("permitblacklistedkeys", false),
    ("protocol", false),
    ("reversemappingcheck", false),
    ("rhostsauthentication", false),
    ("rhostsrsaauthentication", true),
    ("rsaauthentication", true),
    ("serverkeybits", false),
    ("uselogin", false),
    ("useprivilegeseparation", false),
    ("verifyreversemapping", false),
];

/// Keywords of builds that carry patches (Debian, Red Hat, FreeBSD, macOS, HPN, X.509): taken, and told nothing of.
pub(super) const OF_PATCHES: &[&str] = &[
    "authorizedkeyscommandrunas",
    "debianbanner",
    "disablemtaes",
    "exposeauthenticationmethods",
    "gssapienablek5users",
    "gssapiuses4ufallback",
    "hpnbufferlimit",
    "hpnbuffersize",
    "hpndisabled",
    "kerberosuniqueccache",
    "kerberosusekuserok",
    "noneenabled",
    "nonemacenabled",
    "rsaminsize",
    "tcprcvbuf",
    "tcprcvbufpoll",
    "useblacklist",
    "useblocklist",
    "x11maxdisplays",
];

/// How keywords are spelt in `sshd_config(5)`, and what they take.
pub(super) const OFFERED: Words = Words {
    key: |name| keyword(name).map_or(name, |row| row.spelling),
    values: |name| match keyword(&name.to_ascii_lowercase()).map(|row| row.arg) {
        Some(Arg::Flag) => vec!["yes", "no"],
        Some(Arg::OneOf(words)) => words.iter().map(|(word, _)| *word).collect(),
        Some(Arg::Exactly(words)) => words.to_vec(),
        _ => Vec::new(),
    },
    statements: &[],
};

/// The row of `name`, which is in lower case and no alias.
pub(super) fn keyword(name: &str) -> Option<&'static Keyword> {
    KEYWORDS.iter().find(|row| row.name == name && !matches!(row.arg, Arg::Fact))
}
