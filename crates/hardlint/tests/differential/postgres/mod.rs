//! `postgres -C NAME`, once for each parameter that a case names: what the server would start with, without starting it.

mod generate;

use crate::case::{Case, FOLDER, Place, Told};
use crate::driver::{Format, Program};
use proptest::strategy::BoxedStrategy;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const BIN: &str = "/usr/lib/postgresql/15/bin";
const AUTO: &str = "postgresql.auto.conf";

pub(crate) const FORMAT: Format = Format { id: "postgres", target: "postgres=15", program, is_ours, unknown, limit };

/// With a cluster that is never started.
struct Postgres {
    data: PathBuf,
    /// Root is refused: the account to ask as.
    account: Option<(u32, u32)>,
    parameters: Vec<generate::Parameter>,
    names: BTreeSet<String>,
}

fn program(scratch: &Path) -> Result<Box<dyn Program>, String> {
    if !Path::new(BIN).join("initdb").exists() {
        return Err(format!("there is no PostgreSQL 15 in {BIN}"));
    }
    let id = |of: &str| {
        let told = Command::new("id").args([of, "postgres"]).output().ok()?;
        String::from_utf8_lossy(&told.stdout).trim().parse().ok()
    };
    let root = fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0);
    let account = if root { id("-u").zip(id("-g")) } else { None };
    let folder = scratch.join("cluster");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let mut postgres = Postgres { data: folder.join("data"), account, parameters: Vec::new(), names: BTreeSet::new() };
    let data = postgres.data.clone();
    let made =
        postgres.run("initdb", &["-A", "trust", "-U", "postgres", "--locale=C", "-E", "UTF8", "-D"], Some(&data));
    if !made.status.success() {
        return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)));
    }
    let told = postgres.run("postgres", &["--describe-config"], None);
    postgres.parameters = generate::parameters(&String::from_utf8_lossy(&told.stdout));
    postgres.names = postgres.parameters.iter().map(|parameter| parameter.name.to_ascii_lowercase()).collect();
    Ok(Box::new(postgres))
}

fn is_ours(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        let name = name.to_string_lossy();
        name.starts_with("postgres") && name.ends_with(".conf")
    })
}

/// What the file cannot tell: where the server is started.
fn unknown(_case: &Case, _key: &str, why: &str) -> bool {
    why.contains("the folder that PostgreSQL is started in")
}

fn limit(case: &Case, message: &str) -> bool {
    // An absolute path is another machine's.
    let absolute =
        || case.files.iter().any(|(_, bytes)| bytes.windows(FOLDER.len()).any(|part| part == FOLDER.as_bytes()));
    message.contains("NUL byte") || message.contains("UTF-16") || message.contains("could not open") && absolute()
}

impl Postgres {
    fn run(&self, program: &str, arguments: &[&str], path: Option<&Path>) -> Output {
        let mut command = Command::new(Path::new(BIN).join(program));
        command.args(arguments).args(path).env_clear().env("LC_ALL", "C").env("TZ", "UTC").env("PATH", "/usr/bin:/bin");
        command.current_dir("/");
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
        command.output().unwrap()
    }

    /// The value of a parameter, or what is complained of.
    fn value(&self, folder: &Path, case: &Case, name: &str) -> Result<String, String> {
        let file = format!("--config-file={}", folder.join(case.root()).display());
        let told = self.run("postgres", &["-C", name, &file, "-D"], Some(&self.data));
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
    fn cases(&self) -> BoxedStrategy<Case> {
        generate::cases(&self.parameters)
    }

    fn ask(&mut self, folder: &Path, case: &Case) -> Told {
        let auto = fs::read(folder.join(AUTO)).unwrap_or_default();
        fs::write(self.data.join(AUTO), auto).unwrap();
        let mut values = BTreeMap::new();
        for name in self.named(folder, case) {
            match self.value(folder, case, &name) {
                Ok(value) => drop(values.insert(name, vec![value])),
                // Names with a dot that nothing sets are not known.
                Err(complaint)
                    if complaint.contains("unrecognized configuration parameter") && !complaint.contains(" line ") => {}
                Err(complaint) => {
                    let complaint = complaint.replace(&format!("{}/", folder.display()), "");
                    let complaint = complaint.replace(&format!("{}/", self.data.display()), "");
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
        Some(Place { path: path.to_owned(), line: digits.parse().ok()? })
    };
    complaint.lines().filter_map(place).collect()
}
