//! The word that was meant by a slip of the pen.

/// `, did you mean …?`, where one of `known` is near enough to be what was meant.
pub fn meant(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(nearest) => format!(", did you mean `{nearest}`?"),
        None => String::new(),
    }
}

/// The same, else all that there are, where these are few enough to be read.
pub fn meant_or_all(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(nearest) => format!(", did you mean `{nearest}`?"),
        None => format!(": it is one of {}", known.join(", ")),
    }
}

/// The nearest of `known`, at most a third of the word away.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    // A long word is no slip of the pen, and would only cost time.
    let word: Vec<char> = word.chars().take(100).collect();
    let distances = known.iter().map(|known| (distance(&word, known), *known));
    let allowed = (word.len() / 3).max(1);
    let near = distances.filter(|(distance, _)| *distance <= allowed).min().map(|(_, known)| known);
    near.or_else(|| {
        // What is cut short: `prod`.
        let begun: String = word.iter().collect();
        let mut longer = known.iter().filter(|known| word.len() >= 3 && known.starts_with(&begun));
        longer.next().filter(|_| longer.next().is_none()).copied()
    })
}

/// How many characters have to be put in, taken out, changed or swapped with the next.
fn distance(from: &[char], to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (row, a) in from.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, b) in to.iter().enumerate() {
            let at = |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX - 1);
            let mut best = at(&above, column) + usize::from(a != b);
            best = best.min(at(&above, column + 1) + 1).min(at(&line, column) + 1);
            let swapped = row > 0 && column > 0 && from.get(row - 1) == Some(b) && to.get(column - 1) == Some(a);
            if swapped {
                best = best.min(at(&before, column - 1) + 1);
            }
            line.push(best);
        }
        before = std::mem::replace(&mut above, line);
    }
    above.last().copied().unwrap_or_default()
}
