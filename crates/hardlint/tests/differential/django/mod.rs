//! Django 5.2, in one process that the Python in `HARDLINT_DJANGO` runs: the settings of a module as `diffsettings --all`
//! prints them, and what `check --deploy` says of it. Each module is imported in a copy of the process, with the
//! environment that the case has.

mod checks;
mod generate;

use crate::case::{Case, Told, json_lines};
use crate::driver::{Format, Program};
use crate::ours::{self, Shown};
use crate::process::Python;
use crate::python::real::Modules;
use proptest::strategy::BoxedStrategy;
use serde_json::Value as Json;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

pub(crate) const FORMAT: Format = Format {
    name: "django",
    id: "django",
    one_in: 1,
    arguments: &[],
    program: |_| {
        let python = Python::start("HARDLINT_DJANGO", "Django 5.2", READ, &[])?;
        Ok(Box::new(Django { python, open: Cell::default(), seen: RefCell::default() }))
    },
    is_ours: |_| false,
    // What Python can do is not all followed: `testdata/oracles/django/limits.txt`.
    unknown: |_, _, _| true,
    limit: |_, _| false,
};

/// The settings of real projects.
pub(crate) const REAL: Modules = Modules {
    format: &FORMAT,
    variable: "HARDLINT_DJANGO",
    ready: "Django 5.2",
    script: include_str!("real.py"),
    target: TARGET,
    open: "TEST_RUNNER",
    further: checks::differences,
};

const TARGET: &str = "django=5.2.19";

/// What `check --deploy` says stands beside the settings under this name.
const VERDICTS: &str = "check --deploy";

/// What stands for an answer where what asks has failed itself.
const ENDED: &str = "it ended";

const READ: &str = r#"
import json, logging, os, sys, warnings
warnings.simplefilter("ignore")
logging.disable()
import django, django.core.checks
import django.core.management.commands.diffsettings
# What the checks load, once for all.
import django.views.csrf
import decouple, dj_database_url, environ, pathlib, datetime
print("Django", django.__version__, flush=True)

def verdicts():
    # Also those that a project silences.
    from django.core import checks
    try:
        found = checks.run_checks(tags=["security"], include_deployment_checks=True)
    except Exception:
        return None
    return sorted({m.id for m in found})

def told(folder):
    from django.conf import settings
    from django.core.management.commands.diffsettings import module_to_dict
    os.environ.clear()
    for line in open(os.path.join(folder, "environment"), encoding="utf-8"):
        name, _, value = line.rstrip("\n").partition("=")
        os.environ[name] = value
    os.environ["DJANGO_SETTINGS_MODULE"] = open(os.path.join(folder, "module")).read()
    os.chdir(folder)
    sys.path.insert(0, folder)
    try:
        settings.DEBUG
        shown = module_to_dict(settings._wrapped)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    shown.pop("SETTINGS_MODULE")
    return {"settings": {name: value.replace(folder, "$ROOT") for name, value in shown.items()}, "verdicts": verdicts()}

for line in sys.stdin:
    folder = line.rstrip("\n")
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        try:
            answer = json.dumps(told(folder))
            with os.fdopen(writer, "w") as out:
                out.write(answer)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    os.wait()
    print(text or '"it ended"', flush=True)
"#;

/// One process for all modules.
struct Django {
    python: Python,
    /// Whether anything may be set in the module that is shown.
    open: Cell<bool>,
    /// What was shown of it.
    seen: RefCell<BTreeMap<String, Result<Vec<String>, String>>>,
}

impl Program for Django {
    fn target(&self) -> String {
        TARGET.to_owned()
    }

    fn cases(&self) -> BoxedStrategy<Case> {
        generate::cases()
    }

    fn ask(&mut self, folder: &Path, case: &Case) -> Told {
        // The root that we read below.
        fs::create_dir_all(folder.join(".git")).unwrap();
        fs::write(folder.join("module"), case.root().trim_end_matches(".py").replace('/', ".")).unwrap();
        let told = self.python.ask(folder);
        assert_ne!(told, ENDED, "{case:?}");
        let Some(settings) = told["settings"].as_object() else {
            // What a module runs into is not asked.
            return Told::Nothing;
        };
        let all = settings.iter().map(|(name, value)| (name.clone(), json_lines(value).unwrap_or_default()));
        let mut all: BTreeMap<_, _> = all.collect();
        if !told["verdicts"].is_null() {
            let failed = json_lines(&told["verdicts"]).unwrap_or_default();
            all.insert(VERDICTS.to_owned(), vec![failed.join(" ")]);
        }
        Told::Accepted(all)
    }

    fn shown(&self, format: &Format, folder: &Path, case: &Case) -> Shown {
        let mut shown = ours::show(format, &self.target(), folder, case);
        self.open.set(shown.values.get("TEST_RUNNER").is_some_and(Result::is_err));
        self.seen.replace(shown.values.clone());
        shown.values.insert(VERDICTS.to_owned(), verdicts(case));
        shown
    }

    fn tells(&self, key: &str, theirs: &BTreeMap<String, Vec<String>>) -> bool {
        key != VERDICTS || theirs.contains_key(key)
    }

    fn same(&self, _: &Case, _: &str, ours: Option<&[String]>, theirs: Option<&[String]>) -> bool {
        ours == theirs || ours.is_none() && self.open.get()
    }

    /// What is known without the environment holds in it.
    fn further(&mut self, folder: &Path, case: &Case) -> String {
        let files = case.files.iter().filter(|(path, _)| path != "environment").cloned().collect();
        let blind = ours::show(&FORMAT, &self.target(), folder, &Case { files, ..case.clone() });
        let seen = self.seen.borrow();
        let mut report = String::new();
        for (key, value) in blind.values {
            if let (Ok(value), Some(Ok(told))) = (value, seen.get(&key))
                && value != *told
            {
                let _ = writeln!(report, "without the environment {key}: {value:?}, and with it {told:?}");
            }
        }
        report
    }
}

/// The checks that fail; why some are not decided.
fn verdicts(case: &Case) -> Result<Vec<String>, String> {
    let (failed, open) = checks::ours(case.files.clone(), case.root(), case);
    if open.is_empty() { Ok(vec![failed.join(" ")]) } else { Err(Json::from(open).to_string()) }
}
