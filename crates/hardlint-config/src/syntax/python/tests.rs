use super::*;

#[test]
fn hostile_nesting_is_refused_before_it_is_parsed() {
    let cases = [
        "x = ".to_owned() + &"(".repeat(100_000),
        "x = ".to_owned() + &"[".repeat(100_000) + &"]".repeat(100_000),
        format!("x = {}1", "not ".repeat(100_000)),
        format!("x = {}1", "-".repeat(100_000)),
        format!("x = 1{}", " + 1".repeat(100_000)),
        format!("x = a{}", ".a".repeat(100_000)),
        format!("x = a{}", "()".repeat(100_000)),
        format!("x = {}1", "lambda: ".repeat(100_000)),
        format!("x = {}1", "1 if a else ".repeat(100_000)),
        format!("x = {}1", "a ** \\\n".repeat(100_000)),
        (0..10_000).fold(String::new(), |text, depth| text + &" ".repeat(depth.min(2_000)) + "if x:\n"),
        format!("x = {}1", "(not not not not not not not not not ".repeat(140)),
        "f'{".repeat(100_000),
        "f'{f\"{".repeat(50_000),
        "'''".repeat(100_001),
        format!("match x:\n  case {}", "[".repeat(50_000)),
    ];
    // Threads of the pool have 2 MiB.
    for text in cases {
        let size = text.len();
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(move || drop(parse(&text)));
        assert!(thread.is_ok_and(|thread| thread.join().is_ok()), "{size}");
    }
}

#[test]
fn what_people_write_is_not_too_deep() {
    let list = format!("X = [\n{}]\n", "    {'a': 1 + 2, 'b': -3},\n".repeat(20_000));
    assert!(parse(&list).faults.is_empty());
    let joined = format!("X = ({})\n", "'text'\n".repeat(5_000));
    assert!(parse(&joined).faults.is_empty());
    assert_eq!(parse(&list).body.len(), 1);
}

#[test]
fn comments_are_told_from_strings() {
    let text = "# one\nx = '# not' # two\ny = '''\n# not\n''' # three\nz = 'it\\'s # not'\n";
    let found: Vec<&str> = comments(text).iter().map(|span| &text[span.range()]).collect();
    assert_eq!(found, ["# one", "# two", "# three"]);
}

#[test]
fn the_first_fault_has_its_place() {
    let module = parse("A = 1\nB = [1, 2\nC = 3\n");
    assert!(!module.faults.is_empty());
    assert!(!module.body.is_empty());
}

/// What is changed through another name, or through a class that was given it.
#[test]
fn objects_are_changed_under_other_names() {
    let changed =
        |text: &str| -> Vec<String> { effects(&parse(text).body).changed.iter().map(ToString::to_string).collect() };
    assert_eq!(changed("b = a\nb.append(1)\n"), ["a", "b"]);
    assert_eq!(changed("class Box:\n    shared = a\nBox.shared.append(1)\n"), ["Box", "a"]);
    assert_eq!(changed("class Box:\n    shared: list = a\nBox.shared.append(1)\n"), ["Box", "a"]);
    assert_eq!(changed("class Box:\n    shared = a\nBox.shared.count(1)\n"), [""; 0]);
}
