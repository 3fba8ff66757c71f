//! `pg_hba_file_rules` of a server that runs on a socket, without TLS: the view reads the file anew each time.

mod generate;
#[rustfmt::skip]
mod words;

use crate::case::{Case, Place, Told, json_lines, text};
use crate::cluster::Cluster;
use crate::driver::{Format, Program};
use proptest::strategy::BoxedStrategy;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::thread::sleep;
use std::time::Duration;

pub(crate) const FORMAT: Format =
    Format { name: "pg_hba", id: "pg_hba", one_in: 1, arguments: &[], program, is_ours, unknown, limit };

/// A server, and a session with it.
struct Hba {
    cluster: Cluster,
    server: Child,
    psql: Child,
    queries: ChildStdin,
    rows: BufReader<ChildStdout>,
    /// Leads to the folder of a case.
    link: PathBuf,
    complaints: PathBuf,
    /// How much it complained of so far.
    complained: usize,
}

fn program(scratch: &Path) -> Result<Box<dyn Program>, String> {
    let cluster = Cluster::make(scratch)?;
    // The rules in force are those of the start.
    let (link, folder) = (scratch.join("case"), scratch.join("first"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(ROOT), "local all all trust\n").unwrap();
    std::os::unix::fs::symlink(&folder, &link).unwrap();
    let socket = cluster.folder().to_str().unwrap().to_owned();
    let mut server = cluster.command("postgres");
    server.arg("-D").arg(&cluster.data).args(["-c", &format!("hba_file={}", link.join(ROOT).display())]);
    server.args(["-c", &format!("unix_socket_directories={socket}"), "-c", "listen_addresses=", "-c", "fsync=off"]);
    let log = File::create(scratch.join("log")).unwrap();
    let mut server = server.stdout(Stdio::null()).stderr(log).spawn().map_err(|error| format!("postgres: {error}"))?;
    let started = (0..200).any(|_| {
        sleep(Duration::from_millis(50));
        let answer = cluster.command("psql").args(["-h", &socket, "-U", "postgres", "-c", "select 1"]).output();
        answer.is_ok_and(|answer| answer.status.success())
    });
    if !started {
        let _ = server.kill();
        return Err(format!("postgres: {}", fs::read_to_string(scratch.join("log")).unwrap_or_default()));
    }
    let complaints = scratch.join("complaints");
    let mut psql = cluster.command("psql");
    psql.args(["-qAtX", "-h", &socket, "-U", "postgres"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut psql = psql.stderr(File::create(&complaints).unwrap()).spawn().unwrap();
    let (queries, rows) = (psql.stdin.take().unwrap(), BufReader::new(psql.stdout.take().unwrap()));
    Ok(Box::new(Hba { cluster, server, psql, queries, rows, link, complaints, complained: 0 }))
}

impl Drop for Hba {
    fn drop(&mut self) {
        for process in [&mut self.psql, &mut self.server] {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

const ROOT: &str = "pg_hba.conf";

fn is_ours(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        let name = name.to_string_lossy();
        name.contains("hba") && name.ends_with(".conf")
    })
}

/// Whether the name of a RADIUS server has an address is the network's to tell, and not all regular expressions are followed.
fn unknown(_case: &Case, _key: &str, why: &str) -> bool {
    why.contains("address") || why.contains("regular expression")
}

fn limit(_case: &Case, message: &str) -> bool {
    ["NUL byte", "UTF-16", "invalid regular expression"].iter().any(|part| message.contains(part))
}

impl Program for Hba {
    fn target(&self) -> String {
        format!("postgres={}", self.cluster.major)
    }

    fn cases(&self) -> BoxedStrategy<Case> {
        generate::cases()
    }

    fn ask(&mut self, folder: &Path, case: &Case) -> Told {
        fs::remove_file(&self.link).unwrap();
        // A real file may have another name.
        if case.root() != ROOT {
            fs::copy(folder.join(case.root()), folder.join(ROOT)).unwrap();
        }
        fs::write(folder.join("postgresql.conf"), "ssl = off\n").unwrap();
        std::os::unix::fs::symlink(folder, &self.link).unwrap();
        let query = b"select row_to_json(r) from pg_hba_file_rules r;\n\\echo .\n";
        self.queries.write_all(query).unwrap();
        let mut values = BTreeMap::new();
        let mut places = Vec::new();
        let mut why = String::new();
        for at in 0.. {
            let mut line = Vec::new();
            self.rows.read_until(b'\n', &mut line).unwrap();
            let line = text(&line).replace(&format!("{}/", self.link.display()), "");
            if line == ".\n" {
                break;
            }
            let row: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            // Some errors are not told of; but a line without a method is no record.
            if row["auth_method"].is_null() {
                let file = row["file_name"].as_str().filter(|name| *name != ROOT).unwrap_or(case.root());
                let line = row["line_number"].as_u64().unwrap_or_default().try_into().unwrap();
                places.push(Place { path: file.to_owned(), line });
                why = row["error"].to_string();
            }
            for (name, value) in row.as_object().unwrap() {
                if let Some(lines) = json_lines(value) {
                    values.insert(format!("{at:04} {name}"), lines);
                }
            }
        }
        // Files that bring in each other without end.
        let complaints = text(&fs::read(&self.complaints).unwrap());
        if complaints.len() > self.complained {
            let complaint = complaints[self.complained..].to_owned();
            self.complained = complaints.len();
            return Told::Refused(Vec::new(), complaint);
        }
        if values.is_empty() {
            return Told::Refused(vec![Place { path: case.root().to_owned(), line: 0 }], "no record".to_owned());
        }
        if places.is_empty() { Told::Accepted(values) } else { Told::Partly(places, why, values) }
    }

    fn same(&self, _case: &Case, key: &str, ours: Option<&[String]>, theirs: Option<&[String]>) -> bool {
        // Paths are told as they were found.
        let path = |lines: Option<&[String]>| Some(Path::new(lines?.first()?).file_name()?.to_owned());
        ours == theirs || key.ends_with("file_name") && path(ours) == path(theirs)
    }
}
