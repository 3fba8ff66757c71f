//! What holds where no line sets a keyword that takes algorithms, by version.
//!
//! Defaults are those of Debian's builds, which are what `--target` names; where a default depends on the build beyond
//! that, or is not known for a version, [`UNSURE`] makes it unknown rather than wrong.

use crate::schema::Default;
use crate::version::Version;

const OLDEST: Version = Version([0, 0, 0]);

pub(super) const CIPHERS: Default = Default::Since(&[
    (
        OLDEST,
        "chacha20-poly1305@openssh.com aes128-ctr aes192-ctr aes256-ctr aes128-gcm@openssh.com aes256-gcm@openssh.com",
    ),
    (
        Version([10, 0, 0]),
        "chacha20-poly1305@openssh.com aes128-gcm@openssh.com aes256-gcm@openssh.com aes128-ctr aes192-ctr aes256-ctr",
    ),
]);
pub(super) const MACS: Default = Default::Always(
    "umac-64-etm@openssh.com umac-128-etm@openssh.com hmac-sha2-256-etm@openssh.com hmac-sha2-512-etm@openssh.com \
     hmac-sha1-etm@openssh.com umac-64@openssh.com umac-128@openssh.com hmac-sha2-256 hmac-sha2-512 hmac-sha1",
);
pub(super) const KEX: Default = Default::Since(&[
    (
        OLDEST,
        "curve25519-sha256 curve25519-sha256@libssh.org ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521 \
      diffie-hellman-group-exchange-sha256 diffie-hellman-group16-sha512 diffie-hellman-group18-sha512 \
      diffie-hellman-group14-sha256 diffie-hellman-group14-sha1",
    ),
    (
        Version([8, 2, 0]),
        "curve25519-sha256 curve25519-sha256@libssh.org ecdh-sha2-nistp256 ecdh-sha2-nistp384 \
      ecdh-sha2-nistp521 diffie-hellman-group-exchange-sha256 diffie-hellman-group16-sha512 \
      diffie-hellman-group18-sha512 diffie-hellman-group14-sha256",
    ),
    (
        Version([9, 0, 0]),
        "sntrup761x25519-sha512 sntrup761x25519-sha512@openssh.com curve25519-sha256 \
      curve25519-sha256@libssh.org ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521 \
      diffie-hellman-group-exchange-sha256 diffie-hellman-group16-sha512 diffie-hellman-group18-sha512 \
      diffie-hellman-group14-sha256",
    ),
    (
        Version([9, 9, 0]),
        "sntrup761x25519-sha512 sntrup761x25519-sha512@openssh.com mlkem768x25519-sha256 \
      curve25519-sha256 curve25519-sha256@libssh.org ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521 \
      diffie-hellman-group-exchange-sha256 diffie-hellman-group16-sha512 diffie-hellman-group18-sha512 \
      diffie-hellman-group14-sha256",
    ),
    (
        Version([10, 0, 0]),
        "mlkem768x25519-sha256 sntrup761x25519-sha512 sntrup761x25519-sha512@openssh.com \
      curve25519-sha256 curve25519-sha256@libssh.org ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521",
    ),
]);
pub(super) const SIGNATURES: Default = Default::Always(
    "ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 sk-ssh-ed25519@openssh.com \
     sk-ecdsa-sha2-nistp256@openssh.com rsa-sha2-512 rsa-sha2-256",
);
pub(super) const KEYS: Default = Default::Always(
    "ssh-ed25519-cert-v01@openssh.com ecdsa-sha2-nistp256-cert-v01@openssh.com \
     ecdsa-sha2-nistp384-cert-v01@openssh.com ecdsa-sha2-nistp521-cert-v01@openssh.com \
     sk-ssh-ed25519-cert-v01@openssh.com sk-ecdsa-sha2-nistp256-cert-v01@openssh.com \
     rsa-sha2-512-cert-v01@openssh.com rsa-sha2-256-cert-v01@openssh.com ssh-ed25519 ecdsa-sha2-nistp256 \
     ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 sk-ssh-ed25519@openssh.com sk-ecdsa-sha2-nistp256@openssh.com \
     rsa-sha2-512 rsa-sha2-256",
);

/// Defaults that are not known from one version up to another (the second is left out): they depend on more than the
/// version, or were not seen.
pub(super) const UNSURE: &[(&str, [u16; 2], [u16; 2])] = &[
    ("casignaturealgorithms", [0, 0], [8, 2]),
    ("casignaturealgorithms", [10, 4], [99, 0]),
    ("channeltimeout", [9, 3], [10, 0]),
    ("ciphers", [0, 0], [7, 6]),
    ("gssapidelegatecredentials", [10, 1], [99, 0]),
    ("hostbasedacceptedalgorithms", [0, 0], [8, 8]),
    ("hostbasedacceptedalgorithms", [10, 4], [99, 0]),
    ("hostkey", [10, 4], [99, 0]),
    ("hostkeyalgorithms", [0, 0], [8, 8]),
    ("hostkeyalgorithms", [10, 4], [99, 0]),
    ("ipqos", [10, 1], [99, 0]),
    ("kexalgorithms", [0, 0], [7, 4]),
    ("kexalgorithms", [8, 9], [9, 0]),
    ("macs", [0, 0], [7, 6]),
    ("persourcepenalties", [9, 8], [99, 0]),
    ("pubkeyacceptedalgorithms", [0, 0], [8, 8]),
    ("pubkeyacceptedalgorithms", [10, 4], [99, 0]),
];
