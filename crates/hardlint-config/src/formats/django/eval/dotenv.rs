//! Files of variables beside the code: `.env` as each library reads it, and `settings.ini`.

use super::Interp;
use super::call::Args;
use super::environment::Variable;
use super::value::{Py, Source, Val};
use crate::loader::{self, Git};
use crate::text::Loc;

impl Interp<'_, '_> {
    /// The value that decouple finds in `settings.ini` or `.env`, the first met going up from the module.
    pub(super) fn repository(&mut self, name: &str, at: Loc) -> Variable {
        let path = self.spaces.get(self.module_space()).map_or_else(|| "".into(), |space| space.path.clone());
        let mut folder = loader::folder(&path).to_owned();
        loop {
            for file in ["settings.ini", ".env"] {
                let Some(path) = loader::join(&folder, file) else { continue };
                if self.reader.loader.stat(&path).is_none() || self.reader.loader.git(&path) == Git::Ignored {
                    continue;
                }
                if file == "settings.ini" {
                    return Variable::Unknown;
                }
                let Ok(id) = self.reader.open(&path, Some(at)) else { return Variable::Unknown };
                let value = decouple_env(&self.reader.source(id).text, name);
                return match value {
                    Some(value) => Variable::Set(Val::text(value, at).from(Source::Environment(name.into()))),
                    None => Variable::Unset,
                };
            }
            if folder.is_empty() {
                return Variable::Unset;
            }
            folder = loader::folder(&folder).to_owned();
        }
    }

    /// `read_env`, `load_dotenv`: what the file sets and the environment does not. Only where the environment is known;
    /// else the variables stay unknown, as the environment may overrule the file.
    pub(super) fn load_dotenv(&mut self, function: &str, args: &Args, at: Loc) {
        let environ = function.starts_with("environ");
        if self.query.environment.is_none() {
            return;
        }
        let given =
            args.get(0, if environ { "env_file" } else { "dotenv_path" }).filter(|val| !matches!(val.py, Py::None));
        let module = self.module_space();
        let here = self.spaces.get(module).map_or_else(|| "".into(), |space| space.path.clone());
        let path = match given {
            Some(val) if val.as_str() == Some("") => None,
            Some(val) => self.below_root(val),
            None if environ => loader::join(loader::folder(&here), ".env"),
            None => None,
        };
        let path = path.or_else(|| {
            // `load_dotenv` looks in the folders above.
            if given.is_some_and(|val| val.as_str() != Some("")) || environ {
                return None;
            }
            let mut folder = loader::folder(&here);
            loop {
                let path = loader::join(folder, ".env")?;
                if self.reader.loader.stat(&path).is_some() || folder.is_empty() {
                    return Some(path);
                }
                folder = loader::folder(folder);
            }
        });
        let Some(path) = path else { return };
        if self.reader.loader.git(&path) == Git::Ignored {
            return;
        }
        let Ok(id) = self.reader.open(&path, Some(at)) else { return };
        let source = self.reader.source(id).clone();
        let overwrite = ["override", "overwrite"]
            .iter()
            .find_map(|name| args.named(name))
            .is_some_and(|val| matches!(val.py, Py::Bool(true)));
        for line in source.text.lines() {
            let Some((name, value)) = (if environ { environ_line(line) } else { dotenv_line(line) }) else { continue };
            let value = Val::text(value, at).from(Source::Environment(name.as_str().into()));
            if overwrite || matches!(self.variable(&name, at), Variable::Unset) {
                self.set_var(self.environ, &name, value);
            }
        }
    }
}

/// A value of `.env` as decouple reads it: no comments, one pair of quotes taken off.
pub(super) fn decouple_env(text: &str, name: &str) -> Option<String> {
    let mut found = None;
    for line in text.lines().map(str::trim) {
        if line.starts_with('#') {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        if key.trim() == name {
            let value = value.trim();
            let quoted = |quote: char| value.len() >= 2 && value.starts_with(quote) && value.ends_with(quote);
            let inner =
                if quoted('\'') || quoted('"') { value.get(1..value.len() - 1).unwrap_or_default() } else { value };
            found = Some(inner.to_owned());
        }
    }
    found
}

/// A line of `.env` as django-environ reads it.
pub(super) fn environ_line(line: &str) -> Option<(String, String)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (key, value) = line.split_once('=')?;
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let inner = |quote: char| {
        (value.len() >= 2 && value.starts_with(quote) && value.ends_with(quote))
            .then(|| value.get(1..value.len() - 1))
            .flatten()
    };
    let value = match (inner('\''), inner('"')) {
        (Some(inner), _) => inner.to_owned(),
        (None, Some(inner)) => unescaped(inner),
        _ => value.to_owned(),
    };
    Some((key.to_owned(), value))
}

/// Backslashes of a double-quoted value go, but for those of `\n`, `\r` and `\t`.
pub(super) fn unescaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            result.push(c);
            continue;
        }
        match chars.next() {
            Some(c @ ('n' | 'r' | 't')) => result.extend(['\\', c]),
            Some(c) => result.push(c),
            None => result.push('\\'),
        }
    }
    result
}

/// A line of `.env` as python-dotenv reads it, for values on one line. Values that refer to others are left out.
pub(super) fn dotenv_line(line: &str) -> Option<(String, String)> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    if line.starts_with('#') {
        return None;
    }
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim().trim_matches('\''), value.trim());
    if value.contains("${") {
        return None;
    }
    let value = match value.chars().next() {
        Some(quote @ ('\'' | '"')) => {
            let inner = value.get(1..)?;
            let end = inner.find(quote)?;
            inner.get(..end)?.to_owned()
        }
        Some('#') => String::new(),
        _ => {
            let cut = value.find(" #").or_else(|| value.find("\t#")).unwrap_or(value.len());
            value.get(..cut)?.trim_end().to_owned()
        }
    };
    Some((key.to_owned(), value))
}
