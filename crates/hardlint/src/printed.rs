//! What programs print of the configuration that they run with, told by its content: such a file is named as its owner
//! pleases. It is asked only of files that were given by name, and that no name tells.

use hardlint_config::formats::{self, ByName, Format};
use hardlint_config::loader::MAX_FILE;
use serde_json::Value;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// How much of a file tells what it is.
const ENOUGH: u64 = 4096;

/// The format of what a program printed: `sshd -T`, `docker compose config`.
pub fn format(path: &Path) -> Option<&'static Format> {
    let name = path.file_name()?.to_str()?;
    let nameless = matches!(formats::by_name(name), ByName::Nothing);
    if !nameless || !fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= MAX_FILE) {
        return None;
    }
    let mut begin = Vec::new();
    File::open(path).ok()?.take(ENOUGH).read_to_end(&mut begin).ok()?;
    let begin = String::from_utf8_lossy(&begin);
    if is_of_sshd(&begin) {
        Some(&formats::sshd::FORMAT)
    } else if begin.starts_with(['{', 'n', 's']) && is_of_compose(&fs::read_to_string(path).ok()?) {
        Some(&formats::compose::FORMAT)
    } else {
        None
    }
}

/// All settings, a line each, in small letters, the ports first.
fn is_of_sshd(begin: &str) -> bool {
    let mut lines = begin.lines();
    let port = lines.next().and_then(|line| line.strip_prefix("port ")).is_some_and(|port| port.parse::<u16>().is_ok());
    let has = |key: &str| begin.lines().any(|line| line.split(' ').next() == Some(key));
    port && ["addressfamily", "usepam", "permitrootlogin"].into_iter().all(has)
}

/// The whole project: its name, and services that each have an image or a build, with the nulls that Compose writes out.
fn is_of_compose(text: &str) -> bool {
    if !text.starts_with('{') {
        return (formats::compose::FORMAT.sniff)("compose.yaml", text);
    }
    let Ok(Value::Object(top)) = serde_json::from_str(text) else { return false };
    let Some(Value::Object(services)) = top.get("services") else { return false };
    let is_service = |service: &Value| service.get("image").or_else(|| service.get("build")).is_some();
    !services.is_empty() && services.values().all(is_service)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn what_programs_print_is_told_by_its_content() {
        let scratch = Scratch::new("printed");
        let sshd = "port 22\naddressfamily any\nlistenaddress [::]:22\nusepam yes\npermitrootlogin no\n";
        let project = "name: p\nnetworks:\n  default:\n    name: p_default\nservices:\n  a:\n    image: x\n";
        let json = r#"{"name": "p", "services": {"a": {"command": null, "image": "x"}}}"#;
        for (name, text, expected) in [
            ("server.txt", sshd, Some("sshd")),
            ("server", sshd, Some("sshd")),
            ("server.txt", "Port 22\nPermitRootLogin no\n", None),
            ("server.txt", "port 22\n", None),
            ("all.txt", project, Some("compose")),
            ("all.json", json, Some("compose")),
            ("all.json", r#"{"services": {"a": {"port": 1}}}"#, None),
            ("all.json", r#"{"services": {}}"#, None),
            ("all.json", "{", None),
            ("notes.txt", "services: a\n", None),
            ("drone.txt", "name: p\nkind: pipeline\nservices:\n  a:\n    image: x\n", None),
            // A name that tells is believed.
            ("redis.conf", sshd, None),
        ] {
            scratch.write(name, text);
            assert_eq!(format(&scratch.path(name)).map(|format| format.id), expected, "{name}: {text}");
        }
        assert!(format(&scratch.path("")).is_none() && format(&scratch.path("none")).is_none());
    }
}
