//! Where debugging is turned on, and where the server for developers is started.

use super::Facts;
use crate::deployment::role;
use crate::formats::flask::resolve::is_default;
use crate::formats::python::{Py, Source, Val};
use crate::model::Value;
use crate::text::Loc;

const DEBUGS: &str = "`run` is called with `debug`";
const USES: &str = "`run` is called with `use_debugger`";
const SERVES: &str = "`run_simple` is called with `use_debugger`";
const WRAPS: &str = "`DebuggedApplication` has a console for visitors";

/// A call of `run`: what it says of the debugger and how, the host, whether it stands under `__main__`, and its place.
type Run = (Option<(Val, &'static str)>, Val, bool, Val);

/// Whether only the machine itself reaches an address; the server listens there where it is told nothing.
fn is_local(address: &str) -> bool {
    matches!(address, "" | "127.0.0.1" | "localhost" | "::1")
}

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
        self.debuggers();
        let runs: Vec<Run> = self
            .calls
            .iter()
            .filter(|call| &*call.name == "run" && call.app == self.app)
            .map(|call| {
                let host = call.args.get(0, "host").cloned().unwrap_or_else(|| Val::new(Py::None, call.at));
                let debugger = call.args.named("use_debugger").cloned().map(|val| (val, USES));
                let debug = call.args.get(2, "debug").cloned().filter(|val| !matches!(val.py, Py::None));
                let debug = debug.map(|val| (val, DEBUGS));
                let given = debugger.as_ref().and_then(|(val, _)| self.truth_is(val));
                let on = debug.as_ref().is_some_and(|(val, _)| self.truth_is(val) != Some(false));
                // The debugger is what the server is told of it, and follows `debug` only where nothing is.
                let debug = match given {
                    Some(true) if !on => debugger,
                    Some(false) => debug.and(debugger),
                    _ => debug,
                };
                (debug, host, call.under_main, Val::new(Py::None, call.at))
            })
            .collect();
        for (debug, host, under_main, call) in runs {
            let address = host.as_str().unwrap_or_default().to_owned();
            let unknown = !matches!(host.py, Py::None) && host.as_str().is_none();
            let public = matches!(address.as_str(), "0.0.0.0" | "::" | "[::]");
            if let Some((debug, what)) = debug {
                let on = self.truth(&debug);
                let local = !unknown && is_local(&address);
                self.debugging("run", what, &debug, on, under_main, local);
            }
            let values = vec![
                ("host", Value::text(address.as_str())),
                ("binds_publicly", Value::Bool(public)),
                ("under_main", Value::Bool(under_main)),
            ];
            self.push("run", "", if public { host.at } else { call.at }, values);
        }
    }

    /// The debugger of Werkzeug, which code puts around the application, or has its server put there.
    fn debuggers(&mut self) {
        let mut found = Vec::new();
        for call in self.calls.iter().filter(|call| call.app.is_none() || call.app == self.app) {
            if call.name.ends_with(".DebuggedApplication") && !self.is_for_developers(call.at) {
                let console = call.args.get(1, "evalex").cloned();
                found.extend(console.map(|val| (val, WRAPS, call.under_main, false)));
            } else if call.name.ends_with(".run_simple") {
                let evaluates = call.args.get(5, "use_evalex").and_then(|val| self.truth_is(val)) != Some(false);
                let debugger = call.args.get(4, "use_debugger").cloned().filter(|_| evaluates);
                let local = call.args.get(0, "hostname").and_then(Val::as_str).is_some_and(is_local);
                found.extend(debugger.map(|val| (val, SERVES, call.under_main, local)));
            }
        }
        for (val, what, under_main, local) in found {
            let on = self.truth(&val);
            // Around the application it answers whatever serves it.
            let way = if what == WRAPS { "wrapper" } else { "run" };
            self.debugging(way, what, &val, on, under_main, local);
        }
    }

    /// Whether what is made at a place gets the name of something for developers: `dev_app = DebuggedApplication(app, True)`.
    fn is_for_developers(&self, at: Loc) -> bool {
        let source = self.interp.source(at.file);
        let line = source.line(source.position(at.span.start).line);
        let name = line.split_once('=').map_or("", |(name, _)| name.trim());
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && role::of_path(name).is_lesser()
    }

    fn truth_is(&self, val: &Val) -> Option<bool> {
        self.interp.truth_of(val)
    }

    fn debugging(&mut self, way: &str, what: &str, val: &Val, on: Value, under_main: bool, local: bool) {
        let server = self.served.by == "development-server";
        let starts = matches!(way, "run" | "wrapper") && (!under_main || server) || way == "variable" && server;
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
