//! `hardlint init`: settings fitted to a repository.
//!
//! They say what hardlint does there in any case, so that what is to be changed stands ready, and what the repository
//! itself tells: the versions that its services run. What is there is never written over.

use crate::args::{Drawing, Graph, Init, Reading};
use crate::disk::Disk;
use crate::graph;
use crate::project::{self, Looking};
use crate::report::Out;
use crate::root::{self, shown};
use crate::{CLEAN, config, walk};
use anyhow::{Context, Result, bail};
use hardlint_config::workspace::Slot;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Folders of what others wrote.
const VENDORED: &[&str] = &["vendor", "third_party", "third-party", "external"];

/// Runs the command, and gives the exit status.
///
/// # Errors
/// Where there are settings, or the file cannot be written.
pub fn run(args: &Init) -> Result<u8> {
    if !args.folder.is_dir() {
        bail!("`{}` is no folder", shown(&args.folder));
    }
    let path = args.folder.join("hardlint.toml");
    if fs::symlink_metadata(&path).is_ok() {
        bail!("`{}` is there already; edit it", shown(&path));
    }
    if config::find(&args.folder)?.is_some() {
        bail!("`{}` has settings in `[tool.hardlint]` already; edit them", shown(&args.folder.join("pyproject.toml")));
    }
    let text = written(&args.folder, &args.preset)?;
    let mut out = Out::file(&path).with_context(|| format!("`{}`", shown(&path)))?;
    out.write_all(text.as_bytes())?;
    out.finish()?;
    let _ = writeln!(
        io::stderr(),
        "{} is written. `hardlint check` says what is found; `hardlint check --write-baseline hardlint-baseline.json` accepts all of it.",
        shown(&path)
    );
    Ok(CLEAN)
}

fn written(folder: &Path, preset: &str) -> Result<String> {
    let (formats, vendored) = seen(folder)?;
    let mut text = format!(
        "#:schema {}/raw/main/docs/settings.schema.json\n# Settings of hardlint: docs/settings.md tells all of them.\n",
        env!("CARGO_PKG_REPOSITORY")
    );
    let counts = formats.iter().map(|(format, count)| format!("{count} {format}")).collect::<Vec<_>>().join(", ");
    let _ = if counts.is_empty() {
        writeln!(text, "# No file that hardlint reads was here when this was written.")
    } else {
        writeln!(text, "# Read here when this was written: {counts}.")
    };
    let _ = write!(
        text,
        "\n# minimal: what does harm for certain. strict: all that is known, and no allow without a reason.\npreset = \"{preset}\"\n"
    );
    if preset == "default" {
        text.push_str(
            "# Findings at or above this make a run fail: info, low, medium, high or critical.\nfail-on = \"medium\"\n",
        );
    }
    text.push_str(
        "# Old findings that are not told: `hardlint check --write-baseline hardlint-baseline.json` writes them.\n",
    );
    text.push_str("# baseline = \"hardlint-baseline.json\"\n");
    if !vendored.is_empty() {
        let list = vendored.iter().map(|folder| format!("\"/{folder}/\"")).collect::<Vec<_>>().join(", ");
        let _ = write!(text, "\n# What others wrote.\nexclude = [{list}]\n");
    }
    text.push_str(
        "\n# The versions that are deployed; what differs between versions is told for these only.\n[target]\n",
    );
    let versions = versions(folder)?;
    for format in ["nginx", "sshd", "postgres", "redis", "airflow", "django"] {
        if let Some(version) = versions.get(format) {
            let _ = writeln!(text, "{format} = \"{version}\"");
        } else if formats.contains_key(format) {
            let _ = writeln!(text, "# {format} = \"…\"");
        }
    }
    text.push_str(
        "\n# What files are for, where their names do not tell: production, development, test or example.\n[roles]\n\
         # \"deploy/staging/**\" = \"production\"\n\n# What is not told of some files.\n# [[overrides]]\n\
         # paths = [\"legacy/**\"]\n# ignore = [\"nginx/*\"]\n# severity = \"high\"\n",
    );
    Ok(text)
}

/// How many files of each format there are, and the folders of what others wrote that have some.
fn seen(folder: &Path) -> Result<(BTreeMap<&'static str, usize>, BTreeSet<String>)> {
    let (mut formats, mut vendored) = (BTreeMap::new(), BTreeSet::new());
    for root in root::find(&[folder.to_owned()], root::Using::Found)? {
        let mut disk = Disk::new(root.folder.clone());
        let query = project::query(&Reading::default(), &root, &mut disk, &mut Vec::new())?;
        let walked = walk::walk(&root, &root.arguments);
        let looking = Looking { root: &root, given: None, isolated: false, role: None };
        let project = looking.fill(&disk, query, &walked.files);
        let base = root.arguments.first().map(|argument| argument.path.as_str()).unwrap_or_default();
        for (path, slot) in project.workspace.slots().filter(|(path, _)| project.asked.contains(*path)) {
            let Some(format) = Slot::format(slot) else { continue };
            *formats.entry(format).or_default() += 1;
            let below = path.strip_prefix(base).unwrap_or(path).trim_start_matches('/');
            let first = below.split_once('/').map_or("", |(first, _)| first);
            vendored.extend(VENDORED.contains(&first).then(|| first.to_owned()));
        }
    }
    Ok((formats, vendored))
}

/// The versions of the images that services run, of programs of which all run the same.
fn versions(folder: &Path) -> Result<BTreeMap<&'static str, String>> {
    let args = Graph {
        paths: vec![folder.to_owned()],
        reading: Reading::default(),
        output_format: Drawing::Json,
        output: None,
        no_findings: true,
    };
    let mut found: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    for image in graph::images(&args)? {
        let Some((name, tag)) = image.rsplit_once(':') else { continue };
        let program = match name.rsplit('/').next().unwrap_or(name) {
            "nginx" | "nginx-unprivileged" => "nginx",
            "postgres" => "postgres",
            "redis" => "redis",
            "airflow" => "airflow",
            _ => continue,
        };
        let version: String = tag.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        found.entry(program).or_default().insert(version.trim_end_matches('.').to_owned());
    }
    let one = |versions: BTreeSet<String>| match versions.len() {
        1 => versions.into_iter().next().filter(|version| !version.is_empty()),
        _ => None,
    };
    Ok(found.into_iter().filter_map(|(program, versions)| Some((program, one(versions)?))).collect())
}
