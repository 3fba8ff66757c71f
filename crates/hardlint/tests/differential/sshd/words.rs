//! Arguments of keywords: such as sshd takes, such as it nearly takes, and such as it refuses.

pub(crate) const FLAGS: &[&str] = &[
    "yes", "no", "YES", "No", "true", "false", "on", "1", "y", "yes,no", "none", "",
];
pub(crate) const NUMBERS: &[&str] = &[
    "3", "0", "1", "-1", "+5", "100", "1024", "2147483647", "2147483648", "99999999999999999999", "0x10", "010", " 7",
    "7 ", "3.5", "1k", "none", "any", "",
];
pub(crate) const TIMES: &[&str] = &[
    "30", "0", "1m", "2m30s", "1h30", "1w", "1d12h", "1M", "10S", "5H", "2D", "1W", "1.5m", "-1", "+1", "none",
    "None", "1 m", "2147483647", "2147483648", "3550w", "3551w", "99999999999999999999", "0x10", "1ms", "m", "1mm",
    "1m1m", "forever", "",
];
pub(crate) const CIPHERS: &[&str] = &[
    "aes128-ctr", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes128-cbc", "3des-cbc", "aes*", "*",
    "arcfour", "AES128-CTR", "", "!aes128-ctr", "aes???-ctr", "none", "rijndael-cbc@lysator.liu.se", "aes192-cbc",
    " aes256-ctr", "+aes128-cbc",
];
pub(crate) const MACS: &[&str] = &[
    "hmac-sha2-256", "hmac-sha1", "umac-64@openssh.com", "hmac-md5", "hmac-*", "*-etm@openssh.com", "hmac-ripemd160",
    "", "umac-?28*", "hmac-sha1-96", "hmac-md5-96-etm@openssh.com",
];
pub(crate) const KEX: &[&str] = &[
    "curve25519-sha256", "diffie-hellman-group1-sha1", "diffie-hellman-group14-sha256",
    "sntrup761x25519-sha512@openssh.com", "sntrup761x25519-sha512", "mlkem768x25519-sha256", "diffie-hellman-*", "*",
    "ecdh-sha2-nistp521", "", "gss-*", "curve25519-sha256@libssh.org",
];
pub(crate) const KEYS: &[&str] = &[
    "ssh-ed25519", "ssh-rsa", "rsa-sha2-512", "ssh-dss", "ecdsa-*", "ssh-*", "*", "*-cert-v01@openssh.com",
    "sk-ssh-ed25519@openssh.com", "ssh-rsa1", "rsa-sha2-256-cert-v01@openssh.com", "",
    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com", "rsa-sha2-???", "!ssh-rsa", "ssh-ed25519-cert-v01@openssh.com",
    "ssh-xmss@openssh.com",
];
pub(crate) const PATHS: &[&str] = &[
    "/etc/x", "none", "None", "NONE", "/a b", "%h/x", "x", "~/x", "", "/a#b", "/a=b", "SSH_AUTH_SOCK", "internal",
    "/a//b/../c", "%",
];
pub(crate) const USERS: &[&str] = &[
    "root", "alice", "*", "!root", "a?b", "root@10.0.0.1", "root@10.0.0.0/8", "root@10.0.0.5/8", "*@*.example.com",
    "@host", "root@", "", "a@b@c", "%u", "none", "a,b", "#x", "root@10.0.0.0/33", "*@!10.0.0.1", "u@::1/128",
    "u@fe80::/10",
];
pub(crate) const NAMES: &[&str] = &[
    "LANG", "LC_*", "*", "A=b", "A=b=c", "", "=x", "LD_PRELOAD", "a b", "none", "A=\"b\"", "lang", "A=",
];
pub(crate) const OPEN: &[&str] = &[
    "any", "none", "host:22", "10.0.0.1:*", "*:80", "[::1]:22", "::1:22", "host", "host:", ":22", "host:ssh",
    "host:0", "host:65535", "host:65536", "host:-1", "host:x", "", "host/22", "[::1]", "ANY", "localhost:8080",
    "[host]:22", "8080", "*", "*:*", "a:b:c", "host:022", "*:+5", "0", "65536", "[::1", "http", "host:http", "ssh",
    "1:2:3",
];
pub(crate) const METHODS: &[&str] = &[
    "publickey", "password", "any", "publickey,password", "keyboard-interactive:pam", "keyboard-interactive",
    "hostbased", "none", "gssapi-with-mic", "publickey:x", "", "token", "publickey,publickey", "Publickey",
    "publickey,", ",", "any,publickey", "password:x", "publickey,none",
];
pub(crate) const LISTEN: &[&str] = &[
    "0.0.0.0", "::", "10.0.0.1:2222", "[::1]:22", "[::1]", "::1", "10.0.0.1:0", "10.0.0.1:65536", "10.0.0.1:",
    "10.0.0.1:ssh", "", "1.2.3", "1.2.3.4.5", "[10.0.0.1]:22", "[::1]22", "::ffff:10.0.0.1", "127.1", "10.0.0.1:022",
    "10.0.0.1/22", "2001:DB8::0:1", "010.0.0.1", "0", "0x7f000001", "fe80::1%lo", "[::1]:", "10.0.0.1:x",
];
pub(crate) const QOS: &[&str] = &[
    "af21", "cs1", "lowdelay", "throughput", "none", "AF11", "ef", "le", "0x10", "16", "255", "256", "-1", "010",
    "reliability", "", "x", "0", "0X1F", "+4", "0x",
];
pub(crate) const STARTUPS: &[&str] = &[
    "10:30:100", "5", "0", "-1", "10:30", "10:0:20", "10:100:20", "10:101:20", "20:30:10", "10:30:100:5", "a",
    "10:30:100x", "10x", "", "1:1:1", ":::", "10:30:", " 5", "+5", "99999999999",
];
pub(crate) const BLOCKS: &[&str] = &[
    "32:128", "24", "24:56", "33:128", "32:129", "0:0", "-1:0", "24:", ":56", "a:b", "24:56x", "", "none", "24x:56",
    "+24:56",
];
pub(crate) const MASKS: &[&str] = &[
    "0177", "177", "0", "777", "0777", "1777", "888", "-1", "0x10", "", "0o177", "7", "+7", "00000000177",
];
pub(crate) const SYSTEMS: &[&str] = &[
    "sftp", "internal-sftp", "/usr/lib/sftp-server", "-f", "AUTH", "x", "", "SFTP", "/a b", "-l INFO", "netconf",
];
pub(crate) const LIMITS: &[&str] = &[
    "default", "1G", "none", "0", "15", "16", "1K", "1.5G", "1g", "16b", "1h", "-1", "", "1E", "9E", "8E", "7.99E",
    "1T", "100000000000", "9223372036854775807", "9223372036854775808", "1.G", ".5G", "1.2.3G", "1GG", "Default",
    "+1G", "1P", "0.5K", "1.0000000000001G",
];
pub(crate) const TIMEOUTS: &[&str] = &[
    "*=5m", "session:*=1h", "x11-connection=0", "none", "None", "a", "=5m", "a=", "*=-1", "*=5x", "", "a=1 b=2",
    "a=b=1",
];
pub(crate) const TEXTS: &[&str] = &[
    "none", "None", "Debian", "a b", "\"a b\"", "'a'", "x # y", "#x", "a\\ b", "=", "", "/bin/true %u",
    "internal-sftp -d /x", "NONE ", "\"", "a \"b", "none # x", "\\",
];
pub(crate) const COMMANDS: &[&str] = &[
    "/bin/true", "/bin/a %u", "none", "None", "true", "\"/bin/a b\" c", "", "/a # b", "%h/x", "none x", "'/x'", "~/x",
];
pub(crate) const PATTERNS: &[&str] = &[
    "kex.c:*:1000", "*:kex_exchange_identification():*", "none", "x", "",
];
pub(crate) const OPTIONS: &[&str] = &[
    "none", "touch-required", "verify-required", "Touch-Required", "x", "", "None", "touch-required,verify-required",
];
pub(crate) const ENVIRONMENT: &[&str] = &[
    "yes", "no", "LANG,LC_*", "YES", "*", "!x", "", "a b", "none", "LANG",
];
pub(crate) const LEVELS: &[&str] = &[
    "INFO", "verbose", "DEBUG", "debug1", "DEBUG2", "debug3", "QUIET", "fatal", "Error", "debug4", "notice", "", "0",
];
pub(crate) const FACILITIES: &[&str] = &[
    "AUTH", "authpriv", "LOCAL0", "local7", "local8", "daemon", "USER", "cron", "", "mail", "syslog",
];
