//! Where debugging is turned on, and where the server for developers is started.

use super::Facts;
use crate::formats::flask::resolve::is_default;
use crate::formats::python::{Py, Source, Val};
use crate::model::Value;

impl Facts<'_, '_, '_> {
    pub(super) fn debug(&mut self) {
        let setting = self.value("DEBUG");
        let on = self.truth(&setting);
        let by_variable = matches!(&setting.source, Source::Environment(name) if &**name == "FLASK_DEBUG");
        if by_variable || !is_default(&setting) && !matches!(setting.py, Py::Unbound) {
            let way = if by_variable { "variable" } else { "config" };
            let what = if by_variable { "`FLASK_DEBUG` is set" } else { "`DEBUG` is set" };
            self.debugging(way, what, &setting, on, false, false);
        }
        let runs: Vec<(Option<Val>, Val, bool, Val)> = self
            .calls
            .iter()
            .filter(|call| &*call.name == "run" && call.app == self.app)
            .map(|call| {
                let host = call.args.get(0, "host").cloned().unwrap_or_else(|| Val::new(Py::None, call.at));
                let debugger = call.args.named("use_debugger").cloned();
                let debugger = debugger.unwrap_or_else(|| Val::new(Py::Bool(true), call.at));
                let debug = call.args.get(2, "debug").cloned().filter(|val| !matches!(val.py, Py::None));
                let debug = debug.map(|debug| if self.truth_is(&debugger) == Some(false) { debugger } else { debug });
                (debug, host, call.under_main, Val::new(Py::None, call.at))
            })
            .collect();
        for (debug, host, under_main, call) in runs {
            let address = host.as_str().unwrap_or_default().to_owned();
            let unknown = !matches!(host.py, Py::None) && host.as_str().is_none();
            let public = matches!(address.as_str(), "0.0.0.0" | "::" | "[::]");
            if let Some(debug) = debug {
                let on = self.truth(&debug);
                let local = !unknown && matches!(address.as_str(), "" | "127.0.0.1" | "localhost" | "::1");
                self.debugging("run", "`run` is called with `debug`", &debug, on, under_main, local);
            }
            let values = vec![
                ("host", Value::text(address.as_str())),
                ("binds_publicly", Value::Bool(public)),
                ("under_main", Value::Bool(under_main)),
            ];
            self.push("run", "", if public { host.at } else { call.at }, values);
        }
    }

    fn truth_is(&self, val: &Val) -> Option<bool> {
        self.interp.truth_of(val)
    }

    fn debugging(&mut self, way: &str, what: &str, val: &Val, on: Value, under_main: bool, local: bool) {
        let server = self.served.by == "development-server";
        let starts = way == "run" && (!under_main || server) || way == "variable" && server;
        let values = vec![
            ("way", Value::text(way)),
            ("what", Value::text(what)),
            ("is_on", on),
            ("starts_debugger", Value::Bool(starts)),
            ("is_local", Value::Bool(local)),
            ("under_main", Value::Bool(under_main)),
        ];
        self.push("debug", way, val.at, values);
    }
}
