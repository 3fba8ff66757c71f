//! The settings that a server of `PostgreSQL` told: `SHOW ALL`, or `SELECT name, setting FROM pg_settings`, as `psql` prints
//! tables (aligned, `-A`, `--csv`).

use hardlint_config::formats::postgres;
use std::fmt::Write as _;

/// How the columns of a table are told apart.
#[derive(Clone, Copy, Debug)]
enum Table {
    /// By a `|` at the same place of each line: where the value begins and ends.
    Aligned(usize, Option<usize>),
    /// By each `|`; whether a description follows the value.
    Unaligned(bool),
    /// By commas, with quotes around what has any.
    Csv,
}

/// Whether a text begins as such a table.
pub fn is_table(begin: &str) -> bool {
    begin.lines().next().and_then(Table::of).is_some()
}

/// The same as a `postgresql.conf`, line for line. What a server tells and no file can set is left out.
pub fn configuration(text: &str) -> String {
    let mut lines = text.lines();
    let Some(table) = lines.next().and_then(Table::of) else { return String::new() };
    let mut made = String::from("\n");
    for line in lines {
        if let Some((name, value)) = table.row(line).filter(|(name, _)| postgres::is_settable(name)) {
            let value = value.replace('\\', "\\\\").replace('\'', "''");
            let _ = write!(made, "{name} = '{value}'");
        }
        made.push('\n');
    }
    made
}

impl Table {
    /// What the line above the rows tells.
    fn of(line: &str) -> Option<Self> {
        let columns: Vec<&str> = line.split(['|', ',']).map(str::trim).collect();
        if !matches!(columns.as_slice(), ["name", "setting"] | ["name", "setting", "description"]) {
            return None;
        }
        if line.contains(',') {
            return Some(Self::Csv);
        }
        let mut bars = line.match_indices('|').map(|(at, _)| at);
        let first = bars.next()?;
        let second = bars.next();
        Some(if line.contains(' ') { Self::Aligned(first, second) } else { Self::Unaligned(second.is_some()) })
    }

    /// The name and the value of a row.
    fn row(self, line: &str) -> Option<(&str, String)> {
        let (name, value) = match self {
            Self::Aligned(first, second) => {
                let end = second.unwrap_or(line.len());
                (line.get(..first)?, line.get(first + 1..end)?.trim().to_owned())
            }
            Self::Unaligned(described) => {
                let (name, rest) = line.split_once('|')?;
                let value = if described { rest.rsplit_once('|')?.0 } else { rest };
                (name, value.to_owned())
            }
            Self::Csv => {
                let (name, rest) = line.split_once(',')?;
                (name, field(rest))
            }
        };
        Some((name.trim(), value))
    }
}

/// The first field of a line with commas.
fn field(text: &str) -> String {
    let Some(quoted) = text.strip_prefix('"') else { return text.split(',').next().unwrap_or_default().to_owned() };
    let mut value = String::new();
    let mut rest = quoted;
    while let Some((before, after)) = rest.split_once('"') {
        value.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                value.push('"');
                rest = after;
            }
            None => return value,
        }
    }
    value + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_printing_gives_the_same_settings() {
        let aligned = "       name       |     setting     \n------------------+-----------------\n listen_addresses | *\n \
            log_line_prefix  | %m|it's \\\n server_version   | 15.1\n search_path      | \"$user\", public\n(4 rows)\n\n";
        let described = "       name       |     setting     | description\n------------------+-----------------+---\n \
            listen_addresses | *               | a | b\n log_line_prefix  | %m|it's \\       | c\n";
        let bare = "name|setting\nlisten_addresses|*\nlog_line_prefix|%m|it's \\\nserver_version|15.1\n(3 rows)\n";
        let show = "name|setting|description\nlisten_addresses|*|a\nlog_line_prefix|%m|it's \\|b\n";
        let csv = "name,setting,description\nlisten_addresses,*,\"a, b\"\nlog_line_prefix,%m|it's \\,c\nsearch_path,\"\"\"$user\"\", public\",x\n";
        for text in [aligned, described, bare, show, csv] {
            assert!(is_table(text));
            let made = configuration(text);
            let settings: Vec<&str> = made.lines().filter(|line| !line.is_empty()).collect();
            assert_eq!(&settings[..2], ["listen_addresses = '*'", "log_line_prefix = '%m|it''s \\\\'"], "{text}");
            let more = text.contains("search_path");
            assert_eq!(settings.get(2).copied(), more.then_some("search_path = '\"$user\", public'"), "{text}");
            // A finding is told at the line that the server printed.
            let line = text.lines().position(|line| line.contains("log_line_prefix"));
            assert_eq!(made.lines().position(|line| line.starts_with("log_line_prefix")), line);
        }
        for text in ["", "name\n", "name | value\n", "a,name,setting\n", "setting|name\n"] {
            assert!(!is_table(text), "{text}");
        }
    }
}
