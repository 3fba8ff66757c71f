//! Files of variables beside the code: `.env` as each library reads it, and `settings.ini`.

use super::Interp;
use super::call::Args;
use super::environment::Variable;
use super::value::{NOT_FOLLOWED, Py, Source, Val};
use crate::formats::env;
use crate::loader::{self, Git};
use crate::model::{Str, Text};
use crate::text::Loc;
use std::collections::BTreeMap;

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
                return self.line_of(&path, name, at);
            }
            if folder.is_empty() {
                return Variable::Unset;
            }
            folder = loader::folder(&folder).to_owned();
        }
    }

    /// The value that decouple finds in the file that it is given.
    pub(super) fn repository_in(&mut self, given: &Val, name: &str, at: Loc) -> Variable {
        match self.file_around(given) {
            Some(path) => self.line_of(&path, name, at),
            None => Variable::Unknown,
        }
    }

    fn line_of(&mut self, path: &str, name: &str, at: Loc) -> Variable {
        let Ok(id) = self.reader.open(path, Some(at)) else { return Variable::Unknown };
        let lines = env::decouple(id, &self.reader.source(id).text);
        let value = lines.into_iter().rev().find(|line| &*line.name == name).and_then(|line| line.value);
        match value {
            Some((Text::Known(value), _)) => Variable::Set(Val::text(value, at).from(Source::Environment(name.into()))),
            _ => Variable::Unset,
        }
    }

    /// `read_env`, `load_dotenv`: what the file sets and the environment does not. Only where the environment is known;
    /// else the variables stay unknown, as the environment may overrule the file.
    pub(super) fn load_dotenv(&mut self, function: &str, args: &Args, at: Loc) {
        let environ = function.starts_with("environ.");
        // It looks in the folders above as well; its later versions keep what they read to themselves.
        let environs = function.starts_with("environs.");
        if self.query.environment.is_none() {
            return;
        }
        let given = args
            .get(
                0,
                if environ {
                    "env_file"
                } else if environs {
                    "path"
                } else {
                    "dotenv_path"
                },
            )
            .filter(|val| !matches!(val.py, Py::None));
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
        let lines = if environ {
            env::django_environ(id, &source.text)
        } else {
            env::python_dotenv(id, &source.text, self.query.environment.as_ref())
        };
        // Of the lines of one name the last counts.
        let mut last: BTreeMap<Str, Str> = BTreeMap::new();
        for line in lines {
            match line.value {
                Some((Text::Known(value), _)) => drop(last.insert(line.name, value)),
                _ => drop(last.remove(&line.name)),
            }
        }
        for (name, value) in last {
            let value = Val::text(value, at).from(Source::Environment((&*name).into()));
            let unset = matches!(self.variable(&name, at), Variable::Unset);
            let value = if environs { Val::unknown(NOT_FOLLOWED, at) } else { value };
            if overwrite || unset {
                self.set_var(self.environ, &name, value);
            }
        }
    }
}
