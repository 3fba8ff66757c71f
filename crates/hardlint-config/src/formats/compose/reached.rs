//! Whether people reach what a Compose file starts, told by the file's text before anything else is known of it.
//!
//! A folder's name tells little of a server: `ci/` holds the tests of a project, or the machine that builds everything.
//! Somebody who has a certificate made for a public name, and wants the services back when the machine was started anew,
//! runs them for people.

use memchr::memmem;

/// What says that a service is to run for as long as the machine does.
const KEPT: &[&str] = &["always", "unless-stopped"];
/// What says that a certificate is made for a public name.
const CERTIFIED: &[&str] = &["/etc/letsencrypt", ".tls.certresolver=", ".tls.certresolver:", "LETSENCRYPT_HOST"];

/// Whether services are kept running, under a public name.
pub(crate) fn by_people(text: &str) -> bool {
    // Most files say neither, and need not be taken apart.
    if memmem::find(text.as_bytes(), b"restart:").is_none() {
        return false;
    }
    let lines = || text.lines().map(str::trim_start).filter(|line| !line.starts_with('#'));
    let is_kept = |line: &str| {
        let policy = line.split_once("restart:").map(|(_, policy)| policy.trim_start().trim_start_matches(['"', '\'']));
        policy.is_some_and(|policy| KEPT.iter().any(|word| policy.starts_with(word)))
    };
    let is_public =
        |line: &str| CERTIFIED.iter().any(|part| line.contains(part)) || line.split("Host(`").skip(1).any(is_name);
    lines().any(is_kept) && lines().any(is_public)
}

/// Whether a text begins with a name that everybody can look up, up to a backquote.
fn is_name(text: &str) -> bool {
    const PRIVATE: &[&str] =
        &["docker", "home", "internal", "invalid", "lan", "local", "localdomain", "localhost", "test"];
    let Some((name, _)) = text.split_once('`') else { return false };
    let labels: Vec<&str> = name.split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && *label != "example"
    };
    let last = labels.last().copied().unwrap_or_default();
    let top = last.len() > 1 && last.bytes().all(|byte| byte.is_ascii_alphabetic());
    labels.len() > 1 && labels.iter().all(is_label) && top && !PRIVATE.contains(&last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_running_under_a_public_name_is_reached() {
        let rule =
            |host: &str| format!("  restart: always\n  labels:\n    - traefik.http.routers.a.rule=Host(`{host}`)\n");
        for (text, expected) in [
            (rule("ci.shop.org"), true),
            (rule("ci.shop.localhost"), false),
            (rule("ci.example.org"), false),
            (rule("${HOST}"), false),
            (rule("localhost"), false),
            (rule("ci.shop.org").replace("always", "on-failure"), false),
            (rule("ci.shop.org").replace("always", "'unless-stopped'"), true),
            (rule("ci.shop.org").replace("  restart", "  # restart"), false),
            (rule("ci.shop.org").replace("    - traefik", "    # - traefik"), false),
            ("  restart: always\n  volumes: ['/etc/letsencrypt:/certs:ro']\n".to_owned(), true),
            ("  restart: always\n  environment: { LETSENCRYPT_HOST: \"${HOST}\" }\n".to_owned(), true),
            ("  restart: always\n  ports: ['443:443']\n".to_owned(), false),
        ] {
            assert_eq!(by_people(&text), expected, "{text}");
        }
    }
}
