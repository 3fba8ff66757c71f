//! Writes applications of Flask: how one is made, and what fills its configuration, one after the other: objects, files,
//! mappings, the environment and items; with modules of settings and an environment that is empty, set or half set.

use crate::case::Case;
use crate::python::expressions::{ENVIRONMENT, Kind, VARIABLES, expression};
use crate::python::statements::{Target, module};
use crate::write::{Mood, moods, mostly};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const TARGETS: &[Target] = &[
    ("DEBUG", Kind::Truth),
    ("TESTING", Kind::Truth),
    ("SESSION_COOKIE_SECURE", Kind::Truth),
    ("SESSION_COOKIE_HTTPONLY", Kind::Truth),
    ("X_TRUTH", Kind::Truth),
    ("MAX_CONTENT_LENGTH", Kind::Number),
    ("X_NUMBER", Kind::Number),
    ("SECRET_KEY", Kind::Text),
    ("SESSION_COOKIE_SAMESITE", Kind::Text),
    ("SERVER_NAME", Kind::Text),
    ("X_TEXT", Kind::Text),
    ("TRUSTED_HOSTS_X", Kind::List),
    ("X_LIST", Kind::List),
    ("X_MAP", Kind::Map),
];

/// Names are bound before they are changed.
const BOUND: &str = "DEBUG = TESTING = False; SESSION_COOKIE_SECURE = SESSION_COOKIE_HTTPONLY = X_TRUTH = True; X_NUMBER = 1\n\
    MAX_CONTENT_LENGTH = 9; SECRET_KEY = 'not-a-real-key'; SESSION_COOKIE_SAMESITE = 'Lax'; SERVER_NAME = 'h.example'\n\
    X_TEXT = 'x'; TRUSTED_HOSTS_X = ['a']; X_LIST = ['a', 'b']; X_MAP = {'a': 1}; lower = 1; Mixed = 2; _PRIVATE = 3\n";

/// Classes of settings, in the module `config` and in the application's.
const CLASSES: &str = "class Base:\n    SECRET_KEY = 'base'\n    X_TEXT = 'base'\n    TESTING = False\n    lower = 1\n\n\
    class Cookies:\n    SESSION_COOKIE_SECURE = True\n    X_TEXT = 'cookies'\n\n\
    class Live(Base):\n    SECRET_KEY = os.environ.get('A', 'live')\n    X_NUMBER = 2\n\n\
    class Both(Cookies, Live):\n    X_LIST = ['both']\n    X_MORE = X_LIST + ['more']\n\n\
    class Made:\n    X_TEXT = 'class'\n\n    def __init__(self):\n        self.X_TEXT = 'made'\n        self.X_OWN = 1\n\n\
    modes = {'base': Base, 'live': Live, 'both': Both}\n";

/// What is done to the configuration; `EXPR` is a text, `TRUTH` a truth, `MAP` a map and `LIST` a list.
const STEPS: &[&str] = &[
    "app.config['X_TEXT'] = EXPR",
    "app.config.from_object('config')",
    "app.config.from_mapping(SECRET_KEY=EXPR, TESTING=TRUTH, lower=1)",
    "app.config.update(X_TEXT=EXPR, DEBUG=TRUTH)",
    "app.config.from_object(Live)",
    "app.config.from_pyfile('settings.cfg')",
    "app.config.from_prefixed_env()",
    "app.debug = TRUTH",
    "app.secret_key = EXPR",
    "app.config.from_object('config.Both')",
    "app.config.from_object(Both)",
    "app.config.from_object('config:Live')",
    "app.config.from_object('app.Live')",
    "app.config.from_object(modes[os.environ.get('M', 'base')])",
    "app.config.from_object(modes['live'])",
    "app.config.from_object(Made())",
    "app.config.from_object(Made)",
    "app.config.from_object(config)",
    "app.config.from_pyfile('settings.cfg', silent=True)",
    "app.config.from_pyfile('nowhere.cfg', silent=True)",
    "app.config.from_envvar('FILE', silent=True)",
    "app.config.from_prefixed_env('X')",
    "app.config.from_prefixed_env(prefix='F')",
    "app.config.update(MAP)",
    "app.config.update(dict(X_MAP=MAP))",
    "app.config.from_mapping(MAP)",
    "app.config.from_mapping({'X_A': 1, 'lower': 2}, X_B=LIST)",
    "app.config |= {'X_C': EXPR}",
    "app.config.setdefault('X_TEXT', EXPR)",
    "app.config.setdefault('X_NEW', EXPR)",
    "app.config['X_MAP'] = MAP; app.config['X_MAP']['in'] = 1",
    "app.config['X_LIST'] = LIST",
    "app.config['X_COPY'] = app.config['DEBUG']",
    "app.config['X_GOT'] = app.config.get('X_TEXT', 'nothing')",
    "app.testing = TRUTH",
    "app.config.pop('X_TEXT', None)",
    "del app.config['TESTING']",
    "app.config['X_IN'] = 'X_TEXT' in app.config",
    "app.config['SESSION_COOKIE_SECURE'] = not app.debug",
    "app.config['lower'] = EXPR",
    "app.config['DEBUG'] = TRUTH",
    "app.config.from_file('more.json', load=json.load)",
    "app.config['PERMANENT_SESSION_LIFETIME'] = timedelta(days=1)",
    "app.permanent_session_lifetime = 60",
    "for key in ('X_ONE', 'X_TWO'):\n    app.config[key] = EXPR",
    "if TRUTH:\n    app.config['X_TEXT'] = 'branch'\nelse:\n    app.config.from_object(Base)",
    "if app.debug:\n    app.config['X_DEBUG'] = 1",
    "try:\n    app.config.from_object('missing.settings')\nexcept ImportError:\n    app.config['X_TRIED'] = 1",
    "try:\n    app.config['X_KEY'] = app.config['X_NOTHING']\nexcept KeyError:\n    app.config['X_KEY'] = 'none'",
    "fill(app, EXPR)",
    "settings = app.config; settings['X_TEXT'] = EXPR",
    "app.config.update({k: v for k, v in [('X_P', 1)]})",
    "app.config.update([('X_Q', EXPR)])",
    "app.config.from_object('config.Missing')",
    "app.extensions['x'] = 1",
    "setattr(app, 'debug', TRUTH)",
    "app.config.from_object(type('T', (), {'X_T': 1}))",
    "app.config.clear()",
    "app.jinja_env.auto_reload = True",
    "app.config.from_mapping(None)",
    "app.config.update(config.__dict__)",
];

/// How the application is made: what stands before the steps, how far they are indented, and what stands behind.
const MAKERS: &[(&str, &str, &str)] = &[
    ("app = Flask(__name__)\n", "", ""),
    ("def create_app():\n    app = Flask(__name__)\n", "    ", "    return app\n"),
    ("app = flask.Flask(__name__)\n", "", "if __name__ == '__main__':\n    app.run(debug=True)\n"),
    (
        "def create_app(mode='live'):\n    app = Flask('app')\n    app.config.from_object(modes[mode])\n",
        "    ",
        "    return app\n\napp = create_app('both')\n",
    ),
    ("class Shop(Flask):\n    pass\n\napp = Shop(__name__)\n", "", ""),
    (
        "def make():\n    app = Flask(__name__, instance_relative_config=False)\n    return app\n\napp = make()\n",
        "",
        "",
    ),
    (
        "application = app = Flask(__name__)\n",
        "",
        "@app.route('/')\ndef index():\n    return app.config['SECRET_KEY']\n",
    ),
];

/// Lines of an environment beside those of all.
const VARIABLES_OF_FLASK: &[&str] = &[
    "FLASK_DEBUG=1",
    "FLASK_X_TEXT=env",
    "M=live",
    "FLASK_SECRET_KEY=from-env",
    "FLASK_DEBUG=0",
    "FLASK_TESTING=true",
    "FLASK_X_NUMBER=12",
    "FLASK_X_MAP__a=2",
    "FLASK_X_LIST=[1, \"a\"]",
    "X_TEXT=plain",
    "F_X=null",
    "FLASK_X_NEST__b__c=deep",
    "FILE=settings.cfg",
    "FILE=nowhere.cfg",
    "FLASK_X_JSON={\"a\": [1.5, false]}",
    "FLASK_X_BAD={a",
    "FLASK_lower=1",
    "M=other",
];

fn step(mood: Mood) -> BoxedStrategy<String> {
    let pick = prop_oneof![2 => mostly(STEPS, mood), 1 => select(STEPS)];
    let value = |kind| prop_oneof![2 => expression(kind, 0, mood), 1 => expression(kind, 1, mood)];
    let values = (value(Kind::Text), value(Kind::Truth), value(Kind::Map), value(Kind::List));
    (pick, values)
        .prop_map(|(step, (text, truth, map, list))| {
            let text = step.replace("EXPR", &text).replace("TRUTH", &truth);
            text.replace("MAP)", &format!("{map})"))
                .replace("=MAP", &format!("={map}"))
                .replace("= MAP", &format!("= {map}"))
                .replace("LIST)", &format!("{list})"))
                .replace("= LIST", &format!("= {list}"))
        })
        .boxed()
}

pub(super) fn cases() -> BoxedStrategy<Case> {
    moods(|mood| {
        let environment = prop_oneof![
            1 => Just(Vec::new()),
            1 => (vec(mostly(ENVIRONMENT, mood), 0..2), vec(mostly(VARIABLES_OF_FLASK, mood), 1..4)).prop_map(|(a, b)| [a, b].concat()),
            1 => (subsequence(ENVIRONMENT, 2..6), subsequence(VARIABLES_OF_FLASK, 2..7)).prop_map(|(a, b)| [a, b].concat()),
        ];
        let maker = prop_oneof![2 => select(&MAKERS[..2]), 2 => select(MAKERS)];
        (maker, vec(step(mood), 1..6), module(TARGETS, mood), module(TARGETS, mood), environment)
            .prop_map(|((before, indent, after), steps, config, file, environment)| {
                let names = "from names import *\n";
                let imports = "import os, json, flask, config\nfrom datetime import timedelta\nfrom flask import Flask\nfrom config import Base, Live, Both, Made, modes\n";
                let fill = "def fill(app, value):\n    app.config['X_FILLED'] = value\n\n";
                let lines = steps.iter().flat_map(|step| step.split('\n'));
                let steps: String = lines.flat_map(|line| [indent, line, "\n"]).collect();
                let app = format!("{imports}{names}{fill}{before}{steps}{after}");
                let files = [
                    ("app.py", app),
                    ("names.py", format!("{VARIABLES}{BOUND}")),
                    ("config.py", format!("import os\n{names}{config}{CLASSES}")),
                    ("settings.cfg", format!("import os\n{VARIABLES}{BOUND}{file}")),
                    ("more.json", "{\"X_JSON\": {\"a\": [1, null]}, \"lower\": 1}".to_owned()),
                    ("environment", environment.iter().flat_map(|line| [*line, "\n"]).collect()),
                ];
                Case { files: files.map(|(path, text)| (path.to_owned(), text.into_bytes())).into(), ..Case::default() }
            })
            .boxed()
    })
}
