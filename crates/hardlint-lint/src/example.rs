//! The examples of rules: snippets put where their format's files are, and the marks under what a rule points at.
//!
//! This is the one place that knows what the smallest context of a format is.

use crate::rule::{Example, ExampleFiles};
use hardlint_config::formats::Format;
use hardlint_config::loader::{Git, Memory};
use hardlint_config::text::Source;
use hardlint_config::version::{Targets, Version};
use hardlint_config::workspace::Query;
use std::collections::BTreeMap;

/// An example, ready to be judged.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    /// Its files, marks taken out.
    pub files: BTreeMap<String, String>,
    /// What the marks stand under: path, line and columns in characters from 1, the last one excluded.
    pub marks: Vec<Mark>,
    /// Git's knowledge, permissions, versions and environment.
    given: ExampleFiles,
}

/// A marked place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// The file.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// First column in characters, from 1.
    pub column: usize,
    /// One past the last column.
    pub end: usize,
}

/// Where a snippet of a format stands, and the text around it.
///
/// - nginx: `nginx.conf`, as it is. nginx's resolver takes blocks outside `http` for the fragments that includes are.
/// - compose: `compose.yaml`. A snippet that does not have `services:` or another of the file's own keys at its start is
///   the body of one service called `app`.
/// - deployment: `compose.yaml`, as it is.
/// - sshd: `etc/ssh/sshd_config`, as it is.
/// - others: a file with the format's first usual name.
pub fn place(format: &Format, snippet: &str) -> (String, String) {
    match format.id {
        "compose" => {
            let tops =
                ["services:", "volumes:", "networks:", "secrets:", "configs:", "name:", "include:", "version:", "x-"];
            let whole = snippet.lines().any(|line| tops.iter().any(|top| line.starts_with(top)));
            let text = if whole { snippet.to_owned() } else { in_service(snippet) };
            ("compose.yaml".to_owned(), text)
        }
        "deployment" => ("compose.yaml".to_owned(), snippet.to_owned()),
        "sshd" => ("etc/ssh/sshd_config".to_owned(), snippet.to_owned()),
        "django" => ("settings.py".to_owned(), snippet.to_owned()),
        "flask" => ("app.py".to_owned(), snippet.to_owned()),
        "asgi" => ("main.py".to_owned(), snippet.to_owned()),
        "redis" => ("redis.conf".to_owned(), snippet.to_owned()),
        _ => {
            let usual = format.names.iter().find_map(|name| match name {
                hardlint_config::formats::Name::Is(name) if !name.contains(['*', '?', '[']) => Some(*name),
                _ => None,
            });
            (usual.unwrap_or("example").to_owned(), snippet.to_owned())
        }
    }
}

fn in_service(snippet: &str) -> String {
    let named = snippet.lines().any(|line| line.starts_with("image:") || line.starts_with("build:"));
    let mut text = String::from("services:\n  app:\n");
    if !named {
        text.push_str("    image: app\n");
    }
    for line in snippet.lines() {
        text.push_str("    ");
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// Puts an example where its format's files are, and takes its marks out.
pub fn prepare(format: &Format, example: &Example) -> Prepared {
    let given = match example {
        Example::Snippet(text) => ExampleFiles { text: Some(text.clone()), ..ExampleFiles::default() },
        Example::Files(files) => files.clone(),
    };
    let mut files = given.files.clone();
    if let Some(text) = &given.text {
        let (usual, placed) = place(format, text);
        match &given.path {
            Some(path) => files.insert(path.clone(), text.clone()),
            None => files.insert(usual, placed),
        };
    }
    let mut prepared = Prepared { given, ..Prepared::default() };
    for (path, text) in files {
        let (text, marks) = unmark(&path, &text, format.comment);
        prepared.files.insert(path, text);
        prepared.marks.extend(marks);
    }
    prepared
}

/// Takes mark lines out of a text: comments of nothing but carets, which stand under what is meant in the line above.
///
/// What begins a line cannot have a caret below its first character, as the comment begins there: where the comment
/// begins right below the line's first character and the carets follow at once, the comment's own mark counts as one.
pub fn unmark(path: &str, text: &str, comment: &str) -> (String, Vec<Mark>) {
    let mut kept = String::new();
    let mut marks = Vec::new();
    let mut above = "";
    let mut line = 0;
    for raw in text.split_inclusive('\n') {
        let body = raw.trim_end();
        if line == 0 || !is_mark(body, comment) {
            kept.push_str(raw);
            above = body;
            line += 1;
            continue;
        }
        let indent = |text: &str| text.chars().take_while(|c| c.is_whitespace()).count();
        let begins = indent(body);
        let from_start = begins == indent(above) && body.trim_start().starts_with(&format!("{comment}^"));
        let columns = body.chars().enumerate().filter(|(_, c)| *c == '^').map(|(at, _)| at + 1);
        let columns: Vec<usize> = from_start.then_some(begins + 1).into_iter().chain(columns).collect();
        let mut start = 0;
        for (at, &column) in columns.iter().enumerate() {
            // The comment's mark may be several characters long.
            let follows = at > 0 && (columns.get(at - 1) == Some(&(column - 1)) || (at == 1 && from_start));
            if !follows {
                start = column;
            }
            let goes_on = columns.get(at + 1) == Some(&(column + 1)) || (at == 0 && from_start);
            if !goes_on {
                marks.push(Mark { path: path.to_owned(), line, column: start, end: column + 1 });
            }
        }
    }
    (kept, marks)
}

fn is_mark(line: &str, comment: &str) -> bool {
    let carets = line.trim_start().strip_prefix(comment).map(str::trim);
    carets.is_some_and(|carets| !carets.is_empty() && carets.chars().all(|c| c == '^' || c == ' '))
}

impl Prepared {
    /// Its files, to be read.
    pub fn loader(&self) -> Memory {
        let mut memory = Memory::new(self.files.iter().map(|(path, text)| (path.clone(), text.clone())));
        let (tracked, ignored) = (&self.given.tracked, &self.given.ignored);
        if tracked.is_some() || ignored.is_some() {
            let names =
                |list: &Option<Vec<String>>, path: &String| list.as_ref().is_some_and(|list| list.contains(path));
            let git = |path: &String| match (names(tracked, path), names(ignored, path)) {
                (true, _) => Git::Tracked,
                (false, true) => Git::Ignored,
                (false, false) => Git::Untracked,
            };
            memory.git = self.files.keys().map(|path| (path.clone(), git(path))).collect();
        }
        let bits = |text: &String| u32::from_str_radix(text, 8).ok();
        let modes = self.given.mode.iter().filter_map(|(path, mode)| Some((path.clone(), bits(mode)?)));
        memory.modes = modes.collect();
        memory
    }

    /// What is asked beyond its files.
    pub fn query(&self) -> Query {
        let targets = self
            .given
            .target
            .iter()
            .filter_map(|(program, version)| Version::parse(version).map(|version| (program.clone(), version)));
        // As `--host` reads a machine.
        let machine = self.files.keys().all(|path| path.starts_with("etc/"));
        let root_map = if machine { vec![("/".to_owned(), String::new())] } else { Vec::new() };
        let environment = self.given.env.clone();
        Query { targets: Targets(targets.collect()), environment, root_map, ..Query::default() }
    }

    /// The columns of a span in characters, as a mark has them; a span that goes on in the next line ends with its own.
    pub fn columns(source: &Source, span: hardlint_config::text::Span) -> (usize, usize, usize) {
        let (start, end) = (source.position(span.start), source.position(span.end));
        let last = if end.line == start.line { end.column } else { source.line(start.line).chars().count() + 1 };
        (start.line, start.column, last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(text: &str) -> Vec<(usize, usize, usize)> {
        unmark("a", text, "#").1.into_iter().map(|mark| (mark.line, mark.column, mark.end)).collect()
    }

    #[test]
    fn carets_stand_under_what_is_meant() {
        assert_eq!(marks("a bcd e;\n #^^^ ^\nf\n"), [(1, 3, 6), (1, 7, 8)]);
        assert_eq!(unmark("a", "a b\n #^\nc\n", "#").0, "a b\nc\n");
    }

    #[test]
    fn what_begins_a_line_is_marked_by_the_comment_as_well() {
        assert_eq!(marks("server {\n#^^^^^ ^\n}\n"), [(1, 1, 7), (1, 8, 9)]);
        assert_eq!(marks("  ab\n  #^\n"), [(1, 3, 5)]);
        assert_eq!(marks("  ab c\n #^^ ^\n"), [(1, 3, 5), (1, 6, 7)]);
    }

    #[test]
    fn other_comments_stay() {
        assert!(marks("a\n# ^ this\n#\n").is_empty());
    }

    #[test]
    fn a_snippet_of_compose_is_a_service() {
        let compose = hardlint_config::formats::named("compose").unwrap();
        let (path, text) = place(compose, "privileged: true\n");
        assert_eq!(
            (path.as_str(), text.as_str()),
            ("compose.yaml", "services:\n  app:\n    image: app\n    privileged: true\n")
        );
        assert_eq!(place(compose, "services: {}\n").1, "services: {}\n");
    }
}
