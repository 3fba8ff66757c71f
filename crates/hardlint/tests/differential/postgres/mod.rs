//! `postgres -C NAME`, once for each parameter that a case names: what the server would start with, without starting it.

mod generate;

use crate::case::{Case, FOLDER, Place, Told};
use crate::cluster::Cluster;
use crate::driver::{Format, Program};
use generate::Kind;
use proptest::strategy::BoxedStrategy;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const AUTO: &str = "postgresql.auto.conf";

pub(crate) const FORMAT: Format =
    Format { name: "postgres", id: "postgres", one_in: 1, arguments: &[], program, is_ours, unknown, limit };

/// With a cluster that is never started.
struct Postgres {
    cluster: Cluster,
    parameters: Vec<generate::Parameter>,
    names: BTreeSet<String>,
}

fn program(scratch: &Path) -> Result<Box<dyn Program>, String> {
    let cluster = Cluster::make(scratch)?;
    let told = cluster.command("postgres").arg("--describe-config").output().unwrap();
    let mut parameters = generate::parameters(&String::from_utf8_lossy(&told.stdout));
    for parameter in &mut parameters {
        if let Kind::Enum(words) = &mut parameter.kind {
            *words = available(&cluster, &parameter.name);
        }
    }
    let names = parameters.iter().map(|parameter| parameter.name.to_ascii_lowercase()).collect();
    Ok(Box::new(Postgres { cluster, parameters, names }))
}

/// What an enumeration can be: told when it is something else.
fn available(cluster: &Cluster, name: &str) -> Vec<String> {
    let mut postgres = cluster.command("postgres");
    let told = postgres.args(["-C", name, "-c", &format!("{name}=?"), "-D"]).arg(&cluster.data).output().unwrap();
    let told = String::from_utf8_lossy(&told.stderr).into_owned();
    let words = told.split_once("Available values: ").map_or("", |(_, words)| words).lines().next().unwrap_or_default();
    words.trim_end_matches('.').split(", ").filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn is_ours(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        let name = name.to_string_lossy();
        name.starts_with("postgres") && name.ends_with(".conf")
    })
}

/// What the file cannot tell: where the server is started.
fn unknown(_case: &Case, _key: &str, why: &str) -> bool {
    // And what an absolute path behind `..` leads to.
    why.contains("the folder that PostgreSQL is started in") || why.contains("/../")
}

fn limit(case: &Case, message: &str) -> bool {
    // An absolute path is another machine's, and `..` may stand behind a folder that is not at hand.
    let names =
        |part: &str| case.files.iter().any(|(_, bytes)| bytes.windows(part.len()).any(|it| it == part.as_bytes()));
    let elsewhere = || names(FOLDER) || names("/../");
    message.contains("NUL byte") || message.contains("UTF-16") || message.contains("could not open") && elsewhere()
}

impl Postgres {
    /// The value of a parameter, or what is complained of.
    fn value(&self, folder: &Path, case: &Case, name: &str) -> Result<String, String> {
        let file = format!("--config-file={}", folder.join(case.root()).display());
        let mut postgres = self.cluster.command("postgres");
        let told = postgres.args(["-C", name, &file, "-D"]).arg(&self.cluster.data).output().unwrap();
        if !told.status.success() {
            return Err(crate::case::text(&told.stderr));
        }
        let value = crate::case::text(&told.stdout);
        Ok(value.strip_suffix('\n').unwrap_or(&value).to_owned())
    }

    /// The parameters that lines of the case begin with; some that it does not name.
    fn named(&self, folder: &Path, case: &Case) -> BTreeSet<String> {
        let mut names = BTreeSet::from(["port".to_owned(), "wal_buffers".to_owned()]);
        for (path, _) in &case.files {
            let bytes = fs::read(folder.join(path)).unwrap_or_default();
            for line in bytes.split(|byte| *byte == b'\n') {
                let line = line.trim_ascii_start();
                let length =
                    line.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(byte)).count();
                let name = String::from_utf8_lossy(&line[..length]).to_ascii_lowercase();
                if self.names.contains(&name) || (name.contains('.') && !name.starts_with('.')) {
                    names.insert(name);
                }
            }
        }
        names
    }
}

impl Program for Postgres {
    fn target(&self) -> String {
        format!("postgres={}", self.cluster.major)
    }

    fn cases(&self) -> BoxedStrategy<Case> {
        generate::cases(&self.parameters)
    }

    fn ask(&mut self, folder: &Path, case: &Case) -> Told {
        let auto = fs::read(folder.join(AUTO)).unwrap_or_default();
        fs::write(self.cluster.data.join(AUTO), auto).unwrap();
        let mut values = BTreeMap::new();
        for name in self.named(folder, case) {
            match self.value(folder, case, &name) {
                Ok(value) => drop(values.insert(name, vec![value])),
                // Names with a dot that nothing sets are not known.
                Err(complaint)
                    if complaint.contains("unrecognized configuration parameter") && !complaint.contains(" line ") => {}
                Err(complaint) => {
                    let complaint = complaint.replace(&format!("{}/", folder.display()), "");
                    let complaint = complaint.replace(&format!("{}/", self.cluster.data.display()), "");
                    return Told::Refused(places(&complaint), complaint);
                }
            }
        }
        Told::Accepted(values)
    }

    fn tells(&self, key: &str, theirs: &BTreeMap<String, Vec<String>>) -> bool {
        theirs.contains_key(key)
    }
}

/// `... in file "FILE" line 3: ...` and `in file "FILE", line 3`, in the order of the complaints.
fn places(complaint: &str) -> Vec<Place> {
    let place = |line: &str| {
        let (path, rest) = line.split_once("in file \"")?.1.split_once('"')?;
        let (_, rest) = rest.split_once("line ")?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        // What the end of the file cuts short is told to be on the line before, of which there may be none.
        Some(Place { path: path.to_owned(), line: digits.parse::<usize>().ok()?.max(1) })
    };
    complaint.lines().filter_map(place).collect()
}
