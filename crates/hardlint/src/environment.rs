//! `--env-file`: the environment of the programs, one `NAME=value` a line.
//!
//! Values are taken as they stand, as `docker run --env-file` and systemd-less supervisors do; only a pair of quotes
//! around a value and `export` before a name, which people paste from shells, are taken off.

use std::collections::BTreeMap;

/// Reads the variables; a line that sets none is passed over.
pub fn parse(text: &str) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.trim();
        let line = line.strip_prefix("export ").map_or(line, str::trim_start);
        if let (false, Some((name, value))) = (line.starts_with('#'), line.split_once('=')) {
            variables.insert(name.trim_end().to_owned(), unquoted(value.trim_start()).to_owned());
        }
    }
    variables
}

fn unquoted(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_set_variables() {
        let read = parse("\u{feff}# comment\nA=1\nexport B = \"two words\"\nC='x'y\n\nnothing\nD=\n");
        let read: Vec<(&str, &str)> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(read, [("A", "1"), ("B", "two words"), ("C", "'x'y"), ("D", "")]);
    }
}
