//! `sshd -T` of OpenSSH 9.2, as Debian 12 has it.

mod generate;
#[rustfmt::skip]
mod words;

use crate::case::{Case, Place, Told, text};
use crate::driver::{Format, Program};
use proptest::strategy::BoxedStrategy;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SSHD: &str = "/usr/sbin/sshd";

pub(crate) const FORMAT: Format =
    Format { name: "sshd", id: "sshd", one_in: 1, arguments: &[], program, is_ours, unknown, limit };

/// With a key to ask with: sshd does not answer without one that it can read.
struct Sshd {
    key: PathBuf,
}

fn program(scratch: &Path) -> Result<Box<dyn Program>, String> {
    let version = Command::new(SSHD).arg("-V").output().map_err(|error| format!("{SSHD}: {error}"))?;
    let version = String::from_utf8_lossy(&version.stderr).trim().to_owned();
    if !version.starts_with("OpenSSH_9.2") {
        return Err(format!("{SSHD} is {version}, and the recorded defaults are those of OpenSSH 9.2"));
    }
    // Where sshd separates privileges; only root can make it, and only root needs it.
    let _ = fs::create_dir_all("/run/sshd");
    let key = scratch.join("key");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status();
    made.map_err(|error| format!("ssh-keygen: {error}"))?;
    Ok(Box::new(Sshd { key }))
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    name.contains("sshd") && name.contains("conf")
}

/// What the file cannot tell: the host's groups, addresses and services, and what a template makes of it.
fn unknown(_case: &Case, key: &str, why: &str) -> bool {
    match key {
        "hostkey" => why.contains("the folder that sshd is started in"),
        "listenaddress" | "port" => why.contains("address") || why.contains("service") || why.contains("routing"),
        _ => ["which groups", "the folder that sshd is started in", "the home folder", "the port of the service"]
            .iter()
            .any(|part| why.contains(part)),
    }
}

/// Known limits: see `testdata/oracles/sshd/limits.md`.
fn limit(case: &Case, message: &str) -> bool {
    // An `Include` of a file that is not at hand may set what is missing.
    let includes =
        || case.files.iter().any(|(_, bytes)| bytes.windows(7).any(|part| part.eq_ignore_ascii_case(b"include")));
    if ["set without", "cannot be satisfied"].iter().any(|part| message.contains(part)) && includes() {
        return true;
    }
    ["NUL byte", "UTF-16", "RDomain not supported"].iter().any(|part| message.contains(part))
}

impl Program for Sshd {
    fn target(&self) -> String {
        "sshd=9.2".to_owned()
    }

    fn cases(&self) -> BoxedStrategy<Case> {
        generate::cases()
    }

    fn ask(&mut self, folder: &Path, case: &Case) -> Told {
        let mut command = Command::new(SSHD);
        command.arg("-T").arg("-f").arg(folder.join(case.root())).arg("-h").arg(&self.key);
        // Groups are the host's own to know; only we are told of them.
        let known = case.conditions.iter().filter(|(name, _)| name != "group");
        let pairs: Vec<String> = known.map(|(name, value)| format!("{name}={value}")).collect();
        if !pairs.is_empty() {
            command.arg("-C").arg(pairs.join(","));
        }
        let told = command.output().unwrap();
        if !told.status.success() {
            let complaint = text(&told.stderr).replace(&format!("{}/", folder.display()), "");
            // A host that is to be looked up; a Match for a port or a routing domain that `-C` did not tell.
            let host = complaint.contains("Name or service not known") || complaint.contains("name resolution");
            if host || complaint.contains("not in connection test specification") {
                return Told::Nothing;
            }
            return Told::Refused(places(&complaint, case), complaint);
        }
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in text(&told.stdout).split('\n').filter(|line| !line.is_empty()) {
            let (keyword, value) = line.split_once(' ').unwrap_or((line, ""));
            // The key that it is asked with comes before those of the file.
            if keyword != "hostkey" || Path::new(value) != self.key {
                values.entry(keyword.to_owned()).or_default().push(value.to_owned());
            }
        }
        Told::Accepted(values)
    }

    fn same(&self, _case: &Case, key: &str, ours: Option<&[String]>, theirs: Option<&[String]>) -> bool {
        match key {
            // The order in which the host's resolver gives the two wildcards is its own.
            "listenaddress" => sorted(ours) == sorted(theirs),
            // The key that it is asked with hides the default.
            "hostkey" if theirs.is_none() => {
                ours.is_some_and(|lines| lines.iter().all(|line| line.starts_with("/etc/ssh/ssh_host_")))
            }
            _ => ours == theirs,
        }
    }
}

fn sorted(lines: Option<&[String]>) -> Vec<&String> {
    let mut lines: Vec<&String> = lines.unwrap_or_default().iter().collect();
    lines.sort();
    lines
}

/// `FILE line 3: ...` and `FILE: line 3: ...`, in the order of the complaints that keep it from starting.
fn places(complaint: &str, case: &Case) -> Vec<Place> {
    let fatal =
        complaint.lines().filter(|line| !line.contains("Deprecated option") && !line.contains("Unsupported option"));
    let place = |line: &str| {
        let (path, rest) = line.split_once(" line ").or_else(|| Some(("", line.strip_prefix("line ")?)))?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let path = path.trim_end_matches(':');
        // Some complaints name no file.
        let known = case.files.iter().any(|(known, _)| known == path);
        let path = if known {
            path
        } else if case.files.len() == 1 {
            case.root()
        } else {
            return None;
        };
        Some(Place { path: path.to_owned(), line: digits.parse().ok()? })
    };
    fatal.filter_map(place).collect()
}
