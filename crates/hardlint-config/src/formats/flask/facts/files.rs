//! The folder whose files the application gives out as they are.

use super::Facts;
use crate::formats::python::has_module;
use crate::model::Value;

impl Facts<'_, '_, '_> {
    /// Flask joins it with the folder of the application, without the slashes at its end: `/` is that folder itself.
    pub(super) fn static_files(&mut self) {
        let of_app = self.calls.iter().find(|call| &*call.name == "flask.Flask" && call.app == self.app);
        let Some(given) = of_app.and_then(|call| call.args.get(2, "static_folder")).cloned() else { return };
        // Where the application lies is not known, or another folder is named later on.
        let Some(app) = self.app.filter(|app| !self.interp.app_sets(*app, "static_folder")) else { return };
        let Some(folder) = self.interp.app_folder(app) else { return };
        let folder = &*folder;
        // That of a package beside it is no source of the application.
        let module = self.interp.source(given.at.file).path.to_string();
        let inside = match given.as_str().map(|text| text.trim_end_matches(['/', '\\'])) {
            Some(text) if !text.starts_with('/') => Some(has_module(folder, text, &module)),
            Some(_) => None,
            None => self.interp.holds(&given, &module),
        };
        let reach = if inside == Some(true) { "the source of the application, and what lies beside it" } else { "" };
        self.push("static_files", "", given.at, vec![("reach", Value::text(reach))]);
    }
}
