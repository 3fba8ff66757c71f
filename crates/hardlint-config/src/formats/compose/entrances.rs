//! Ports that clients from anywhere are meant to reach, and before which no proxy of HTTP can stand: those of proxies
//! themselves, and those that speak a protocol of their own.

use super::images::base_name;

/// Ports of protocols that have their own ways to log in and to encrypt.
const PROTOCOLS: &[i64] = &[
    // FTP, mail, DNS.
    21, 25, 53, 110, 143, 465, 587, 853, 990, 993, 995,
    // HTTPS where 443 is taken.
    8443, // VPN, streams, calls, chat.
    1194, 1723, 1935, 3478, 5060, 5061, 5222, 5223, 5269, 5349, 8448, // MQTT over TLS, git.
    8883, 9418, // Voice and games.
    9987, 10011, 19132, 25565, 27015, 30033, 64738,
];

/// Images, by how their last part begins, and services, that take git or files over SSH.
const OVER_SSH: &[&str] = &["gitea", "forgejo", "gogs", "gitlab", "onedev", "sftp", "atmoz-sftp", "borg", "koko"];

/// Images that keep the mail of programs that are being written: what they take, they send to nobody, and their pages are
/// told of.
const MAIL_CATCHERS: &[&str] = &["mailhog", "mailpit", "maildev", "mailcatcher", "mailcrab", "smtp4dev", "inbucket"];

/// Names of programs that stand in front of others.
const PROXIES: &[&str] =
    &["nginx", "openresty", "traefik", "caddy", "haproxy", "envoy", "swag", "angie", "apisix", "kong"];

/// Whether clients from anywhere are meant to reach the port of a service.
pub(super) fn is_entrance(name: &str, image: Option<&str>, target: i64) -> bool {
    let image = image.map(base_name).unwrap_or_default();
    let over_ssh =
        matches!(target, 22 | 2222) && OVER_SSH.iter().any(|start| image.starts_with(start) || name.starts_with(start));
    let caught = matches!(target, 1025 | 2500) && MAIL_CATCHERS.iter().any(|start| image.starts_with(start));
    PROTOCOLS.contains(&target) || over_ssh || caught || names_proxy(name, &image)
}

/// Whether a service is a program that stands in front of others, by its name or that of its image.
pub(super) fn is_proxy(name: &str, image: Option<&str>) -> bool {
    names_proxy(name, &image.map(base_name).unwrap_or_default())
}

fn names_proxy(name: &str, image: &str) -> bool {
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric()).chain(image.split(['-', '_', '.']));
    words.any(|word| PROXIES.iter().any(|it| it.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_comes_in_by_ssh() {
        assert!(is_entrance("git", Some("gitea/gitea:1"), 22));
        assert!(is_entrance("gogs", None, 22));
        assert!(!is_entrance("gogs", None, 3000));
        assert!(!is_entrance("shop", Some("shop/app"), 22));
    }
}
