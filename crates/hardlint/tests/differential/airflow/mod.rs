//! Airflow 3.3, in one process that the Python in `HARDLINT_AIRFLOW` runs: what `conf.get` gives for each option that a
//! case names, and for some that were moved or renamed.

mod generate;

use crate::case::{Case, Told};
use crate::driver::{Format, Program};
use crate::process::Python;
use proptest::strategy::BoxedStrategy;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

pub(crate) const FORMAT: Format = Format {
    name: "airflow",
    id: "airflow",
    // It reads all that its providers add with each file.
    one_in: 6,
    arguments: &[],
    program,
    is_ours: |path| path.file_name().is_some_and(|name| name == "airflow.cfg"),
    // What a command gives is not asked, and keys are drawn anew where none is set.
    unknown: |_, _, why| {
        ["gives", "is decided at run time", "template expression", "its own tests"]
            .iter()
            .any(|part| why.contains(part))
    },
    // We tell of a reference to nothing; Airflow finds no value once it is asked for one.
    // Nor is a command run, which Airflow ends with if it fails.
    limit: |_, message| {
        // What a template fills in may be a whole line.
        let of_template = message.contains("ParsingError") && message.contains("{{");
        of_template || message.contains("finds no value for it") || message.contains("Cannot run the command")
    },
};

/// Reads folders, one a line, and answers with the options of the file there.
const READ: &str = r#"
import json, logging, os, pathlib, re, sys, tempfile, warnings
warnings.simplefilter("ignore")
home = tempfile.mkdtemp(prefix="airflow-")
path = os.environ.get("PATH", "")
os.environ.clear()
os.environ.update(AIRFLOW_HOME=home, PATH=path, HOME=home)
logging.disable(logging.CRITICAL)
out, sys.stdout = sys.stdout, open(os.devnull, "w")
# What a command would read from (`fernet_key_cmd = more`) is not where the folders come from.
folders = os.fdopen(os.dup(0))
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
import airflow.configuration as configuration
from airflow.version import version
print("Airflow", version, file=out, flush=True)
# The configuration for tests draws keys for the whole process, which other cases are not to see.
keys = {name: value for name, value in vars(configuration._SecretKeys).items() if not name.startswith("__")}
for line in folders:
    folder = pathlib.Path(line.rstrip("\n"))
    before, told = dict(os.environ), {}
    for variable in (folder / "environment").read_text().splitlines():
        name, _, value = variable.partition("=")
        os.environ[name] = value
    text = (folder / "airflow.cfg").read_bytes().decode()
    names, section = ASKED.split(), ""
    for line in text.splitlines():
        header, option = re.match(r"\s*\[(.+)\]", line), re.match(r"([^=:#;\s][^=:]*?)\s*[=:]", line)
        if header:
            section = header[1]
        elif option and section:
            names.append(f"{section}.{option[1]}".lower())
    try:
        configuration.AIRFLOW_CONFIG = str(folder / "airflow.cfg")
        conf = configuration.initialize_config()
        conf.validate()
        for name in names:
            section, _, option = name.rpartition(".")
            try:
                told[name] = conf.get(section, option)
            except configuration.AirflowConfigException:
                told[name] = None
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
    os.environ.clear()
    os.environ.update(before)
    for name, value in keys.items():
        setattr(configuration._SecretKeys, name, value)
    print(json.dumps(told), file=out, flush=True)
"#;

/// One process for all cases.
struct Airflow(Python);

fn program(_: &Path) -> Result<Box<dyn Program>, String> {
    let script = format!("ASKED = '{}'\n{READ}", generate::ASKED.join(" "));
    Ok(Box::new(Airflow(Python::start("HARDLINT_AIRFLOW", "Airflow 3.3.", &script, &[])?)))
}

impl Program for Airflow {
    fn target(&self) -> String {
        "airflow=3.3".to_owned()
    }

    fn cases(&self) -> BoxedStrategy<Case> {
        generate::cases()
    }

    /// With the environment empty, every option of the file set in it, and each second one.
    fn reals(&self, _: &Path, bytes: Vec<u8>) -> Vec<Case> {
        let mut section = String::new();
        let mut variables = Vec::new();
        for line in crate::case::text(&bytes).lines() {
            if let Some(header) = line.strip_prefix('[') {
                section = header.split(']').next().unwrap_or_default().to_uppercase().replace('.', "_");
            } else if let Some((option, _)) = line.split_once('=')
                && option.trim().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && !option.starts_with([' ', '\t'])
            {
                let option = option.trim().to_uppercase();
                variables.push(format!("AIRFLOW__{section}__{option}=set-{}\n", variables.len()));
            }
        }
        let half: Vec<String> = variables.iter().step_by(2).cloned().collect();
        let environments = [Vec::new(), variables, half].into_iter();
        let case = |environment: Vec<String>| Case {
            files: vec![
                ("airflow.cfg".to_owned(), bytes.clone()),
                ("environment".to_owned(), environment.concat().into_bytes()),
            ],
            ..Case::default()
        };
        environments.map(case).collect()
    }

    fn ask(&mut self, folder: &Path, _: &Case) -> Told {
        match self.0.ask(folder) {
            Value::Object(told) => Told::Accepted(
                told.into_iter()
                    .map(|(name, value)| (name, crate::case::json_lines(&value).unwrap_or_default()))
                    .collect(),
            ),
            told => Told::Refused(Vec::new(), told.to_string()),
        }
    }

    fn tells(&self, key: &str, theirs: &BTreeMap<String, Vec<String>>) -> bool {
        // Where it is installed is its own.
        theirs.get(key).is_some_and(|lines| !lines.iter().any(|line| line.contains("/airflow-")))
    }

    fn same(&self, _: &Case, _: &str, ours: Option<&[String]>, theirs: Option<&[String]>) -> bool {
        ours == theirs.filter(|lines| !lines.is_empty())
    }
}
