//! Files that hold secrets: which names say so, and whether what is in a file bears its name out.

use crate::loader::{self, Kind, Loader};
use crate::secrets;

pub(super) const ENVIRONMENT: &str = "environment variables";
const REGISTRY: &str = "tokens for a package registry";
const HISTORY: &str = "the history of the repository";
pub(super) const KEY: &str = "a private key";
/// What is called so in general: `secrets.yml`, `credentials.json`.
const NAMED: &str = "secrets";
const HASHES: &str = "hashed passwords";

/// What a file so named holds, if it holds secrets.
pub(super) fn sensitive(path: &str) -> Option<&'static str> {
    let path = path.trim_end_matches('/');
    let lower = path.to_ascii_lowercase();
    let name = loader::name(&lower);
    let ends = |end: &str| name.strip_suffix(end).is_some_and(|start| !start.is_empty());
    let folder = loader::name(loader::folder(&lower));
    // A pattern may stand for anything, unless it spells the name out.
    if loader::is_pattern(name) {
        return name.starts_with(".env").then_some(ENVIRONMENT);
    }
    let example = ["example", "sample", "template", "dist", "tmpl", "defaults", "schema", "test", "ci"];
    if name == ".env" || name.starts_with(".env.") || ends(".env") {
        let words = || name.split(['.', '-', '_']);
        return (!words().any(|word| example.contains(&word))).then_some(ENVIRONMENT);
    }
    let public = ["gpg", "pub", "public", "cert", "chain", "ca", "fullchain", "bundle", "dhparam", "dhparams"];
    let is_public = name.split(['.', '-', '_']).any(|word| public.contains(&word)) || name.contains("dhparam");
    let key_end = [".key", ".jks", ".keystore", ".ppk"].iter().any(|end| ends(end));
    // What may hold a key beside its certificates; stores of certificates alone are called after them.
    let store_end = [".p12", ".pfx"].iter().any(|end| ends(end));
    let only_public = name.split(['.', '-', '_']).any(|word| {
        public.contains(&word) && word != "cert"
            || matches!(word, "trust" | "truststore" | "trusted" | "cacerts" | "roots")
    });
    match name {
        ".netrc" | "_netrc" => Some("passwords for hosts"),
        ".npmrc" => Some(REGISTRY),
        // What uploads packages has no use for the file without a login.
        ".pypirc" => Some("a login for a package registry"),
        ".dockercfg" => Some("logins for registries"),
        "config.json" if folder == ".docker" => Some("logins for registries"),
        ".htpasswd" => Some(HASHES),
        _ if name.split(['.', '-', '_']).any(|word| word == "htpasswd") && !ends(".sh") && !ends(".py") => Some(HASHES),
        ".git" => Some(HISTORY),
        ".git-credentials" => Some("passwords for git"),
        "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519" => Some("a private key"),
        "kubeconfig" => Some("access to a cluster"),
        "config" if folder == ".kube" => Some("access to a cluster"),
        ".pgpass" | ".my.cnf" => Some("passwords for databases"),
        "credentials" if folder == ".aws" => Some("keys of a cloud account"),
        ".aws" => Some("keys of a cloud account"),
        ".ssh" | "secring.gpg" | "secret.gpg" | "private.asc" | "secret.asc" => Some("private keys"),
        _ if ends(".tfstate") => Some("the state of Terraform"),
        _ if name.starts_with("service-account") && ends(".json") => Some("keys of a cloud account"),
        _ if key_end && !is_public => Some("a private key"),
        _ if store_end && !only_public => Some("a private key"),
        _ if ends(".p8") && name.starts_with("authkey") => Some("a private key"),
        _ if ends(".pem") && (name.contains("key") || name.contains("private")) && !is_public => Some("a private key"),
        ".dockerconfigjson" => Some("logins for registries"),
        _ => named_after_secrets(name).then_some(NAMED),
    }
}

/// Whether a file is called after what it holds.
fn named_after_secrets(name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let client = stem.starts_with("client_secret") && ending == "json";
    let named = matches!(stem, "secrets" | "credentials")
        && matches!(ending, "cfg" | "conf" | "ini" | "json" | "properties" | "py" | "toml" | "txt" | "yaml" | "yml");
    named || client
}

/// What is in a file that is put where programs look for secrets: `COPY credentials /root/.aws/credentials`.
pub(super) fn put_as(loader: &dyn Loader, folder: Option<&str>, source: &str, target: &str) -> Option<&'static str> {
    let template = ["example", "sample", "template", "dist", "tmpl", "dummy", "fake", "test"];
    let lower = source.to_ascii_lowercase();
    if loader::is_pattern(source)
        || lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| template.contains(&word))
    {
        return None;
    }
    // What goes into such a folder may be anything of it.
    if matches!(loader::name(target), ".aws" | ".ssh") {
        return None;
    }
    let what =
        sensitive(target).filter(|what| !matches!(*what, ENVIRONMENT | REGISTRY | HISTORY | "hashed passwords"))?;
    let path = folder.and_then(|folder| loader::join(folder, source));
    if path.as_ref().and_then(|path| loader.stat(path)).is_some_and(|stat| stat.kind == Kind::Folder) {
        return None;
    }
    let text = path.and_then(|path| loader.read(&path).ok());
    text.is_none_or(|bytes| holds(what, &String::from_utf8_lossy(&bytes))).then_some(what)
}

/// Whether the text of a file has what a file of its name holds.
fn holds(what: &str, text: &str) -> bool {
    match what {
        KEY | "private keys" => !text.contains("-----BEGIN") || text.contains("PRIVATE KEY"),
        "logins for registries" => text.contains("\"auth\""),
        NAMED => text.contains("PRIVATE KEY") || text.lines().any(is_secret_line),
        _ => true,
    }
}

/// Whether a line gives a secret: `password: …`, `API_KEY = "…"`, `"token": "…",`.
fn is_secret_line(line: &str) -> bool {
    let line = line.trim();
    let Some((name, value)) = line.split_once(['=', ':']).filter(|_| !line.starts_with(['#', '/'])) else {
        return false;
    };
    let name = name.trim().trim_start_matches("export ").trim_matches(['"', '\'', ' ']);
    let value = value.trim().trim_end_matches(',').trim();
    let bare = value.trim_matches(['"', '\'']);
    // What is called or looked up in Python is no text.
    let plain = bare.len() < value.len() || !bare.contains(['(', '[', '{', ' ']);
    // Texts that people read, and what names a secret elsewhere, are none.
    let told =
        bare.contains(' ') || bare.starts_with(['!', '<']) || bare.starts_with("vault:") || is_own_name(name, bare);
    let secret = secrets::is_secret_name(name) && secrets::is_literal(bare) && !secrets::is_template(bare);
    plain && secret && !told && bare.len() > 3
}

/// Whether a file sets variables that are named as secrets are, whatever it gives them.
pub(super) fn names_secrets(loader: &dyn Loader, folder: &str, path: &str) -> bool {
    let Some(bytes) = loader::join(folder, path).and_then(|path| loader.read(&path).ok()) else { return false };
    let text = String::from_utf8_lossy(&bytes);
    let name = |line: &str| {
        let (name, _) = line.trim_start().trim_start_matches("export ").split_once('=')?;
        Some(secrets::is_secret_name(name.trim()))
    };
    text.lines().filter_map(name).any(|is| is)
}

/// Whether a file holds what its name says, as far as it is at hand: a key that is public, or settings without a
/// password, give nothing away.
pub(super) fn has_secrets(loader: &dyn Loader, folder: &str, path: &str) -> bool {
    let holds = sensitive(path);
    let Some(bytes) = loader::join(folder, path).and_then(|path| loader.read(&path).ok()) else {
        // Most of a package manager's files name a registry and nothing else, so that one unseen tells nothing.
        return holds != Some(REGISTRY);
    };
    let text = String::from_utf8_lossy(&bytes);
    let assigns = |line: &str| {
        let (name, value) = line.trim().trim_start_matches("export ").split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        Some((name.trim().to_owned(), value.to_owned()))
    };
    match holds {
        Some(KEY) => !text.contains("-----BEGIN") || text.contains("PRIVATE KEY"),
        Some(NAMED) => self::holds(NAMED, &text),
        Some(HASHES) => text.lines().any(|line| line.split_once(':').is_some_and(|(_, hash)| !hash.trim().is_empty())),
        Some(ENVIRONMENT) => {
            text.lines().filter(|line| !line.trim_start().starts_with('#')).filter_map(assigns).any(|(name, value)| {
                let is =
                    secrets::is_secret_name(&name) && secrets::is_literal(&value) || secrets::has_credentials(&value);
                // `JWT_SECRET=jwt_secret` is there to be replaced.
                is && !value.is_empty() && !secrets::is_placeholder(&value) && !is_own_name(&name, &value)
            })
        }
        Some(REGISTRY) => {
            text.lines().filter_map(assigns).any(|(name, value)| {
                (name.ends_with("_authToken") || name.ends_with("_auth") || name.ends_with("_password"))
                    && !value.starts_with('$')
            }) || text.contains("password")
        }
        _ => true,
    }
}

/// Whether a value only says what it is for: the name of its variable, or the end of it.
fn is_own_name(name: &str, value: &str) -> bool {
    let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
    name == value || name.strip_suffix(&*value).is_some_and(|rest| rest.ends_with('_') && value.contains('_'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Memory;

    #[test]
    fn where_a_file_goes_tells_what_it_holds() {
        let memory = Memory::new([
            ("app/login", "[default]"),
            ("app/crt", "-----BEGIN CERTIFICATE-----"),
            ("app/docker.json", "{\"credHelpers\": {}}"),
            ("app/ssh/config", ""),
            ("app/plain.txt", "a: b"),
            ("app/known.txt", "password: not-a-real-one"),
        ]);
        for (source, target, expected) in [
            ("login", "/root/.aws/credentials", Some("keys of a cloud account")),
            ("absent", "/root/.netrc", Some("passwords for hosts")),
            ("absent", "/root/.aws", None),
            ("absent.example", "/root/.netrc", None),
            ("crt", "/etc/ssl/private/server.key", None),
            ("absent", "/etc/ssl/private/server.key", Some(KEY)),
            ("docker.json", "/root/.docker/config.json", None),
            ("ssh", "/root/.netrc", None),
            ("*", "/root/.netrc", None),
            ("env.dist", "/app/.env", None),
            ("settings", "/app/.env", None),
            ("plain.txt", "secrets.txt", None),
            ("known.txt", "secrets.txt", Some(NAMED)),
        ] {
            assert_eq!(put_as(&memory, Some("app"), source, target), expected, "{source} {target}");
        }
    }

    #[test]
    fn lines_that_give_a_secret() {
        for (line, expected) in [
            ("password: not-a-real-one", true),
            ("API_KEY = 'not-a-real-one'", true),
            ("\"token\": \"not-a-real-one\",", true),
            ("# password: not-a-real-one", false),
            ("password: <%= ENV['DB_PASSWORD'] %>", false),
            ("password = getpass()", false),
            ("SECRET_KEY = os.environ['SECRET_KEY']", false),
            ("password: changeme", false),
            ("password: ''", false),
            ("import secrets", false),
        ] {
            assert_eq!(is_secret_line(line), expected, "{line}");
        }
    }

    #[test]
    fn names_tell_what_holds_secrets() {
        for (path, expected) in [
            (".env", true),
            ("app/secrets.yml", true),
            ("credentials.json", true),
            ("client_secret_1.json", true),
            (".dockerconfigjson", true),
            ("secrets.rs", false),
            ("secrets.yml.enc", false),
            ("app-secrets.yml", false),
            ("app/.env.production", true),
            (".env.example", false),
            ("prod.env", true),
            (".envrc-lib", false),
            ("certs/server.key", true),
            ("certs/server.crt", false),
            ("ca.pem", false),
            ("privkey.pem", true),
            ("id_ed25519", true),
            ("id_ed25519.pub", false),
            ("public.key", false),
            ("apt.gpg.key", false),
            ("scripts/*.env", false),
            (".env*", true),
            (".npmrc", true),
            ("service-account-prod.json", true),
            ("package.json", false),
            ("terraform.tfstate", true),
        ] {
            assert_eq!(sensitive(path).is_some(), expected, "{path}");
        }
    }

    #[test]
    fn files_that_give_nothing_away_hold_no_secrets() {
        let memory = Memory::new([
            ("named.env", "GOTRUE_JWT_SECRET=gotrue_jwt_secret\nAPP_JWT_SECRET=jwt_secret"),
            ("filled.env", "GOTRUE_JWT_SECRET=k3b0-not-a-real-one"),
            ("a/.npmrc", "registry=https://registry.example.com/"),
            ("b/.npmrc", "//registry.example.com/:_authToken=not-a-real-token"),
        ]);
        for (path, expected) in [
            ("named.env", false),
            ("filled.env", true),
            ("unseen.env", true),
            ("a/.npmrc", false),
            ("b/.npmrc", true),
            ("unseen/.npmrc", false),
        ] {
            assert_eq!(has_secrets(&memory, "", path), expected, "{path}");
        }
    }

    #[test]
    fn files_are_known_for_what_they_hold() {
        for (path, expected) in [
            ("certs/cert.p12", "a private key"),
            ("client.pfx", "a private key"),
            ("ca.p12", ""),
            ("truststore-public.p12", ""),
            ("trusted-cert.p12", ""),
            ("secring.gpg", "private keys"),
            ("pubring.gpg", ""),
            ("rsa_private.pem", "a private key"),
            ("cert.pem", ""),
            ("AuthKey_A1.p8", "a private key"),
            ("home/.kube/config", "access to a cluster"),
            ("app/config", ""),
            (".pgpass", "passwords for databases"),
            (".my.cnf", "passwords for databases"),
            ("nginx/htpasswd", "hashed passwords"),
            ("htpasswd.txt", "hashed passwords"),
            ("kibana.htpasswd", "hashed passwords"),
            ("make-htpasswd.sh", ""),
            ("htpasswds.txt", ""),
            ("my.cnf", ""),
        ] {
            assert_eq!(sensitive(path).unwrap_or_default(), expected, "{path}");
        }
    }
}
