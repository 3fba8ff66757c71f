//! A cluster of `PostgreSQL` in a folder of its own: of version 15, or of the one whose programs stand in the first folder
//! that `HARDLINT_POSTGRES` names.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const DEBIAN: &str = "/usr/lib/postgresql/15/bin";

pub(crate) struct Cluster {
    programs: PathBuf,
    pub(crate) data: PathBuf,
    /// Its major version.
    pub(crate) major: String,
    /// Root is refused: the account to ask as.
    account: Option<(u32, u32)>,
}

impl Cluster {
    /// Makes one below `scratch`, without starting it.
    pub(crate) fn make(scratch: &Path) -> Result<Self, String> {
        let named = std::env::var("HARDLINT_POSTGRES").unwrap_or_default();
        let named = named.split(':').next().filter(|folder| !folder.is_empty()).unwrap_or(DEBIAN).to_owned();
        let programs = PathBuf::from(named);
        if !programs.join("initdb").exists() {
            return Err(format!("there is no PostgreSQL in {}", programs.display()));
        }
        let id = |of: &str| {
            let told = Command::new("id").args([of, "postgres"]).output().ok()?;
            String::from_utf8_lossy(&told.stdout).trim().parse().ok()
        };
        let root = fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0);
        let account = if root { id("-u").zip(id("-g")) } else { None };
        let folder = scratch.join("cluster");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        let mut cluster = Self { programs, data: folder.join("data"), major: String::new(), account };
        let told = cluster.command("postgres").arg("--version").output().unwrap();
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let version = told.split_once("(PostgreSQL) ").map_or("", |(_, version)| version);
        version.split('.').next().unwrap().clone_into(&mut cluster.major);
        let mut initdb = cluster.command("initdb");
        initdb
            .args(["-A", "trust", "-U", "postgres", "--locale=C", "-E", "UTF8", "--no-sync", "-D"])
            .arg(&cluster.data);
        let made = initdb.output().unwrap();
        if made.status.success() {
            Ok(cluster)
        } else {
            Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)))
        }
    }

    /// One of its programs, run as one that it lets run it.
    pub(crate) fn command(&self, program: &str) -> Command {
        let own = self.programs.join(program);
        // Not all packages have the client.
        let mut command = if own.exists() { Command::new(own) } else { Command::new(program) };
        command.env_clear().env("LC_ALL", "C").env("TZ", "UTC").env("PATH", "/usr/bin:/bin").current_dir("/");
        command.env("LD_LIBRARY_PATH", self.programs.join("../lib"));
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
        command
    }

    /// Where it makes sockets.
    pub(crate) fn folder(&self) -> &Path {
        self.data.parent().unwrap()
    }
}
