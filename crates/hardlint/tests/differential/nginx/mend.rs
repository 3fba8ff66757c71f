//! Asks nginx what keeps it from starting, and takes that out, until it starts: directives of modules that are not there or
//! of other versions, names that other files define, and what the file itself has wrong.

use super::stub::Stub;
use super::tree::{self, Statement};
use crate::case::{Case, text};
use std::fs;
use std::path::Path;

/// How much is taken out at most.
const MOST: usize = 80;

/// What nginx starts with; nothing where no mending helps. `folder` is used up.
pub(super) fn mended(mut stub: Stub, folder: &Path) -> Option<Case> {
    for _ in 0..MOST {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).unwrap();
        let case = stub.case();
        case.write(folder);
        let told = super::tested(folder, &case);
        if told.status.success() {
            return Some(case);
        }
        let said = text(&told.stderr).replace(&format!("{}/", folder.display()), "");
        let why = said.lines().find(|line| line.contains("[emerg]"))?;
        if !mend(&mut stub, why) {
            println!("{why}");
            return None;
        }
    }
    None
}

fn mend(stub: &mut Stub, why: &str) -> bool {
    let quoted = why.split('"').nth(1).unwrap_or_default().to_owned();
    if why.contains("variable") && why.contains("unknown") && !why.contains("directive") {
        return define(stub, &quoted);
    }
    if why.contains("could not build") {
        let wanted = why.split("increase ").nth(1).and_then(|rest| rest.split([' ', ':']).next());
        return wanted.is_some_and(|name| first(stub, Statement::plain(&format!("{name} 512"))));
    }
    let place = why.rsplit_once(" in ").and_then(|(_, place)| place.rsplit_once(':'));
    if let Some((path, line)) = place
        && let Ok(mut line) = line.parse()
        && let Some((_, statements)) = stub.files.iter_mut().find(|(known, _)| known == path)
    {
        return tree::without(statements, &mut line);
    }
    // A zone that is defined elsewhere.
    if why.contains("zone") && !quoted.is_empty() {
        let names = |word: &String| word.split(['=', ':']).any(|part| part == quoted);
        for (_, statements) in &mut stub.files {
            tree::retain(statements, &|statement| !statement.words.iter().any(names));
        }
        return true;
    }
    false
}

/// A variable of a module, or of a file that is not at hand.
fn define(stub: &mut Stub, name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || !name.bytes().all(known) {
        return false;
    }
    let default = Statement::plain("default ''");
    first(stub, Statement::block(&format!("map $host ${name}"), vec![default]))
}

/// Puts a statement at the start of `http`.
fn first(stub: &mut Stub, statement: Statement) -> bool {
    let http = stub.files.iter_mut().flat_map(|(_, all)| all.iter_mut()).find(|it| it.name() == "http");
    http.and_then(|http| http.block.as_mut()).is_some_and(|inside| {
        inside.insert(0, statement);
        true
    })
}
