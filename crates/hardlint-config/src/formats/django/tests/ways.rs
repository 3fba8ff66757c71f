//! Code of which nobody knows whether it runs: what it changes, raises and takes.

use super::{fact, model, resolve, shown};
use crate::loader::Memory;
use crate::model::{ScopeId, Value};
use std::collections::BTreeMap;

/// What only a condition picks is changed under that condition only, also where something else refers to it.
#[test]
fn a_list_that_two_names_may_share_changes_under_the_condition() {
    let module = "import os\nfrom names import shared\nif os.environ.get('F'):\n    X_PICKED = shared\nelse:\n    X_PICKED = ['a']\n\
                  X_PICKED.append('z')\nX_SHARED = shared\nX_OWN = ['q'] if os.environ.get('F') else ['q']\nX_LAST = X_OWN\n";
    for (names, set, unset) in [
        ("shared = ['a']\n", ["['a', 'z']", "['a', 'z']"], ["['a', 'z']", "['a']"]),
        ("shared = ['b']\n", ["['b', 'z']", "['b', 'z']"], ["['a', 'z']", "['b']"]),
    ] {
        let memory = Memory::new([("settings.py", module), ("names.py", names)]);
        let at = |variables: &[(&str, &str)]| {
            let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let model = resolve(&memory, "settings.py", Some(variables.collect()));
            ["X_PICKED", "X_SHARED"].map(|name| shown(&model, name))
        };
        assert_eq!(at(&[("F", "1")]), set);
        assert_eq!(at(&[]), unset);
        let model = resolve(&memory, "settings.py", None);
        assert!(shown(&model, "X_SHARED").starts_with('<'), "{}", shown(&model, "X_SHARED"));
        assert_eq!(shown(&model, "X_LAST"), "['q']");
    }
}

/// A list that several branches take is left as it was by what is done after a branch that takes another.
#[test]
fn a_list_that_two_branches_share_stays_where_a_third_is_taken() {
    let of = |change: &str| {
        format!(
            "import os\nshared = ['a']\nif os.environ.get('F'):\n    X_PICKED = shared\nelif os.environ.get('G'):\n    \
             X_PICKED = shared\nelse:\n    X_PICKED = ['c']\n{change}\nX_SHARED = shared\n"
        )
    };
    for change in ["X_PICKED.append('z')", "X_PICKED.extend(['z'])", "X_PICKED += ['z']", "X_PICKED[1:] = ['z']"] {
        let text = of(change);
        let at = |variables: &[(&str, &str)]| {
            let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let model = resolve(&Memory::new([("settings.py", &*text)]), "settings.py", Some(environment));
            ["X_PICKED", "X_SHARED"].map(|name| shown(&model, name))
        };
        if !change.contains("[1:]") {
            assert_eq!(at(&[("F", "1")]), ["['a', 'z']", "['a', 'z']"], "{change}");
            assert_eq!(at(&[]), ["['c', 'z']", "['a']"], "{change}");
        }
        let model = model(&text);
        for name in ["X_PICKED", "X_SHARED"] {
            assert!(shown(&model, name).starts_with('<'), "{change}: {}", shown(&model, name));
        }
    }
    // All that may be picked end up the same, and what the shared list was without the change is picked by none.
    let same = of("X_PICKED.append('z')\nX_INSIDE = {'A': (X_PICKED, 1)}").replace("['c']", "['a']");
    assert_eq!(shown(&model(&same), "X_PICKED"), "['a', 'z']");
    assert_eq!(shown(&model(&same), "X_INSIDE"), "{'A': (['a', 'z'], 1)}");
    // Nor do rules see it.
    let picked = model(&of("X_PICKED.append('z')").replace("X_PICKED", "ALLOWED_HOSTS"));
    let Some(Value::Choice(branches)) = picked.get(ScopeId(0), "ALLOWED_HOSTS") else { panic!("no choice") };
    let lists = branches.iter().filter(|branch| matches!(branch.node.value, Value::List(_)));
    assert_eq!(lists.count(), branches.len(), "{branches:?}");
    // What is certain of the list that is picked stays so.
    let text = of("X_PICKED.append('*')").replace("X_PICKED", "ALLOWED_HOSTS");
    assert_eq!(fact(&model(&text), "allowed_hosts_wildcard"), "true");
}

/// What adds to a name that may be something else as well adds to the list that it may be, for all who have it.
#[test]
fn a_list_that_may_be_bound_anew_is_added_to_for_all_who_have_it() {
    let base = "from names import *\ntry:\n    from nowhere import *\nexcept ImportError:\n    pass\nALLOWED_HOSTS += ['b']\nX_TABLE |= {'b': 2}\n";
    let memory = Memory::new([
        ("names.py", "ALLOWED_HOSTS = ['a']\nX_TABLE = {'a': 1}\n"),
        ("base.py", base),
        ("settings.py", "from names import *\nimport base\n"),
    ]);
    let model = resolve(&memory, "settings.py", None);
    for (name, wrong) in [("ALLOWED_HOSTS", "['a']"), ("X_TABLE", "{'a': 1}")] {
        assert_ne!(shown(&model, name), wrong, "{name}");
    }
    let memory = Memory::new([
        ("names.py", "A = ['a']\n"),
        ("base.py", "from names import A\nA += ['b']\n"),
        ("settings.py", "from names import *\nimport base\n"),
    ]);
    assert_eq!(shown(&resolve(&memory, "settings.py", None), "A"), "['a', 'b']");
}

/// What an imported module raises by itself ends it, and is caught where it is imported.
#[test]
fn what_an_imported_module_raises_is_caught_outside() {
    for (raises, handler) in [
        ("L[3]", "IndexError"),
        ("D['x']", "KeyError"),
        ("D['x']", "LookupError"),
        ("int('x')", "ValueError"),
        ("os.environ['NOPE']", "KeyError"),
        ("nowhere", "NameError"),
        ("1 / 0", "Exception"),
        ("'ab'[2]", "IndexError"),
        ("'ab'[-3]", "IndexError"),
        ("L['a']", "TypeError"),
        ("D['a']['b']", "TypeError"),
        ("None.x", "AttributeError"),
        ("1\ndel D['x']", "KeyError"),
    ] {
        let base = format!("import os\nL = ['a']\nD = {{'a': 1}}\nA = 'a'\nB = {raises}\nZ = 'z'\n");
        let text = format!("A = 'own'\ntry:\n    from base import *\nexcept {handler}:\n    CAUGHT = True\nEND = 1\n");
        let at = |text: &str, base: &str| {
            let memory = Memory::new([("settings.py", text), ("base.py", base)]);
            let model = resolve(&memory, "settings.py", Some(BTreeMap::new()));
            ["A", "CAUGHT", "Z", "END"].map(|name| shown(&model, name))
        };
        assert_eq!(at(&text, &base), ["'own'", "True", "<absent>", "1"], "{raises}");
        if raises.contains('\n') {
            continue;
        }
        // Where it may be raised only, nothing of it is known.
        let perhaps = base.replace("B = ", "B = 'b' if open('/x').read() else ");
        let told = at(&text, &perhaps);
        assert!(told[0].starts_with('<') && told[1] != "True", "{raises}: {told:?}");
    }
}

/// What code that runs twice finds out is two conditions, and not one.
#[test]
fn two_runs_of_one_line_ask_two_questions() {
    let text = "import os\ndef on(name):\n    return os.environ.get(name) == '1'\n\
        def first(a):\n    for x in ['1', a]:\n        if x == a:\n            return x\n\
        DEBUG = False\nif on('A'):\n    if not on('B'):\n        DEBUG = True\n\
        X = first('text'.__class__.__name__)\nY = first(os.environ.get('A', 'x'))\n";
    let with = |variables: &[(&str, &str)]| {
        let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        resolve(&Memory::new([("settings.py", text)]), "settings.py", Some(environment))
    };
    assert_eq!(shown(&with(&[("A", "1")]), "DEBUG"), "True");
    assert_eq!(shown(&with(&[("A", "1"), ("B", "1")]), "DEBUG"), "False");
    assert_eq!(shown(&with(&[("A", "1")]), "Y"), "'1'");
    assert_eq!(shown(&with(&[]), "Y"), "'x'");
    for name in ["DEBUG", "X", "Y"] {
        assert!(shown(&model(text), name).starts_with('<'), "{name}: {}", shown(&model(text), name));
    }
}

/// The elements of an iterator are gone once they were taken, and nobody counts how often that is.
#[test]
fn an_iterator_is_followed_only_where_it_is_taken_once() {
    for (text, expected) in [
        ("X = list(map(lambda a: a.strip(), ['a ', 'b']))\n", "['a', 'b']"),
        ("X = [a for a in reversed(['a', 'b'])]\n", "['b', 'a']"),
        ("X = [a + b for a in ['x'] for b in map(lambda a: a.strip(), [' y'])]\n", "['xy']"),
        ("A, X = map(lambda a: a.strip(), ['a', ' b'])\n", "'b'"),
        ("X = 'n'\nfor at, name in enumerate(['a', 'b']):\n    X = name\n", "'b'"),
        ("def zip(a):\n    return [a]\nX = zip('a')\n", "['a']"),
    ] {
        assert_eq!(shown(&model(text), "X"), expected, "{text}");
    }
    for text in [
        "a = map(lambda a: a.strip(), ['a'])\nlist(a)\nX = list(a)\n",
        "X = zip(['a'], ['b'])\n",
        "a = reversed(['a'])\nX = [1 for _ in a]\n",
        "a = filter(None, ['a'])\nX = 'none'\nfor name in a:\n    pass\nfor name in a:\n    X = name\n",
    ] {
        assert!(shown(&model(text), "X").starts_with('<'), "{text}: {}", shown(&model(text), "X"));
    }
}

#[test]
fn what_is_called_where_nobody_knows_whether_it_runs_may_change_the_modules_lists() {
    for test in ["while unknown():\n    add()\n", "match unknown():\n    case [a]:\n        add()\n"] {
        let text =
            format!("X = ['a']\nY = ['b']\ndef add():\n    X.append('c')\nfrom somewhere import unknown\n{test}");
        let model = model(&text);
        assert!(shown(&model, "X").starts_with('<'), "{text}: {}", shown(&model, "X"));
        assert_eq!(shown(&model, "Y"), "['b']", "{text}");
    }
}
