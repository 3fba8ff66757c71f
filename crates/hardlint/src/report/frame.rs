//! The lines of code that a report shows.
//!
//! Only the lines that are shown are copied out of a text, and on the way each is made fit to be seen: secrets become
//! `*`, control characters their pictures, and of a line wider than the screen a window around its first label is left.
//! Line numbers and columns stay those of the file.

use super::clean;
use codespan_reporting::files::{Error, Files, Location};
use hardlint_config::secrets;
use hardlint_config::text::{Source, Span};
use hardlint_lint::diagnostic::Label;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// The files of one frame.
pub struct Frames<'m> {
    masks: &'m BTreeMap<Arc<str>, Vec<Span>>,
    /// How many characters of a line are shown.
    width: usize,
    files: Vec<File>,
}

/// The shown lines of one file.
struct File {
    source: Arc<Source>,
    name: String,
    /// The lines one after another, as they are shown.
    text: String,
    /// Of each shown line, from 0: where it is in `text`.
    lines: BTreeMap<usize, Range<usize>>,
    /// Where the labels begin in `text`, and in the file.
    starts: Vec<(usize, Location)>,
}

/// A line as it is shown.
pub struct Shown<'f> {
    /// From 1.
    pub number: usize,
    /// Where in the shown text it is.
    pub range: Range<usize>,
    /// What it says.
    pub code: &'f str,
}

/// A label in the text of a [`Frames`].
pub struct Placed {
    /// The number of its file.
    pub file: usize,
    /// Where in the shown text; within one line.
    pub range: Range<usize>,
}

impl<'m> Frames<'m> {
    pub fn new(masks: &'m BTreeMap<Arc<str>, Vec<Span>>, width: usize) -> Self {
        Self { masks, width, files: Vec::new() }
    }

    /// Shows the lines of the labels, and says where in them each label is. A label over several lines marks its first.
    pub fn add(&mut self, labels: &[&Label], name: impl Fn(&str) -> String) -> Vec<Placed> {
        let mut placed: Vec<Option<Placed>> = labels.iter().map(|_| None).collect();
        // Labels by file and line, in the order of the labels: the first is the one to keep in sight.
        let mut wanted: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (index, label) in labels.iter().enumerate() {
            let file = self.file(label, &name);
            let line = label.start().line.saturating_sub(1);
            wanted.entry((file, line)).or_default().push(index);
        }
        let shown: Vec<(usize, usize)> = wanted.keys().copied().collect();
        for &(file, line) in &shown {
            let indices = wanted.get(&(file, line)).map(Vec::as_slice).unwrap_or_default();
            let spans: Vec<Span> = indices.iter().filter_map(|&index| labels.get(index)).map(|l| l.span).collect();
            let ranges = self.show(file, line, &spans);
            for (&index, range) in indices.iter().zip(ranges) {
                if let (Some(slot), Some(label), Some(at)) =
                    (placed.get_mut(index), labels.get(index), self.files.get_mut(file))
                {
                    let start = label.start();
                    let location = Location { line_number: start.line, column_number: start.column };
                    at.starts.push((range.start, location));
                    *slot = Some(Placed { file, range });
                }
            }
        }
        // A single line between two that are shown is shown as well, instead of a sign that it is left out.
        for pair in shown.windows(2) {
            if let [(file, above), (same, below)] = pair
                && file == same
                && below - above == 2
            {
                self.show(*file, above + 1, &[]);
            }
        }
        placed.into_iter().flatten().collect()
    }

    /// The name of a file.
    pub fn file_name(&self, file: usize) -> &str {
        self.files.get(file).map_or("", |file| &file.name)
    }

    /// The shown lines of a file.
    pub fn shown(&self, file: usize) -> impl Iterator<Item = Shown<'_>> {
        let lines = self.files.get(file).into_iter().flat_map(|file| file.lines.iter().map(move |line| (file, line)));
        lines.map(|(file, (number, range))| Shown {
            number: number + 1,
            range: range.clone(),
            code: file.text.get(range.clone()).unwrap_or_default(),
        })
    }

    /// A line, from 0, without its end, as it is shown where nothing points at it.
    pub fn line(&mut self, source: &Arc<Source>, line: usize) -> String {
        let label = Label { source: source.clone(), span: Span::default(), text: String::new() };
        let file = self.file(&label, &str::to_owned);
        self.show(file, line, &[]);
        let Some(file) = self.files.get_mut(file) else { return String::new() };
        let range = file.lines.remove(&line).unwrap_or_default();
        let mut shown = std::mem::take(&mut file.text);
        shown.truncate(range.end);
        shown.split_off(range.start)
    }

    fn file(&mut self, label: &Label, name: &impl Fn(&str) -> String) -> usize {
        if let Some(known) = self.files.iter().position(|file| Arc::ptr_eq(&file.source, &label.source)) {
            return known;
        }
        let name = clean::line(&name(&label.source.path)).into_owned();
        let (source, text) = (label.source.clone(), String::new());
        self.files.push(File { source, name, text, lines: BTreeMap::new(), starts: Vec::new() });
        self.files.len() - 1
    }

    /// Copies a line, and gives where in the copy the spans are.
    fn show(&mut self, file: usize, line: usize, spans: &[Span]) -> Vec<Range<usize>> {
        let width = self.width;
        let Some(file) = self.files.get_mut(file) else { return Vec::new() };
        let masks = self.masks.get(&file.source.path).map(Vec::as_slice).unwrap_or_default();
        let begin = file.text.len();
        let first = file.source.lines().get(line).copied().unwrap_or_default() as usize;
        let code = file.source.line(line + 1);
        let focus = spans.first().map_or(0, |span| (span.start as usize).saturating_sub(first));
        let window = window(code, focus, width);
        let inside = Span::new(first + window.start, first + window.end);
        let masks = masks.get(masks.partition_point(|mask| mask.end <= inside.start)..).unwrap_or_default();
        let masks: Vec<&Span> = masks.iter().take_while(|mask| mask.start < inside.end).collect();
        // A name far before the window is not looked for: a line that long would be searched for each finding anew.
        let near = code.floor_char_boundary(window.start.saturating_sub(256));
        let guessed = secret(code.get(near..window.end).unwrap_or_default());
        let guessed = guessed.map(|range| Span::new(first + near + range.start, first + near + range.end));
        let far = code.ceil_char_boundary((window.end + 256).min(code.len()));
        let above = if line == 0 || near > 0 { "" } else { file.source.line(line) };
        let above = above.get(above.floor_char_boundary(above.len().saturating_sub(256))..).unwrap_or_default();
        let around = format!("{above}\n{}", code.get(near..far).unwrap_or_default());
        let hidden: Vec<Range<usize>> = secrets::spans(&around)
            .into_iter()
            .filter(|span| span.end > above.len())
            .map(|span| {
                first + near + span.start.saturating_sub(above.len() + 1)..first + near + span.end - above.len() - 1
            })
            .collect();
        let cut = |end: bool| if end { "…" } else { "" };
        file.text.push_str(cut(window.start > 0));
        let mut ranges: Vec<Range<usize>> = spans.iter().map(|_| file.text.len()..file.text.len()).collect();
        for (offset, c) in code.get(window.clone()).unwrap_or_default().char_indices() {
            let at = first + window.start + offset;
            let holds = |span: &Span| span.range().contains(&at);
            // What a label points at was judged, so whether it is a secret is known and need not be guessed.
            let hidden = hidden.iter().any(|span| span.contains(&at))
                || masks.iter().any(|mask| holds(mask))
                || guessed.as_ref().is_some_and(holds) && !spans.iter().any(holds);
            let before = file.text.len();
            file.text.push(if hidden { '*' } else { clean::character(c) });
            for (span, range) in spans.iter().zip(&mut ranges) {
                if at < span.start as usize {
                    *range = file.text.len()..file.text.len();
                } else if at < (span.end as usize).max(span.start as usize + 1) {
                    *range = range.start.min(before)..file.text.len();
                }
            }
        }
        file.text.push_str(cut(window.end < code.len()));
        file.lines.insert(line, begin..file.text.len());
        file.text.push('\n');
        ranges
    }
}

/// What in a line looks like a secret's value: everything behind a name that ends in a word for one.
///
/// Where a file was understood, its model says what is secret. A line beside, or one of a file that was not, must not
/// show one either.
fn secret(code: &str) -> Option<Range<usize>> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut at = 0;
    while let Some(start) = code.get(at..)?.find(is_name).map(|offset| at + offset) {
        let rest = code.get(start..)?;
        let end = start + rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let name = code.get(start..end)?.trim_end_matches(|c: char| c.is_ascii_digit()).to_ascii_lowercase();
        let value = code.get(end..)?.trim_start_matches(['"', '\'', ' ', '\t']);
        let separated = value.starts_with([':', '=']) || value.len() < code.len() - end;
        if separated && SECRETS.iter().any(|word| name.ends_with(word)) {
            let value = value.trim_start_matches([':', '=']).trim_start();
            let begin = code.len() - value.len();
            return (!value.is_empty()).then_some(begin..code.len());
        }
        at = end;
    }
    None
}

/// Words for secrets.
const SECRETS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "private_key",
    "secret_key",
    "requirepass",
];

/// The part of a line that is shown: all of it, or `width` characters of which the one at `focus` is among the first.
fn window(code: &str, focus: usize, width: usize) -> Range<usize> {
    // Bytes are at least characters, and counting those of a line of 50 MB takes too long to do it for each finding.
    if code.len() <= width * 4 && code.chars().count() <= width {
        return 0..code.len();
    }
    let mut start = focus.min(code.len()).saturating_sub(width / 3);
    // Where the window would reach past the end, more of the beginning fits.
    let tail = code.len().saturating_sub(width);
    start = if focus <= width / 2 { 0 } else { start.min(tail.max(focus.saturating_sub(width / 2))) };
    while !code.is_char_boundary(start) {
        start -= 1;
    }
    let rest = code.get(start..).unwrap_or_default();
    let end = rest.char_indices().nth(width).map_or(code.len(), |(offset, _)| start + offset);
    start..end
}

impl<'a> Files<'a> for Frames<'_> {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, Error> {
        self.files.get(id).map(|file| file.name.as_str()).ok_or(Error::FileMissing)
    }

    fn source(&'a self, id: usize) -> Result<&'a str, Error> {
        self.files.get(id).map(|file| file.text.as_str()).ok_or(Error::FileMissing)
    }

    fn line_index(&'a self, id: usize, at: usize) -> Result<usize, Error> {
        let lines = &self.files.get(id).ok_or(Error::FileMissing)?.lines;
        let found = lines.iter().find(|(_, range)| range.start <= at && at <= range.end);
        found.or(lines.iter().next()).map(|(line, _)| *line).ok_or(Error::FileMissing)
    }

    fn line_range(&'a self, id: usize, line: usize) -> Result<Range<usize>, Error> {
        let lines = &self.files.get(id).ok_or(Error::FileMissing)?.lines;
        let max = lines.keys().next_back().copied().unwrap_or_default();
        lines.get(&line).cloned().ok_or(Error::LineTooLarge { given: line, max })
    }

    fn location(&'a self, id: usize, at: usize) -> Result<Location, Error> {
        let file = self.files.get(id).ok_or(Error::FileMissing)?;
        let known = file.starts.iter().find(|(start, _)| *start == at).map(|(_, location)| *location);
        known.ok_or(Error::IndexTooLarge { given: at, max: file.text.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, span: Range<usize>, mask: Option<Range<usize>>, width: usize) -> (String, String) {
        let source = Arc::new(Source::new("f", text));
        let spans = mask.map(|mask| Span::new(mask.start, mask.end)).into_iter().collect();
        let masks = BTreeMap::from([(Arc::from("f"), spans)]);
        let label = Label { source, span: Span::new(span.start, span.end), text: String::new() };
        let mut frames = Frames::new(&masks, width);
        let placed = frames.add(&[&label], str::to_owned);
        let text = frames.source(0).unwrap().to_owned();
        let marked = text.get(placed[0].range.clone()).unwrap().to_owned();
        (text, marked)
    }

    #[test]
    fn secrets_are_hidden_also_where_they_are_no_label() {
        let text = "PASSWORD: hunter2 # x\n";
        assert_eq!(shown(text, 0..8, Some(10..17), 80), ("PASSWORD: ***********\n".into(), "PASSWORD".into()));
        assert_eq!(shown(text, 10..17, Some(10..17), 80).1, "*******");
        assert_eq!(shown("a: héé b\n", 0..1, Some(3..8), 80).0, "a: *** b\n");
    }

    #[test]
    fn what_looks_like_a_secret_is_hidden_where_nothing_points() {
        for (text, expected) in [
            ("POSTGRES_PASSWORD: hunter2\n", "POSTGRES_PASSWORD: *******\n"),
            ("  - \"API_TOKEN=abc\n", "  - \"API_TOKEN=***\n"),
            ("\"password\" : \"x\"\n", "\"password\" : ***\n"),
            ("requirepass abc\n", "requirepass ***\n"),
            ("PasswordAuthentication yes\n", "PasswordAuthentication yes\n"),
            ("secret:\n", "secret:\n"),
        ] {
            assert_eq!(shown(text, 0..1, None, 80).0, expected);
        }
    }

    #[test]
    fn a_long_line_is_cut_around_its_label() {
        let text = format!("{}KEY{}", "a".repeat(500_000), "b".repeat(500_000));
        let (line, marked) = shown(&text, 500_000..500_003, None, 30);
        assert_eq!(line, format!("…{}KEY{}…\n", "a".repeat(10), "b".repeat(17)));
        assert_eq!(marked, "KEY");
        let (line, marked) = shown(&text, 0..1_000_003, None, 10);
        assert_eq!((line.as_str(), marked.as_str()), ("aaaaaaaaaa…\n", "aaaaaaaaaa"));
        let (line, marked) = shown(&format!("{}é", "é".repeat(100)), 200..202, None, 10);
        assert!(line.ends_with("ééé\n") && marked == "é", "{line} {marked}");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let (line, marked) = shown("a \x1b[2J b", 2..6, None, 80);
        assert_eq!((line.as_str(), marked.as_str()), ("a ␛[2J b\n", "␛[2J"));
    }

    #[test]
    fn a_label_at_the_end_of_the_line_or_the_file_has_a_place() {
        assert_eq!(shown("abc\n", 3..3, None, 80), ("abc\n".into(), String::new()));
        assert_eq!(shown("", 0..0, None, 80), ("\n".into(), String::new()));
    }
}
