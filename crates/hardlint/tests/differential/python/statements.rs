//! Statements that bind names: settings of one module.

use super::expressions::{Kind, expression};
use crate::write::{Mood, mostly};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A name and what it mostly is.
pub(crate) type Target = (&'static str, Kind);

/// The lines of statements, without the indentation of what they stand in.
type Lines = Vec<String>;

/// How names are bound and changed, by kind: `NAME` is the name, and `EXPR` an expression.
const TEXT_CHANGES: &[&str] = &["NAME += EXPR", "NAME = NAME + EXPR", "NAME *= 2", "NAME = NAME or EXPR", "NAME %= ()"];
const NUMBER_CHANGES: &[&str] =
    &["NAME += EXPR", "NAME -= 1", "NAME *= EXPR", "NAME //= 2", "NAME |= 8", "NAME **= 2", "NAME /= 2"];
const LIST_CHANGES: &[&str] = &[
    "NAME += EXPR",
    "NAME.append('z')",
    "NAME.extend(EXPR)",
    "NAME.insert(0, 'first')",
    "NAME = NAME + EXPR",
    "NAME = EXPR + NAME",
    "NAME.insert(1, 'second')",
    "NAME.remove('a') if 'a' in NAME else None",
    "NAME[0:0] = EXPR",
    "NAME.reverse()",
    "NAME.sort()",
    "NAME = [x for x in NAME if x != 'a']",
    "NAME[:] = EXPR",
    "NAME.pop() if NAME else None",
    "NAME.insert(-1, 'z')",
    "NAME *= 2",
    "del NAME[:1]",
    "NAME.clear()",
    "alias = NAME; alias.append('alias')",
    "NAME.insert(NAME.index('b') if 'b' in NAME else 0, 'c')",
];
const MAP_CHANGES: &[&str] = &[
    "NAME['z'] = EXPR",
    "NAME.update(EXPR)",
    "NAME['a'] = {'b': 1}",
    "NAME.setdefault('a', 'set')",
    "NAME |= EXPR",
    "NAME.pop('a', None)",
    "NAME = {**NAME, 'y': 1}",
    "NAME.update(x=1, y='2')",
    "NAME.setdefault('m', {})['inner'] = 1",
    "NAME['a'], NAME['b'] = 1, 2",
    "NAME.update([('p', 1)])",
    "del NAME['z']",
    "NAME.setdefault('l', []).append(1)",
    "NAME.clear()",
];

/// Any one statement; `REF` is another name of the module.
const OTHERS: &[&str] = &[
    "# a comment",
    "pass",
    "'''A text\n    that stands alone.'''",
    "assert True",
    "import json",
    "from os import getenv",
    "print('x')",
    "X_A, X_B = 1, 'two'",
    "X_C = X_D = ['shared']",
    "globals()['X_E'] = 'by name'",
    "X_F: int = 3",
    "X_G: str",
    "(X_H, (X_I, *X_J)) = (1, (2, 3, 4))",
    "X_K = 1; X_L = X_K + 1",
    "locals().update({'X_M': 1})",
    "del b1; b1 = False",
    "X_N = (\n    'over'\n    'lines'\n)",
    "if (x_o := 5) > 3: X_O = x_o",
    "X_P = 'a' \\\n    'b'",
    "vars()['X_Q'] = 1",
    "for X_R in 'ab': pass",
    "X_S = [X_T for X_T in range(2)]",
    "X_U = json.loads('{\"a\": [1, null, true]}') if 'json' in globals() else None",
    "X_V = os.path.join('a', '/b', 'c')",
    "X_W = __import__('os').environ.get('A', 'w')",
    "lower = 1",
    "X_Y = None\nglobal_name = 2",
    "X_Z = os.sep + os.path.basename('/a/b')",
    "X_AA = set(l1) | {'z'} == {'p', 'q', 'z'}",
    "X_AB = frozenset(['a'])",
    "X_AC = {'a'}",
    "X_AD = b'bytes'",
    "X_AE = (1,)",
    "X_AF = 1.0, -0.5e-7, 1e22",
    "X_AG = ...",
    "X_AH = 10 ** 20",
    "X_AI = 'it\\'s', \"q\\\"\", 'both\\'\"'",
    "X_AJ = '\\x00\\x7f\\u200b\\n'",
    "X_AK = complex(1, 2).imag",
];

/// Definitions that give a name, and the expression that uses it.
const DEFINITIONS: &[(&str, &str)] = &[
    ("def f(a, b='x'):\n    return a + b", "f(EXPR)"),
    ("def f(a='x', *rest, **more):\n    if a:\n        return a\n    return 'none'", "f(EXPR, 1, c=2)"),
    ("def f(name, default=None):\n    return os.environ.get(name, default)", "f('A', EXPR)"),
    ("def f(a):\n    for x in ['1', a]:\n        if x == a:\n            return x", "f(EXPR)"),
    ("class Inner:\n    inner = 'i'\n    X = inner + 'x'", "Inner.X + EXPR"),
    ("class Inner:\n    def __init__(self, a):\n        self.a = a", "Inner(EXPR).a"),
    ("f = lambda a, b='y': a + b", "f(EXPR)"),
    ("class Outer:\n    X = 'd'\nclass Inner(Outer):\n    pass", "Inner.X or EXPR"),
    (
        "def f(value):\n    try:\n        return os.environ[value]\n    except KeyError:\n        return 'missing'",
        "f('A') + EXPR",
    ),
    ("def f(a):\n    def g(b):\n        return a + b\n    return g", "f('q')(EXPR)"),
    ("def f(a: str = 'd') -> str:\n    \"\"\"Says it.\"\"\"\n    return a", "f(a=EXPR)"),
    ("def f(*, a):\n    global s1\n    s1 = a\n    return a", "f(a=EXPR)"),
];

/// What is easily taken for something else: other names of one object, scopes, and what runs in part. `NAME` is a list.
const ODD: &[&str] = &[
    "import contextlib\nwith contextlib.suppress(ImportError):\n    import missing_module\n    X_QA = 1\nX_QB = 2",
    "from dataclasses import dataclass\n@dataclass\nclass Held:\n    a: int = 1\nX_QC = Held(2).a",
    "class XQ:\n    a = NAME\nXQ.a.append('q')",
    "X_QD = {'a': 1}.keys()\nX_QE = 'a' in X_QD",
    "X_QF = range(3)\nX_QG = [x for x in X_QF]",
    "def f(a, b):\n    return a\ntry:\n    X_QH = f(1, a=2)\nexcept TypeError:\n    X_QH = 'twice'",
    "alias = NAME\nfor x in os.environ.get('L', '').split(','):\n    alias.append(x)",
    "alias = [NAME]\nwhile len(alias[0]) < 3:\n    alias[0].append('w')",
    "for x in NAME:\n    if x == 'a': NAME.remove(x)",
    "X_OA = (x for x in NAME)\nX_OB = list(X_OA)\nX_OC = list(X_OA)\ndel X_OA",
    "X_OA = map(str, NAME)\nX_OB = list(X_OA)\nX_OC = list(X_OA)\ndel X_OA",
    "X_OA = zip(NAME, ['a', 'b'])\nX_OB = [x for x, _ in X_OA]\nX_OC = dict(X_OA)\ndel X_OA",
    "alias = iter(NAME)\nX_OB = next(alias, 'none')\nX_OC = list(alias)\ndel alias",
    "alias = reversed(NAME)\nfor x in alias:\n    X_OB = x\nX_OC = list(alias)\ndel alias",
    "X_OB, *X_OC = map(str, [1, *NAME])",
    "def f():\n    NAME.append('f')\nmatch os.environ.get('L', '').split(','):\n    case ['x', *_]:\n        f()",
    "def f():\n    n = 1\n    def g():\n        nonlocal n\n        n = 2\n    g()\n    return n\nX_OD = f()",
    "class Box:\n    x_hid = 'class'\n    def f(self):\n        try:\n            return x_hid\n        except NameError:\n            return 'none'\nX_OE = Box().f()",
    "try:\n    try:\n        X_OF = 1\n        raise ValueError\n    finally:\n        X_OG = 2\nexcept ValueError:\n    X_OH = 3",
    "try:\n    if b1:\n        X_OI = 'before'\n        raise KeyError\nexcept KeyError:\n    X_OJ = 'after'",
    "try:\n    X_OL = int(os.environ['N'])\nexcept KeyError:\n    X_OL = 'unset'\nexcept ValueError:\n    X_OL = 'no number'",
    "try:\n    X_OM = int(os.environ['N'])\nexcept (KeyError, ValueError):\n    X_OM = None",
    "alias = NAME\nNAME *= 2\nX_ON = alias",
    "def f(x, kept=[]):\n    kept.append(x)\n    return kept\nX_OO = f(1); X_OP = f(2)",
    "X_OQ = [lambda: i for i in range(3)][0]()",
    "def f():\n    global X_OR\n    X_OR = 2\nX_OR = 1\nfor x in os.environ.get('L', 'a').split(','):\n    f()",
    "X_OS = 1 if 0 < n1 < 10 > 3 else 2",
    "X_OT = f'{n1:>4}|{s1!r}|{b1}' '{n1}'",
    "X_OU = (n1 and [] or NAME or 'z')",
    "X_OV = [y := 1, y ** 2, (lambda y=y: y + 1)()]",
    "if 'NONE' in os.environ:\n    del NAME[:]\nelse:\n    X_OW = len(NAME)",
    "x_keep = {'l': NAME}\nx_keep['l'] += ['kept']",
    "class Box:\n    shared = NAME\nBox.shared.append('class')",
    "X_OX = [[0]] * 2\nX_OX[0].append(1)",
    "(X_OY := []).append(1)",
    "X_OZ, *x_rest = NAME + ['q']\nX_PA = x_rest",
    "a = b = {}\na['x'] = 1\nX_PB = b",
    "X_PC = dict.fromkeys(['a', 'b'], [])\nX_PC['a'].append(1)",
    "for x in [1]:\n    pass\nelse:\n    X_PK = x",
    "while False:\n    pass\nelse:\n    X_PL = 1",
    "with open(os.devnull) as x_file:\n    X_PM = x_file.read()",
    "import contextlib\nwith contextlib.suppress(KeyError):\n    X_PN = 1\n    X_PN = os.environ['NONE']",
    "X_PO = (lambda *a, **k: (a, k))(1, *[2], x=3, **{'y': 4})",
    "def f():\n    try:\n        return 1\n    finally:\n        NAME.append('last')\nX_PP = f()",
    "def f():\n    for x in NAME:\n        try:\n            if x == 'a':\n                continue\n        finally:\n            X_PQ.append(x)\nX_PQ = []\nf()",
];

const CONDITIONS: &[&str] = &["if COND:", "if not COND:", "if COND and COND:", "if COND or b1:"];

const TRIES: &[(&str, &str)] = &[
    ("from missing_module import *", "except ImportError:"),
    ("os.environ['A']", "except KeyError:"),
    ("int(os.environ.get('N', 'x'))", "except ValueError:"),
    ("import missing_module", "except (ImportError, KeyError):"),
    ("from missing_module import x", "except ModuleNotFoundError as error:"),
    ("{}['a']", "except Exception:"),
    ("pass", "except ImportError:"),
    ("1 / 0", "except:"),
    ("os.environ['NONE']", "except LookupError:"),
    ("l1[9]", "except IndexError:"),
    ("'a'.index('z')", "except ValueError:"),
    ("next(iter([]))", "except StopIteration:"),
    ("max(NO_NAME if False else [])", "except ValueError:"),
    ("set().pop()", "except (KeyError, ValueError):"),
    ("len(5) + 1", "except TypeError:"),
    ("'a' + 1", "except Exception:"),
    ("x_one, x_two = [1]", "except ValueError:"),
    ("{}[[]]", "except KeyError:\n    pass\nexcept TypeError:"),
    ("open('/nonexistent/x')", "except OSError:"),
    ("'a'.nothing", "except AttributeError:"),
    ("raise UnicodeError", "except ValueError:"),
    ("int('1_0')", "except ValueError:"),
    ("'%s %s' % 'a'", "except TypeError:"),
    ("'{} {}'.format(1)", "except LookupError:"),
];

fn indented(lines: &[String]) -> Lines {
    lines.join("\n").lines().map(|line| format!("    {line}")).collect()
}

/// Binds one of the names.
fn binding(targets: &'static [Target], mood: Mood) -> BoxedStrategy<Lines> {
    let depth = prop_oneof![3 => Just(0), 4 => Just(1), 2 => Just(2)];
    (select(targets), depth)
        .prop_flat_map(move |((name, kind), depth)| {
            let strange = mood.strange(1);
            let any = select(&[Kind::Truth, Kind::Text, Kind::Number, Kind::List, Kind::Map][..]);
            let other = any.prop_flat_map(move |kind| expression(kind, 1, mood));
            let value = prop_oneof![40 => expression(kind, depth, mood), strange => other];
            let form = prop_oneof![12 => Just("NAME = EXPR"), 1 => Just("NAME: object = EXPR"), 1 => Just("NAME = NAME = EXPR"), 1 => Just("(NAME) = (EXPR)")];
            (form, value).prop_map(move |(form, value)| vec![form.replace("NAME", name).replace("EXPR", &value)])
        })
        .boxed()
}

/// Changes one of the names, which is bound already.
fn change(targets: &'static [Target], mood: Mood) -> BoxedStrategy<Lines> {
    select(targets)
        .prop_flat_map(move |(name, kind)| {
            let changes: &'static [&'static str] = match kind {
                Kind::Truth => &["NAME = not NAME", "NAME = NAME and EXPR", "NAME = bool(NAME)"],
                Kind::Text => TEXT_CHANGES,
                Kind::Number => NUMBER_CHANGES,
                Kind::List => LIST_CHANGES,
                Kind::Map => MAP_CHANGES,
            };
            (mostly(changes, mood), expression(kind, 1, mood))
                .prop_map(move |(change, value)| vec![change.replace("NAME", name).replace("EXPR", &value)])
        })
        .boxed()
}

fn simple(targets: &'static [Target], mood: Mood) -> BoxedStrategy<Lines> {
    let defined = (select(DEFINITIONS), expression(Kind::Text, 1, mood), select(targets)).prop_map(
        |((definition, used), value, (name, _))| {
            vec![definition.to_owned(), format!("{name} = {}", used.replace("EXPR", &value))]
        },
    );
    let other = prop_oneof![2 => mostly(OTHERS, mood), 1 => select(OTHERS)].prop_map(|text| vec![text.to_owned()]);
    let lists: Vec<&'static str> =
        targets.iter().filter(|(_, kind)| *kind == Kind::List).map(|(name, _)| *name).collect();
    let odd = (select(ODD), select(lists))
        .prop_map(|(text, name)| text.replace("NAME", name).lines().map(str::to_owned).collect::<Vec<_>>());
    prop_oneof![10 => binding(targets, mood), 5 => change(targets, mood), 1 => defined, 2 => other, 2 => odd].boxed()
}

/// Statements, in which others may stand.
pub(crate) fn statement(targets: &'static [Target], depth: usize, mood: Mood) -> BoxedStrategy<Lines> {
    if depth == 0 {
        return simple(targets, mood);
    }
    let block = move || vec(statement(targets, depth - 1, mood), 1..3).prop_map(|all| indented(&all.concat()));
    let condition = || expression(Kind::Truth, 1, mood);
    let branch = (select(CONDITIONS), (condition(), condition(), condition()), block(), block(), 0..4_u8).prop_map(
        |(head, (first, second, third), one, other, form)| {
            let head = head.replacen("COND", &format!("({first})"), 1).replacen("COND", &format!("({second})"), 1);
            let mut lines = [vec![head], one].concat();
            if form & 1 == 1 {
                lines.push(format!("elif {third}:"));
                lines.push("    X_ELIF = 1".to_owned());
            }
            if form & 2 == 2 {
                lines.push("else:".to_owned());
                lines.extend(other);
            }
            lines
        },
    );
    let tried = (select(TRIES), block(), block(), 0..3_u8).prop_map(|((tried, except), within, caught, end)| {
        let mut lines = vec!["try:".to_owned(), format!("    {tried}")];
        if end == 0 {
            lines.extend(within.clone());
        }
        lines.push(except.to_owned());
        lines.extend(caught);
        match end {
            1 => lines.extend([vec!["else:".to_owned()], within].concat()),
            2 => lines.extend([vec!["finally:".to_owned()], within].concat()),
            _ => {}
        }
        lines
    });
    let looped = (expression(Kind::List, 1, mood), block(), 0..4_u8).prop_map(|(list, within, end)| {
        let mut lines = [vec![format!("for item in {list}:")], within].concat();
        match end {
            0 => lines.push("    X_ITEM = item".to_owned()),
            1 => lines.extend(["    if item == 'a':".to_owned(), "        break".to_owned()]),
            2 => lines.extend(["else:".to_owned(), "    X_ELSE = 1".to_owned()]),
            _ => lines.insert(1, "    if not item: continue".to_owned()),
        }
        lines
    });
    let matched = (expression(Kind::Text, 1, mood), block(), block()).prop_map(|(subject, one, other)| {
        let case = |head: &str, lines: Lines| indented(&[vec![head.to_owned()], lines].concat());
        [vec![format!("match {subject}:")], case("case 'a' | 'text':", one), case("case _:", other)].concat()
    });
    let rare = mood.strange(2);
    prop_oneof![16 => simple(targets, mood), 3 => branch, 1 => tried, 1 => looped, rare => matched].boxed()
}

/// The lines of a module: some statements.
pub(crate) fn module(targets: &'static [Target], mood: Mood) -> BoxedStrategy<String> {
    let many = prop_oneof![3 => vec(statement(targets, 1, mood), 1..5), 2 => vec(statement(targets, 2, mood), 1..9)];
    many.prop_map(|all| all.concat().iter().flat_map(|line| [line.as_str(), "\n"]).collect()).boxed()
}
