//! What a Content-Security-Policy lets through that it is there to stop.
//!
//! Only scripts and styles are weighed, by the directive that browsers take for them. What a nonce, a hash or
//! `'strict-dynamic'` overrules in a browser is no fault.

/// Something that a policy allows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// What, in words.
    pub(super) text: String,
    /// Where in the value it stands; the whole value for what is missing.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A directive of a policy.
struct Directive<'v> {
    name: String,
    sources: Vec<(usize, &'v str)>,
}

/// Directives that say nothing of what a page may load: a policy of them alone is meant for something else.
const BESIDE: &[&str] = &[
    "base-uri",
    "block-all-mixed-content",
    "form-action",
    "frame-ancestors",
    "report-to",
    "report-uri",
    "sandbox",
    "upgrade-insecure-requests",
];

/// What the policy allows; nothing if variables leave it open.
pub(super) fn faults(value: &str) -> Option<Vec<Fault>> {
    let directives = read(value);
    let nonce = |source: &str| source.starts_with("'nonce-");
    let open = |(_, source): &(usize, &str)| source.contains(['$', '\u{1}']) && !nonce(source);
    if directives.iter().any(|directive| directive.name.contains('$') || directive.sources.iter().any(open)) {
        return None;
    }
    let mut found = Vec::new();
    // The first directive of a name counts.
    let named = |name: &str| directives.iter().find(|directive| directive.name == name);
    match named("script-src").or_else(|| named("default-src")) {
        Some(directive) => scripts(directive, &mut found),
        None if directives.iter().all(|directive| BESIDE.contains(&directive.name.as_str())) => {}
        None => found.push(Fault { text: "scripts from anywhere".to_owned(), start: 0, end: value.len() }),
    }
    if let Some(directive) = named("style-src") {
        let inline = directive.sources.iter().filter(|(_, source)| source.eq_ignore_ascii_case("'unsafe-inline'"));
        found.extend(inline.filter(|_| !overruled(directive)).map(|source| fault(source, "style-src")));
    }
    Some(found)
}

fn read(value: &str) -> Vec<Directive<'_>> {
    let at = |word: &str| word.as_ptr().addr() - value.as_ptr().addr();
    let mut directives = Vec::new();
    for part in value.split(';') {
        let mut words = part.split_ascii_whitespace();
        if let Some(name) = words.next() {
            directives.push(Directive {
                name: name.to_ascii_lowercase(),
                sources: words.map(|word| (at(word), word)).collect(),
            });
        }
    }
    directives
}

/// Whether a nonce or a hash makes browsers pass over `'unsafe-inline'`.
fn overruled(directive: &Directive<'_>) -> bool {
    const STRONGER: &[&str] = &["'nonce-", "'sha256-", "'sha384-", "'sha512-", "'strict-dynamic'"];
    directive.sources.iter().any(|(_, source)| STRONGER.iter().any(|start| source.starts_with(start)))
}

fn scripts(directive: &Directive<'_>, found: &mut Vec<Fault>) {
    let strict = directive.sources.iter().any(|(_, source)| *source == "'strict-dynamic'");
    for source in &directive.sources {
        let weak = match source.1.to_ascii_lowercase().as_str() {
            "'unsafe-eval'" => true,
            "'unsafe-inline'" => !overruled(directive),
            "*" | "http:" | "https:" | "data:" | "http://*" | "https://*" => !strict,
            _ => false,
        };
        if weak {
            found.push(fault(source, &directive.name));
        }
    }
}

fn fault(&(at, source): &(usize, &str), directive: &str) -> Fault {
    Fault { text: format!("{source} in {directive}"), start: at, end: at + source.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the Content Security Policy Level 3 has it, <https://www.w3.org/TR/CSP3/#allow-all-inline>.
    #[test]
    fn policies_are_weighed_as_browsers_read_them() {
        for (value, expected) in [
            ("default-src 'self'", ""),
            ("default-src 'self'; script-src 'self' 'unsafe-inline'", "'unsafe-inline' in script-src"),
            ("default-src 'self' 'unsafe-eval'", "'unsafe-eval' in default-src"),
            // Scripts have a directive of their own.
            ("default-src * data:; script-src 'self'", ""),
            ("script-src 'nonce-$request_id' 'unsafe-inline'", ""),
            ("script-src 'sha256-AAAA' 'unsafe-inline' 'unsafe-eval'", "'unsafe-eval' in script-src"),
            ("script-src 'nonce-abc' 'strict-dynamic' https: 'unsafe-inline'", ""),
            ("Script-Src * http: data:", "* in script-src|http: in script-src|data: in script-src"),
            ("default-src 'self'; style-src 'self' 'unsafe-inline'", "'unsafe-inline' in style-src"),
            ("img-src 'self'", "scripts from anywhere"),
            ("frame-ancestors 'none'; upgrade-insecure-requests;", ""),
            ("", ""),
            ("script-src 'self'; script-src *", ""),
            ("script-src $sources 'unsafe-eval'", "unknown"),
            ("$policy", "unknown"),
        ] {
            let found = faults(value).map(|all| all.into_iter().map(|it| it.text).collect::<Vec<_>>().join("|"));
            assert_eq!(found.as_deref().unwrap_or("unknown"), expected, "{value}");
        }
        let found = faults("default-src 'self'; script-src *").unwrap();
        assert_eq!((found[0].start, found[0].end), (31, 32));
    }
}
