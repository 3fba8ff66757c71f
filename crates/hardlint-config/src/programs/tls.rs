//! Options and variables that stop certificates from being checked.

use super::{is, values};
use crate::syntax::shell::{Command, Word};
use crate::text::Span;

/// curl's short options that take a value; what follows them in the same word is the value.
const CURL_VALUES: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";

/// Variables that switch it off, and the values that do.
const VARIABLES: &[(&str, &[&str])] = &[
    ("NODE_TLS_REJECT_UNAUTHORIZED", &["0"]),
    ("PYTHONHTTPSVERIFY", &["0"]),
    ("NPM_CONFIG_STRICT_SSL", &["false", "0"]),
    ("YARN_STRICT_SSL", &["false", "0"]),
    ("YARN_ENABLE_STRICT_SSL", &["false", "0"]),
    ("HTTPLIB2_DISABLE_SSL", &["1", "true"]),
    ("CONDA_SSL_VERIFY", &["false", "0", "no"]),
    ("GODEBUG", &["x509ignoreCN=0,insecure"]),
    ("CURL_INSECURE", &["1", "true"]),
    ("ANSIBLE_GALAXY_IGNORE", &["1", "true", "yes"]),
];

/// Whether a variable switches it off; the variable with its value then.
pub(crate) fn variable(name: &str, value: &str) -> Option<String> {
    let lower = name.to_ascii_uppercase();
    if lower == "PIP_TRUSTED_HOST" || lower == "UV_INSECURE_HOST" {
        let remote = value.split_whitespace().any(|host| !is_local(host));
        return (remote && !value.is_empty()).then(|| format!("{name}={value}"));
    }
    // git asks only whether the variable is there: `0` switches it off as well (`http.c`, `getenv("GIT_SSL_NO_VERIFY")`).
    // Go takes a list of the modules that it fetches so (go.dev/ref/mod, "Environment variables").
    let remote = |hosts: &str| hosts.split(',').map(str::trim).any(|host| !host.is_empty() && !is_local(host));
    if lower == "GIT_SSL_NO_VERIFY" || lower == "GOINSECURE" && remote(value) {
        return Some(format!("{name}={value}"));
    }
    let (_, off) = VARIABLES.iter().find(|(known, _)| *known == lower)?;
    off.iter().any(|known| known.eq_ignore_ascii_case(value)).then(|| format!("{name}={value}"))
}

/// The setting of a program that fetches, which a text in its configuration switches it off by, for all later steps.
pub(super) fn written(file: &str, text: &str) -> Option<&'static str> {
    let name = file.rsplit('/').next().unwrap_or_default();
    let mut lines = text.lines().flat_map(|line| line.split("\\n")).map(|line| line.trim().to_ascii_lowercase());
    let plain = |line: &str| line.replace([' ', '\t', '"', '\'', ';'], "");
    match name {
        ".wgetrc" | "wgetrc" => lines
            .any(|line| matches!(&*plain(&line), "check_certificate=off" | "check-certificate=off"))
            .then_some("check_certificate = off"),
        ".curlrc" | "_curlrc" | "curlrc" => {
            lines.any(|line| matches!(line.trim_start_matches('-'), "insecure" | "k")).then_some("insecure")
        }
        ".npmrc" | "npmrc" => lines.any(|line| plain(&line) == "strict-ssl=false").then_some("strict-ssl=false"),
        _ if name == "apt.conf" || file.contains("/apt.conf.d/") => {
            let off = |line: &str| {
                let line = plain(line);
                line.starts_with("acquire::https") && line.contains("::verify-peer") && line.ends_with("false")
            };
            lines.any(|line| off(&line)).then_some("Acquire::https::Verify-Peer \"false\"")
        }
        _ => None,
    }
}

/// The options and variables of a command that switch it off, as they are written.
pub(super) fn unverified(command: &Command) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    for assignment in &command.assignments {
        if let Some(text) = assignment.value.known().and_then(|value| variable(&assignment.name, value)) {
            found.push((text, assignment.at.to(assignment.value.span)));
        }
    }
    let arguments = command.arguments();
    for program in command.programs() {
        if matches!(program, "env") {
            exported(&command.words, &mut found);
        }
    }
    let Some(program) = command.program() else { return found };
    match program {
        "export" | "declare" | "typeset" => exported(arguments, &mut found),
        "curl" => found.extend(curl(arguments)),
        "wget" if asks_itself(arguments) => {}
        "wget" => found.extend(flags(arguments, &["--no-check-certificate"])),
        "git" => git(command, &mut found),
        "npm" | "yarn" | "pnpm" => npm(program, arguments, &mut found),
        "pip" | "pip3" | "pipenv" | "python" | "python3" | "uv" => pip(command, program, &mut found),
        "yum" | "dnf" | "microdnf" | "tdnf" | "yum-config-manager" | "dnf-3" | "dnf-config-manager" => {
            let off = |value: &str| {
                let lower = value.to_ascii_lowercase();
                matches!(&*lower, "sslverify=0" | "sslverify=false" | "sslverify=no")
            };
            for (value, at) in values(command, &["--setopt"]) {
                if off(value) || value.split_once('.').is_some_and(|(_, option)| off(option)) {
                    found.push((format!("--setopt={value}"), at));
                }
            }
        }
        "apt-get" | "apt" | "aptitude" => {
            for (value, at) in values(command, &["-o", "--option"]) {
                let lower = value.to_ascii_lowercase();
                if lower.starts_with("acquire::https")
                    && lower.contains("verify")
                    && (lower.ends_with("=false") || lower.ends_with("=0") || lower.ends_with("=no"))
                {
                    found.push((value.to_owned(), at));
                }
            }
        }
        "conda" | "mamba" | "micromamba" => {
            let pair = arguments.windows(2).find(|pair| {
                matches!(pair, [a, b] if is(a, "ssl_verify") && b.known().is_some_and(|text| text.eq_ignore_ascii_case("false")))
            });
            found.extend(
                pair.and_then(|pair| Some(("ssl_verify false".to_owned(), pair.first()?.span.to(pair.last()?.span)))),
            );
        }
        "composer" => {
            let pair =
                arguments.windows(2).find(|pair| matches!(pair, [a, b] if is(a, "disable-tls") && is(b, "true")));
            found.extend(
                pair.and_then(|pair| Some(("disable-tls true".to_owned(), pair.first()?.span.to(pair.last()?.span)))),
            );
        }
        "aws" => found.extend(flags(arguments, &["--no-verify-ssl"])),
        "helm" | "kubectl" | "oc" => {
            found.extend(flags(arguments, &["--insecure-skip-tls-verify", "--insecure-skip-tls-verify=true"]));
        }
        "skopeo" | "podman" | "buildah" => {
            found
                .extend(flags(arguments, &["--tls-verify=false", "--src-tls-verify=false", "--dest-tls-verify=false"]));
        }
        "ansible-galaxy" => found.extend(flags(arguments, &["--ignore-certs", "-c"])),
        _ => {}
    }
    found
}

fn exported(words: &[Word], found: &mut Vec<(String, Span)>) {
    for word in words {
        let pair = word.known().and_then(|text| text.split_once('='));
        if let Some(text) = pair.and_then(|(name, value)| variable(name, value)) {
            found.push((text, word.span));
        }
    }
}

fn flags(arguments: &[Word], names: &[&str]) -> Vec<(String, Span)> {
    let hit = |word: &Word| {
        let text = word.known().filter(|text| names.contains(text))?;
        Some((text.to_owned(), word.span))
    };
    arguments.iter().filter_map(hit).collect()
}

/// Whether all that is fetched comes from this very machine, whose answers need no certificate.
fn asks_itself(arguments: &[Word]) -> bool {
    let mut urls = arguments.iter().map(Word::start).filter(|text| text.contains("://")).peekable();
    urls.peek().is_some() && urls.all(is_local)
}

/// curl's `-k`, alone or among other letters.
fn curl(arguments: &[Word]) -> Vec<(String, Span)> {
    if asks_itself(arguments) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut value = false;
    for word in arguments {
        let text = word.known().unwrap_or_default();
        if std::mem::take(&mut value) {
            continue;
        }
        if text == "--insecure" || text == "--proxy-insecure" || text == "--doh-insecure" {
            found.push((text.to_owned(), word.span));
        }
        let Some(letters) = text.strip_prefix('-').filter(|letters| !letters.starts_with('-')) else { continue };
        let end = letters.find(|c| CURL_VALUES.contains(c));
        value = end.is_some_and(|end| end + 1 == letters.len());
        if letters.get(..end.unwrap_or(letters.len())).is_some_and(|letters| letters.contains('k')) {
            found.push((text.to_owned(), word.span));
        }
    }
    found
}

fn git(command: &Command, found: &mut Vec<(String, Span)>) {
    let arguments = command.arguments();
    for (value, at) in values(command, &["-c"]) {
        let lower = value.to_ascii_lowercase();
        if lower.starts_with("http.") && (lower.ends_with("sslverify=false") || lower.ends_with("sslverify=0")) {
            found.push((format!("-c {value}"), at));
        }
    }
    if !arguments.iter().any(|word| is(word, "config")) {
        return;
    }
    for pair in arguments.windows(2) {
        if let [key, value] = pair
            && key.known().is_some_and(|key| {
                let key = key.to_ascii_lowercase();
                key.starts_with("http.") && key.ends_with("sslverify")
            })
            && matches!(value.known(), Some("false" | "0" | "off" | "no"))
        {
            found.push((format!("{} {}", key.shown(), value.shown()), key.span.to(value.span)));
        }
    }
}

fn npm(program: &str, arguments: &[Word], found: &mut Vec<(String, Span)>) {
    let mut words = arguments.iter().filter_map(Word::known).filter(|word| !word.starts_with('-'));
    let sets = match words.next() {
        Some("set") => true,
        Some("config" | "c") => words.next() == Some("set"),
        _ => false,
    };
    for word in arguments {
        // Elsewhere a bare word is the name of a package.
        let set = sets && is(word, "strict-ssl=false");
        if set || matches!(word.known(), Some("--strict-ssl=false" | "--no-strict-ssl")) {
            found.push((word.shown(), word.span));
        }
    }
    for pair in arguments.windows(2) {
        if let [key, value] = pair
            && (is(key, "--strict-ssl") || sets && matches!(key.known(), Some("strict-ssl" | "enableStrictSsl")))
            && is(value, "false")
        {
            found.push((format!("{program} {} false", key.shown()), key.span.to(value.span)));
        }
    }
}

fn pip(command: &Command, program: &str, found: &mut Vec<(String, Span)>) {
    let arguments = command.arguments();
    if program.starts_with("python")
        && !arguments.windows(2).any(|pair| matches!(pair, [a, b] if is(a, "-m") && is(b, "pip")))
    {
        return;
    }
    for (host, at) in values(command, &["--trusted-host", "--allow-insecure-host"]) {
        if !is_local(host) {
            found.push((format!("--trusted-host {host}"), at));
        }
    }
    for pair in arguments.windows(2) {
        if let [key, host] = pair
            && key.known().is_some_and(|key| key.ends_with(".trusted-host"))
            && !is_local(host.start())
        {
            found.push((format!("{} {}", key.shown(), host.shown()), key.span.to(host.span)));
        }
    }
}

/// Whether an address or a host is this very machine.
pub(super) fn is_local(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split(['/', '?']).next().unwrap_or(rest);
    let host = host.rsplit('@').next().unwrap_or(host);
    let name = host
        .strip_prefix('[')
        .and_then(|host| host.split(']').next())
        .unwrap_or_else(|| host.split(':').next().unwrap_or(host));
    name == "localhost"
        || name == "::1"
        || name.starts_with("127.")
        || name.ends_with(".localhost")
        || name == "0.0.0.0"
}
