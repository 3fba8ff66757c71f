//! The settings that the code in a service is started with: a module of Django, one that makes a Flask application, or an
//! `airflow.cfg`.
//!
//! Told by what is started (`gunicorn shop.wsgi`, `manage.py`, `flask run`), by scripts of the project that the image runs,
//! and by the variables that name a module. What none of these name is not linked.

use super::services::{Mount, Service};
use crate::formats::{airflow, django, flask, python};
use crate::loader::{self, Kind, Loader};
use crate::model::{Text, Value};
use crate::text::Loc;

/// What a service runs, and the file with its settings.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Application {
    /// In words.
    pub(super) program: &'static str,
    /// Below the root.
    pub(super) settings: String,
}

/// Scripts that are looked into, one started by the other.
const MAX_SCRIPTS: usize = 4;
/// Words of what is started that are looked at.
const MAX_WORDS: usize = 1_000;
/// Bytes of a script that are looked into.
const MAX_SCRIPT: usize = 64 << 10;

/// The application of a service, whose image is built here or not.
pub(super) fn of(loader: &dyn Loader, service: &Service, image: Option<&Service>) -> Option<Application> {
    let seen = Seen::of(loader, service, image);
    if let Some(settings) = airflow::configuration(loader, &seen.whole) {
        return Some(Application { program: "Airflow", settings });
    }
    django_module(loader, &seen)
        .map(|settings| Application { program: "Django", settings })
        .or_else(|| flask_module(loader, &seen).map(|settings| Application { program: "Flask", settings }))
}

/// The files of the project that variables name by their paths inside, each with the place of the variable.
pub(super) fn named(loader: &dyn Loader, service: &Service, image: Option<&Service>) -> Vec<(String, Loc)> {
    let of_image = image.map(|image| image.variables.as_slice()).unwrap_or_default();
    let own = |name: &str| service.variables.iter().any(|(known, _)| known == name);
    let variables = service.variables.iter().chain(of_image.iter().filter(|(name, _)| !own(name)));
    let paths =
        variables.filter_map(|(_, node)| Some((node.value.as_str().filter(|it| it.starts_with('/'))?, node.at)));
    let place = |inside: &str| service.mounted(inside).or_else(|| image?.mounted(inside));
    let is_file = |path: &String| loader.stat(path).is_some_and(|stat| stat.kind == Kind::File);
    paths.filter_map(|(inside, at)| Some((place(inside).filter(is_file)?, at))).collect()
}

/// The words of what a service starts, with those of scripts of the project that it runs.
pub(super) fn words(loader: &dyn Loader, service: &Service, image: Option<&Service>) -> Vec<String> {
    Seen::of(loader, service, image).words
}

/// A container as the programs in it see it.
struct Seen {
    /// The service with what its image has besides.
    whole: Service,
    /// All words of what is started, scripts of the project included.
    words: Vec<String>,
    /// Folders of the project that hold its code, the likeliest first.
    roots: Vec<String>,
}

impl Seen {
    fn of(loader: &dyn Loader, service: &Service, image: Option<&Service>) -> Self {
        let mut whole = Service {
            name: service.name.clone(),
            at: service.at,
            image: service.image.clone(),
            variables: service.variables.clone(),
            mounts: service.mounts.clone(),
            env_files: Vec::new(),
            depends_on: Vec::new(),
            names: Vec::new(),
            scope: service.scope,
            published: Vec::new(),
            host_network: false,
            built: service.built.clone(),
            started: None,
            entry: None,
            networks: Vec::new(),
            routed: false,
            joins_others: false,
            open: None,
        };
        if let Some(image) = image {
            let more = image.variables.iter().filter(|(name, _)| !service.variables.iter().any(|(own, _)| own == name));
            whole.variables.extend(more.cloned());
            whole.mounts.extend(image.mounts.iter().cloned());
        }
        let mut words = Vec::new();
        // A command takes the place of the image's, and an entrypoint that of both.
        let of_image = image.and_then(|image| match (&service.entry, &service.started) {
            (Some(_), _) => None,
            (None, Some(_)) => image.entry.as_ref(),
            (None, None) => image.started.as_ref(),
        });
        for started in of_image.into_iter().chain(&service.started) {
            let all = started.0.commands.iter().flat_map(|command| &command.words);
            let all = all.filter_map(|word| word.known()).flat_map(str::split_whitespace);
            words.extend(all.take(MAX_WORDS).map(str::to_owned));
        }
        let is_folder = |path: &str| path.is_empty() || loader.stat(path).is_some_and(|it| it.kind == Kind::Folder);
        let mut roots: Vec<String> = Vec::new();
        let folders = whole.mounts.iter().map(|Mount { source, .. }| source.as_str());
        let contexts = whole.built.as_ref().map(|built| built.context.as_str());
        for folder in folders.chain(contexts).filter(|path| is_folder(path)) {
            if !roots.iter().any(|known| known == folder) {
                roots.push(folder.to_owned());
            }
        }
        let mut seen = Self { whole, words, roots };
        seen.scripts(loader);
        seen
    }

    /// Adds the words of the scripts that are started, and of those that they start.
    fn scripts(&mut self, loader: &dyn Loader) {
        let mut at = 0;
        let mut read: Vec<String> = Vec::new();
        while let Some(word) = self.words.get(at) {
            at += 1;
            if read.len() >= MAX_SCRIPTS || !(word.contains('/') || word.strip_suffix(".sh").is_some()) {
                continue;
            }
            let Some(path) = self.file(loader, word).filter(|path| !read.contains(path)) else { continue };
            read.push(path.clone());
            let Ok(text) = loader.read(&path) else { continue };
            if text.len() > MAX_SCRIPT
                || text.strip_prefix(b"#!").is_none_or(|rest| rest.starts_with(b"/usr/bin/env python"))
            {
                continue;
            }
            let text = String::from_utf8_lossy(&text).into_owned();
            let code = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
            let words = code.flat_map(|line| line.split(|c: char| c.is_whitespace() || "\"';&|()".contains(c)));
            let left = (2 * MAX_WORDS).saturating_sub(self.words.len());
            self.words.extend(words.filter(|word| !word.is_empty()).take(left).map(str::to_owned));
        }
    }

    /// The file of the project that a path inside, or one from the folder of the code, names.
    fn file(&self, loader: &dyn Loader, inside: &str) -> Option<String> {
        let is_file = |path: &String| loader.stat(path).is_some_and(|stat| stat.kind == Kind::File);
        if inside.starts_with('/') {
            return self.whole.mounted(inside).filter(is_file);
        }
        let relative = inside.strip_prefix("./").unwrap_or(inside);
        self.roots.iter().filter_map(|root| loader::join(root, relative)).find(is_file)
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        self.whole.variables.iter().find(|(known, _)| &**known == name).map(|(_, node)| &node.value)
    }

    /// The settings module that what is started names: by an option of `manage.py`, or by setting the variable.
    fn words_name(&self) -> Option<&str> {
        let option = |at: usize| {
            let word = self.words.get(at)?.as_str();
            match word.strip_prefix("--settings") {
                Some("") => self.words.get(at + 1).map(String::as_str),
                Some(rest) => rest.strip_prefix('='),
                None => word.strip_prefix("DJANGO_SETTINGS_MODULE="),
            }
        };
        let named = (0..self.words.len()).rev().find_map(option)?;
        (!named.is_empty() && named.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_'))).then_some(named)
    }

    /// The module that a dotted name means, from the folder of the code.
    fn module(&self, loader: &dyn Loader, name: &str) -> Option<String> {
        let start = |root: &String| loader::join(root, "manage.py");
        self.roots.iter().filter_map(start).find_map(|from| python::locate(loader, &from, 0, name).ok())
    }
}

/// Programs whose first argument of this form names an application.
const SERVERS: &[&str] = &["gunicorn", "uvicorn", "daphne", "hypercorn", "granian", "waitress-serve", "uwsgi"];

/// The settings module that Django is started with.
fn django_module(loader: &dyn Loader, seen: &Seen) -> Option<String> {
    let starter = django_starter(loader, seen);
    // What a command says wins over all that is around it.
    if let Some(module) = seen.words_name() {
        let beside = || python::locate(loader, starter.as_deref()?, 0, module).ok();
        return seen.module(loader, module).or_else(beside);
    }
    // A starter that sets the variable, and does not only offer it a value, sets it for good.
    let text = starter.as_ref().and_then(|path| loader.read(path).ok());
    let text = text.map(|text| code(&String::from_utf8_lossy(&text))).unwrap_or_default();
    let sets = text
        .lines()
        .find(|line| line.contains("environ[") && line.contains("DJANGO_SETTINGS_MODULE") && line.contains("] ="));
    if let (Some(line), Some(starter)) = (sets, &starter) {
        return python::locate(loader, starter, 0, django::settings_named(line).last()?).ok();
    }
    match seen.variable("DJANGO_SETTINGS_MODULE") {
        Some(Value::Text(Text::Known(module))) => {
            let beside = || python::locate(loader, starter.as_deref()?, 0, module).ok();
            seen.module(loader, module).or_else(beside)
        }
        Some(_) => None,
        None => {
            let starter = starter?;
            let named = django::settings_named(&text);
            let module = named.last()?;
            python::locate(loader, &starter, 0, module).ok()
        }
    }
}

/// A text without the lines that are comments.
fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n")
}

/// The file of the project that starts Django.
fn django_starter(loader: &dyn Loader, seen: &Seen) -> Option<String> {
    for (at, word) in seen.words.iter().enumerate() {
        if loader::name(word) == "manage.py" {
            let nested = || seen.roots.iter().filter_map(|root| loader::join(root, "manage.py"));
            let there = |path: &String| loader.stat(path).is_some();
            if let Some(path) = seen.file(loader, word).or_else(|| nested().find(there)) {
                return Some(path);
            }
        }
        let name = word.split(':').next().unwrap_or_default();
        let after_celery = || {
            let flag = at.checked_sub(1).and_then(|at| seen.words.get(at)).map(String::as_str);
            matches!(flag, Some("-A" | "--app")) && seen.words.iter().any(|word| loader::name(word) == "celery")
        };
        let is_entry = name.strip_suffix(".wsgi").or_else(|| name.strip_suffix(".asgi")).is_some();
        let module = name.strip_prefix("--app=").unwrap_or(name);
        if is_entry && let Some(path) = seen.module(loader, module) {
            return Some(path);
        }
        if after_celery() {
            // `-A proj` is `proj.celery`, or `proj` itself.
            let below = seen.module(loader, &format!("{module}.celery"));
            let path = below.or_else(|| seen.module(loader, module))?;
            let text = loader.read(&path).ok().map(|text| String::from_utf8_lossy(&text).into_owned());
            if text.is_some_and(|text| text.contains("DJANGO_SETTINGS_MODULE")) {
                return Some(path);
            }
        }
    }
    None
}

/// The module that makes the Flask application which is served.
fn flask_module(loader: &dyn Loader, seen: &Seen) -> Option<String> {
    let makes = |path: &String| loader.read(path).is_ok_and(|text| flask::makes(&String::from_utf8_lossy(&text)));
    let named = |name: &str| {
        let name = name.split(':').next().unwrap_or_default();
        let by_path = name.strip_suffix(".py").and_then(|_| seen.file(loader, name));
        by_path.or_else(|| seen.module(loader, name)).filter(makes)
    };
    let runs = |wanted: &str| seen.words.iter().any(|word| loader::name(word) == wanted);
    if runs("flask") {
        if let Some(Value::Text(Text::Known(app))) = seen.variable("FLASK_APP") {
            return named(app);
        }
        let app =
            seen.words.iter().zip(seen.words.iter().skip(1)).find(|(flag, _)| matches!(flag.as_str(), "-A" | "--app"));
        return match app {
            Some((_, app)) => named(app),
            None => ["app", "wsgi"].into_iter().find_map(named),
        };
    }
    if let Some(at) = seen.words.iter().position(|word| SERVERS.contains(&loader::name(word))) {
        let apps = seen.words.iter().skip(at + 1).filter(|word| word.contains(':') && !word.contains('/'));
        return apps.map(String::as_str).find_map(named);
    }
    let python = |word: &str| matches!(loader::name(word), "python" | "python3");
    let at = seen.words.iter().position(|word| python(word))?;
    let script = seen.words.iter().skip(at + 1).find(|word| word.strip_suffix(".py").is_some())?;
    named(script)
}

#[cfg(test)]
mod tests {
    use crate::deployment::Deployment;
    use crate::formats::compose;
    use crate::loader::Memory;
    use crate::workspace::{Query, Workspace};
    use std::sync::Arc;

    /// The settings of the first service.
    fn settings(compose: &str, files: &[(&str, &str)]) -> Option<String> {
        let all = files.iter().copied().chain([("compose.yaml", compose)]);
        let memory = Memory::new(all);
        let workspace = Workspace::new(&memory, Query::default());
        let mut reader = workspace.reader();
        let model = workspace.resolve(&mut reader, &Arc::from("compose.yaml"), &compose::FORMAT);
        let deployment = Deployment::of(&mut reader, &workspace.query, &model);
        deployment.services.into_iter().next()?.settings
    }

    const MANAGE: (&str, &str) =
        ("web/manage.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.base')\n");
    const WSGI: (&str, &str) = ("web/shop/wsgi.py", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.live')\n");
    const BASE: (&str, &str) = ("web/shop/base.py", "DEBUG = True\n");
    const LIVE: (&str, &str) = ("web/shop/live.py", "DEBUG = False\n");
    const INIT: (&str, &str) = ("web/shop/__init__.py", "");

    #[test]
    fn what_is_started_names_the_settings_of_django() {
        let of = |compose: &str, dockerfile: &str, script: &str| {
            let files = [MANAGE, WSGI, BASE, LIVE, INIT, ("web/Dockerfile", dockerfile), ("web/run.sh", script)];
            settings(compose, &files)
        };
        let image = "FROM python:3.12\nWORKDIR /app\nCOPY . /app\n";
        let service = "services:\n  web:\n    build: ./web\n";
        let base = Some("web/shop/base.py".to_owned());
        let live = Some("web/shop/live.py".to_owned());
        assert_eq!(of(service, image, ""), None);
        assert_eq!(of(service, &format!("{image}CMD [\"gunicorn\", \"shop.wsgi:application\"]\n"), ""), live);
        assert_eq!(of(service, &format!("{image}CMD python manage.py runserver\n"), ""), base);
        assert_eq!(of(&format!("{service}    command: gunicorn shop.wsgi\n"), image, ""), live);
        let script = "#!/bin/sh\npython manage.py migrate\nexec \"$@\"\n";
        assert_eq!(of(service, &format!("{image}ENTRYPOINT [\"/app/run.sh\"]\n"), script), base);
        let variable = "    environment:\n      DJANGO_SETTINGS_MODULE: shop.live\n";
        assert_eq!(of(&format!("{service}    command: python manage.py x\n{variable}"), image, ""), live);
        let unknown = variable.replace("shop.live", "${WHICH}");
        assert_eq!(of(&format!("{service}    command: python manage.py x\n{unknown}"), image, ""), None);
        let env = format!("{image}ENV DJANGO_SETTINGS_MODULE=shop.live\nCMD python manage.py runserver\n");
        assert_eq!(of(service, &env, ""), live);
        let mounted = "services:\n  web:\n    image: python:3.12\n    volumes: ['./web:/app']\n    command: python manage.py runserver\n";
        assert_eq!(of(mounted, image, ""), base);
    }

    #[test]
    fn what_is_started_names_the_module_of_flask() {
        let app = "from flask import Flask\napp = Flask(__name__)\n";
        let of = |command: &str, more: &str| {
            let compose = format!("services:\n  web:\n    build: .\n    command: {command}\n{more}");
            let image = "FROM python:3.12\nCOPY . /app\n";
            settings(&compose, &[("site.py", app), ("app.py", app), ("other.py", "x = 1\n"), ("Dockerfile", image)])
        };
        assert_eq!(of("gunicorn -w 4 site:app", ""), Some("site.py".to_owned()));
        assert_eq!(of("flask run", ""), Some("app.py".to_owned()));
        assert_eq!(of("flask --app site run", ""), Some("site.py".to_owned()));
        assert_eq!(of("flask run", "    environment: {FLASK_APP: site.py}\n"), Some("site.py".to_owned()));
        assert_eq!(of("python site.py", ""), Some("site.py".to_owned()));
        assert_eq!(of("python other.py", ""), None);
    }
}
