//! nginx 1.22, as Debian 12 has it: `nginx -t` for what it refuses, and the running server for the headers of its answers.

mod backend;
mod generate;
mod live;
mod mend;
mod stub;
mod traced;
mod tree;

use self::backend::Backend;
use crate::case::{Case, Place, Told, text};
use crate::driver::{Format, Program};
use proptest::strategy::BoxedStrategy;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const NGINX: &str = "/usr/sbin/nginx";
const TARGET: &str = "nginx=1.22.1";

pub(crate) const FORMAT: Format =
    Format { name: "nginx", id: "nginx", one_in: 1, arguments: &[], program, is_ours, unknown, limit };

struct Nginx {
    scratch: PathBuf,
    backend: Backend,
    /// How much of real configurations was compared.
    count: traced::Count,
}

fn program(scratch: &Path) -> Result<Box<dyn Program>, String> {
    let told = Command::new(NGINX).arg("-v").output().map_err(|error| format!("{NGINX}: {error}"))?;
    let told = text(&told.stderr).trim().to_owned();
    if !told.ends_with("/1.22.1") {
        return Err(format!("{NGINX} is {told}, and 1.22.1 is compared"));
    }
    certificate(scratch)?;
    let backend = Backend::start().map_err(|error| error.to_string())?;
    Ok(Box::new(Nginx { scratch: scratch.to_owned(), backend, count: traced::Count::default() }))
}

/// One for all cases, above their folders.
fn certificate(scratch: &Path) -> Result<(), String> {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"])
        .arg("-keyout")
        .arg(scratch.join("key.pem"))
        .arg("-out")
        .arg(scratch.join("cert.pem"))
        .output()
        .map_err(|error| format!("openssl: {error}"))?;
    if made.status.success() { Ok(()) } else { Err(text(&made.stderr)) }
}

/// By its name; what is no configuration of nginx is left out when it is read.
fn is_ours(path: &Path) -> bool {
    let path = path.to_string_lossy();
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let of_nginx = ["nginx", "sites-", "conf.d", "vhost"].iter().any(|part| folder.contains(part));
    let kinds = [".conf", ".template", ".tmpl", ".tpl", ".j2", ".inc", ".vhost", ".nginx", ".config", ".erb", ".gtpl"];
    let kind = kinds.iter().any(|kind| name.ends_with(kind)) || name.contains(".conf.");
    kind || (name.contains("nginx") || of_nginx) && !name.contains('.')
}

fn unknown(_case: &Case, _key: &str, _why: &str) -> bool {
    false
}

/// Known limits: see `testdata/oracles/nginx/limits.txt`.
fn limit(case: &Case, message: &str) -> bool {
    // NGINX Plus takes any text.
    let signature = |bytes: &[u8]| {
        let Some((_, value)) = message.split_once("invalid value \"") else { return false };
        let value = value.rsplit_once('"').map_or(value, |(value, _)| value);
        let text = text(bytes);
        text.split("server_tokens").skip(1).any(|rest| {
            let mut rest = rest.trim_start();
            while rest.starts_with('#') {
                rest = rest.split_once('\n').map_or("", |(_, rest)| rest.trim_start());
            }
            let written = rest.trim_start_matches(['"', '\'']);
            written.replace('\\', "").starts_with(&value.replace('\\', ""))
        })
    };
    if message.contains("NUL byte") || case.files.iter().any(|(_, bytes)| signature(bytes)) {
        return true;
    }
    // Folders for files of requests are made when it starts, where what is around them is there.
    let machine = [
        "host not found",
        "cannot load certificate",
        "getpwnam",
        "open()",
        "bind()",
        "mkdir()",
        "[alert]",
        "name resolution",
    ];
    machine.iter().any(|part| message.contains(part))
        || message.contains("no \"events\" section")
        // Of a module, perhaps; not one that begins as no name does.
        || message
            .strip_prefix("unknown directive \"")
            .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_alphabetic()))
}

fn command(folder: &Path, root: &str) -> Command {
    let mut command = Command::new(NGINX);
    command.arg("-p").arg(folder).args(["-e", "stderr", "-c"]).arg(folder.join(root));
    command
}

/// Whether it would start, and what it says if not.
fn tested(folder: &Path, case: &Case) -> Output {
    let mut command = command(folder, case.root());
    command.args(["-t", "-q", "-g"]).arg(format!("pid {}/.pid;", folder.display())).output().unwrap()
}

impl Program for Nginx {
    fn real(&self, path: &Path, bytes: Vec<u8>) -> Option<Case> {
        let stub = stub::stub(path, &String::from_utf8(bytes).ok()?, self.backend)?;
        mend::mended(stub, &self.scratch.join("mending"))
    }

    fn target(&self) -> String {
        TARGET.to_owned()
    }

    fn cases(&self) -> BoxedStrategy<Case> {
        generate::cases()
    }

    fn ask(&mut self, folder: &Path, case: &Case) -> Told {
        let told = tested(folder, case);
        if told.status.success() {
            return Told::Accepted(BTreeMap::new());
        }
        let said = text(&told.stderr).replace(&format!("{}/", folder.display()), "");
        // Some words it refuses without a word.
        let Some(line) = said.lines().find(|line| line.contains("[emerg]")) else {
            return Told::Refused(Vec::new(), said);
        };
        let message = line.rsplit_once("[emerg]").map_or(line, |(_, rest)| rest.trim());
        let message = message.split_once(": ").filter(|(at, _)| at.contains('#')).map_or(message, |(_, rest)| rest);
        let place = message.rsplit_once(" in ").and_then(|(_, place)| {
            let (path, line) = place.rsplit_once(':')?;
            Some(Place { path: path.to_owned(), line: line.parse().ok()? })
        });
        // What is read when a block is complete is told at its end, and ours where it stands.
        let at_end = |place: &Place| {
            let file = case.files.iter().find(|(path, _)| *path == place.path);
            let line = file.and_then(|(_, text)| text.split(|byte| *byte == b'\n').nth(place.line.checked_sub(1)?));
            let compared = [
                "must be equal to",
                "must be less than",
                "\" is unknown",
                "invalid hostname",
                "conflicting parameter",
                "cannot be mixed",
            ];
            (message.starts_with("invalid variable name") || compared.iter().any(|part| message.contains(part)))
                && line.is_some_and(|line| line.trim_ascii().starts_with(b"}"))
        };
        let place = place.filter(|place| !at_end(place));
        Told::Refused(place.into_iter().collect(), message.to_owned())
    }

    fn tells(&self, _key: &str, _theirs: &BTreeMap<String, Vec<String>>) -> bool {
        false
    }

    fn further(&mut self, folder: &Path, case: &Case) -> String {
        let traced = case.files.first().is_some_and(|(_, text)| String::from_utf8_lossy(text).contains(stub::TRACE));
        if traced {
            traced::difference(folder, case, &mut self.count)
        } else {
            live::difference(folder, case, &mut self.count.answers)
        }
    }

    fn answers(&self) -> Option<usize> {
        Some(self.count.answers)
    }

    fn real_one_in(&self) -> usize {
        6
    }

    fn told(&self) -> String {
        let traced::Count { servers, reached, answers, locations, headers, unknown, without } = self.count;
        format!(
            "{reached} of {servers} servers were reached, {answers} answers compared, with {locations} places and {headers} headers; \
             {unknown} places are unknown, {without} requests were closed"
        )
    }
}
