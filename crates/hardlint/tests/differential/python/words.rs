//! What expressions are made of: those without others in them, and shapes in which `T`, `S`, `N`, `L` and `M` stand for a
//! truth, a text, a number, a list and a map.

pub(super) const TRUTHS: &[&str] = &[
    "True", "False", "b1", "not b1", "None", "bool(0)", "bool('False')", "1", "\"False\"", "''",
];
pub(super) const TEXTS: &[&str] = &[
    "'a'", "s1", "'on'", "'False'", "''", "\"x\" 'y'", "'''a\nb'''", "r'\\d'", "f'{s1}-{n1}'", "'é'", "f'{n1:03d}'", "f'{s1!r}'", "f'{b1}{{}}'",
    "'a\\tb\\x41\\u00e9'", "' a , b,c '", "f'{n1 + 1}'", "f'{s1:>6}'", "f\"{d1['k']}\"", "u'u'", "'\\\n'", "f'{n1=}'", "str(b'x')", "__name__",
    "s1.__class__.__name__",
];
pub(super) const NUMBERS: &[&str] = &[
    "0", "1", "n1", "3600", "60 * 60 * 24", "-1", "0x10", "1_000", "int('7')", "True", "2.5", "1e3", "0b11", "10 ** 3", "10 // 3", "10 % 3", "-7 // 2",
    "-7 % 3", "7 / 2", "len(l1)", "int(' 12 ')", "int(2.9)", "float('1.50')", "round(2.5)", "1 << 4", "~1", "6 & 3",
];
pub(super) const LISTS: &[&str] = &[
    "[]", "['a', 'b']", "l1", "['x']", "list('ab')", "'a,b'.split(',')", "''.split(',')", "' a  b '.split()", "list(d1)", "sorted(['b', 'a'])",
    "['a', *l1]", "[c.upper() for c in 'ab']", "l1[:1]", "l1[::-1]", "list(range(3))", "[x for x in l1 if x != 'p']",
    "[f'{k}={v}' for k, v in d1.items()]", "list(map(str, [1, 2]))", "list(filter(None, ['', 'a']))", "['a'] * 2", "[n for n, _ in enumerate(l1)]",
    "list(zip(l1, l1))", "list(reversed(l1))", "[[1], [2, []]]", "list(dict.fromkeys(['a', 'b', 'a']))", "list(d1.values())",
];
pub(super) const MAPS: &[&str] = &[
    "{}", "{'a': 1}", "d1", "dict(a=1, b='c')", "{**d1, 'z': None}", "{x: 1 for x in l1}", "{'a': {'b': ['c']}}", "dict([('a', 1)])", "d1 | {'k': 2}",
    "d1.copy()", "{k: v for k, v in d1.items() if v != 2}", "dict(d1, k=3)", "dict(zip(l1, [1, 2]))", "{1: 2, True: 3}", "{'a': 1, 'a': 2}",
    "{('a', 1): 2}",
];
pub(super) const TRUTH_SHAPES: &[&str] = &[
    "not T", "T and T", "T or T", "S == S", "S in L", "N > N", "N == N", "bool(T)", "S.startswith('a')", "T if T else T", "(T)", "L == L", "S is None",
    "any(L)", "all(L)", "isinstance(S, str)", "S not in (S, S)", "0 < N <= 9", "len(L) > 1", "bool(L)", "'k' in M", "S != S", "S in S", "M == M",
    "isinstance(N, (int, list))", "any(x == S for x in L)", "S.isdigit()", "callable(len) and T", "hasattr(os, 'environ') and T",
];
pub(super) const TEXT_SHAPES: &[&str] = &[
    "S + S", "S.lower()", "S or S", "S if T else S", "'%s:%s' % (S, N)", "'{}/{}'.format(S, N)", "','.join(['a', S])", "str(N)", "S.replace('a', S)",
    "S[:2]", "S * 2", "(S)", "S.strip()", "M.get('k', S)", "S.upper()", "S.split(',')[0]", "'{a}-{0!r}'.format(S, a=N)", "'%(a)s' % {'a': S}", "S[-1:]",
    "S.title()", "'%d%%' % N", "str(T)", "repr(S)", "S.rstrip('xe')", "'%05.1f' % N", "S.removeprefix('t')", "S.zfill(6)", "(lambda x: x + '!')(S)",
    "max(S, S)", "S.partition('e')[2]", "str(L)", "S.encode().decode()", "S.capitalize()", "S.center(9, '*')", "next(iter(L), S)", "min([S, 'm'])",
];
pub(super) const NUMBER_SHAPES: &[&str] = &[
    "N + N", "N * N", "N - N", "N if T else N", "len(L)", "len(S)", "max(N, N)", "-N", "(N)", "N // 2", "N % 7", "int(S)", "abs(N)", "N or N",
    "sum([N, N])", "int(T)", "min(N, 3)", "M.get('n', N)", "N ** 2", "S.count('a')", "N / 4", "S.find('x')", "round(N)", "L.index('q')",
    "divmod(N, 3)[1]", "round(N, 1)",
];
pub(super) const LIST_SHAPES: &[&str] = &[
    "L + L", "[S, S]", "L if T else L", "[x for x in L if x]", "S.split(',')", "list(L)", "L + [S]", "(L)", "[S for _ in L]", "sorted(set(L))", "L[1:]",
    "[*L, S]", "L or L", "tuple(L)", "(S, S)", "list(M)", "[str(x).strip() for x in L]", "L * 2", "[x for x in L for y in (1, 2)]",
    "sorted(L, reverse=True)", "[x.upper() if x else S for x in L]", "[N, T, S, None]", "list(M.items())", "(S,)", "[(i, x) for i, x in enumerate(L)]",
    "sum([L, L], [])", "sorted(L, key=len)",
];
pub(super) const MAP_SHAPES: &[&str] = &[
    "{'a': S}", "{**M, 'b': N}", "dict(M, c=S)", "M if T else M", "{'l': L, 'm': M}", "{k: S for k in L}", "(M)", "M | M", "{S: T}",
    "{k: v for k, v in M.items() if T}", "dict(x=L)", "M or M", "{k.upper(): v for k, v in M.items()}",
];
