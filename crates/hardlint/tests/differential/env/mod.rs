//! The readers of `.env`: python-dotenv, django-environ and python-decouple, asked in one process that the Python in
//! `HARDLINT_DOTENV` runs, and the docker-compose that `HARDLINT_COMPOSE` names. Each is a dialect of `show`.
//!
//! The environment is empty, so that what a file does not set is not set.

mod generate;

use crate::case::{Case, Place, Told, text};
use crate::driver::{Format, Program};
use proptest::strategy::{BoxedStrategy, Strategy};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub(crate) const COMPOSE: Format = Format { one_in: 3, ..format("compose", |_| compose()) };
pub(crate) const PYTHON_DOTENV: Format = format("python-dotenv", |_| python("python-dotenv"));
pub(crate) const DJANGO_ENVIRON: Format = format("django-environ", |_| python("django-environ"));
pub(crate) const DECOUPLE: Format = format("decouple", |_| python("decouple"));

const fn format(name: &'static str, program: fn(&Path) -> Result<Box<dyn Program>, String>) -> Format {
    let arguments: &[&str] = &["--env-file", "/dev/null"];
    Format {
        name,
        id: "env",
        one_in: 1,
        arguments,
        program,
        is_ours,
        unknown: |_, _, why| why.contains("64 KB of variables") || why.contains("template expression"),
        limit,
    }
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == ".env" || name.starts_with(".env.") || name.ends_with(".env")
}

fn limit(_case: &Case, message: &str) -> bool {
    message.contains("NUL byte") || message.contains("UTF-16")
}

/// The files, asked in a dialect.
fn cases(dialect: &'static str) -> BoxedStrategy<Case> {
    generate::cases().prop_map(move |case| Case { conditions: conditions(dialect), ..case }).boxed()
}

fn conditions(dialect: &str) -> Vec<(String, String)> {
    vec![("dialect".to_owned(), dialect.to_owned())]
}

/// Reads the paths that it is given, one a line, and answers with what is set.
const READ: &str = "
import json, logging, os, sys, warnings
logging.disable(logging.CRITICAL)
warnings.simplefilter('ignore')
os.environ.clear()
dialect = sys.argv[1]
if dialect == 'python-dotenv':
    import dotenv
    read = dotenv.dotenv_values
elif dialect == 'django-environ':
    import environ
    def read(path):
        environ.Env.ENVIRON = found = {}
        environ.Env.read_env(path)
        return found
else:
    import decouple
    read = lambda path: decouple.RepositoryEnv(path).data
print('ready', flush=True)
for path in sys.stdin:
    try:
        told = read(path.rstrip('\\n'))
    except Exception as error:
        told = repr(error)
    print(json.dumps(told), flush=True)
";

/// A process that reads one file after the other.
struct Python {
    dialect: &'static str,
    process: Child,
    paths: ChildStdin,
    answers: BufReader<ChildStdout>,
}

fn python(dialect: &'static str) -> Result<Box<dyn Program>, String> {
    let program = std::env::var("HARDLINT_DOTENV").unwrap_or_else(|_| "python3".to_owned());
    let mut command = Command::new(&program);
    command.args(["-I", "-c", READ, dialect]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = command.spawn().map_err(|error| format!("{program}: {error}"))?;
    let (paths, answers) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
    let mut python = Python { dialect, process, paths, answers };
    if python.answer() != "ready\n" {
        return Err(format!("{program} has no {dialect}: HARDLINT_DOTENV names one that has"));
    }
    Ok(Box::new(python))
}

impl Python {
    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Program for Python {
    fn target(&self) -> String {
        String::new()
    }

    fn cases(&self) -> BoxedStrategy<Case> {
        cases(self.dialect)
    }

    fn conditions(&self) -> Vec<(String, String)> {
        conditions(self.dialect)
    }

    fn ask(&mut self, folder: &Path, case: &Case) -> Told {
        writeln!(self.paths, "{}", folder.join(case.root()).display()).unwrap();
        let answer = self.answer();
        match serde_json::from_str(&answer).unwrap() {
            Value::Object(set) => Told::Accepted(variables(&set)),
            told => Told::Refused(Vec::new(), told.to_string()),
        }
    }
}

/// The names that are set, each with its value.
fn variables(set: &serde_json::Map<String, Value>) -> BTreeMap<String, Vec<String>> {
    set.iter().filter_map(|(name, value)| Some((name.clone(), vec![value.as_str()?.to_owned()]))).collect()
}

struct Compose {
    program: String,
}

fn compose() -> Result<Box<dyn Program>, String> {
    let program = std::env::var("HARDLINT_COMPOSE").unwrap_or_else(|_| "docker-compose".to_owned());
    let told = Command::new(&program).args(["version", "--short"]).output();
    let told = told.map_err(|error| format!("{program}: {error}; HARDLINT_COMPOSE names another"))?;
    // The package's command is Python that starts the program beside its module.
    let inside = fs::read_to_string(&program).ok().and_then(|script| {
        let python = script.lines().next()?.strip_prefix("#!")?.to_owned();
        let ask = "import compose, os; print(os.path.join(os.path.dirname(compose.__file__), 'docker-compose'))";
        let told = Command::new(python).args(["-I", "-c", ask]).output().ok()?;
        let place = text(&told.stdout).trim().to_owned();
        Path::new(&place).is_file().then_some(place)
    });
    let program = inside.unwrap_or(program);
    let version = text(&told.stdout);
    if version.trim_start_matches('v').starts_with("2.") {
        return Ok(Box::new(Compose { program }));
    }
    Err(format!("{program} is {}, and version 2 is compared", version.trim()))
}

impl Program for Compose {
    fn target(&self) -> String {
        String::new()
    }

    fn cases(&self) -> BoxedStrategy<Case> {
        cases("compose")
    }

    fn conditions(&self) -> Vec<(String, String)> {
        conditions("compose")
    }

    fn ask(&mut self, folder: &Path, case: &Case) -> Told {
        let project = folder.join("compose.yaml");
        let file = format!("services:\n  app:\n    image: app\n    env_file: {}\n", case.root());
        fs::write(&project, file).unwrap();
        let mut command = Command::new(&self.program);
        command
            .arg("-f")
            .arg(&project)
            .args(["--env-file", "/dev/null", "config", "--format", "json"])
            .current_dir(folder);
        let told = command.env_clear().env("HOME", folder).env("PATH", "/usr/bin:/bin").output().unwrap();
        fs::remove_file(&project).unwrap();
        // The packaged command ends with 0 when it refuses a file.
        let Ok(Value::Object(told)) =
            serde_json::from_slice::<Value>(&told.stdout).map(|mut all| all["services"]["app"].take())
        else {
            let why = text(&told.stderr);
            return Told::Refused(place(&why, case).into_iter().collect(), why);
        };
        let set = told.get("environment").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut variables = variables(&set);
        // The output is a Compose file again, in which a dollar is written twice.
        variables.values_mut().flatten().for_each(|value| *value = value.replace("$$", "$"));
        Told::Accepted(variables)
    }
}

/// `failed to read FILE: line 3: ...`
fn place(why: &str, case: &Case) -> Option<Place> {
    let digits: String = why.split_once(": line ")?.1.chars().take_while(char::is_ascii_digit).collect();
    Some(Place { path: case.root().to_owned(), line: digits.parse().ok()? })
}
