//! The XML of Checkstyle, which Jenkins, reviewdog and many others read.

use super::markup::text;
use super::{Entry, Outcome};
use hardlint_lint::diagnostic::Severity;
use std::io::{self, Write};

pub fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"8.0\">")?;
    for (path, entries) in outcome.by_file() {
        writeln!(out, "  <file name=\"{}\">", text(&path))?;
        for entry in entries {
            let (place, severity, source) = match entry {
                Entry::Finding(part, finding) => {
                    (Some(part.place(&finding.primary)), severity(finding.severity), &*finding.rule)
                }
                Entry::Problem(part, problem) => {
                    (part.place_of(problem).1, if problem.notice { "info" } else { "error" }, super::name(problem))
                }
            };
            let (line, column) = place.map_or((1, 1), |place| (place.line, place.column));
            writeln!(
                out,
                "    <error line=\"{line}\" column=\"{column}\" severity=\"{severity}\" message=\"{}\" source=\"{}\"/>",
                text(entry.message()),
                text(source)
            )?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn findings_and_problems_stand_below_their_files() {
        let mut out = Vec::new();
        write(&sample::outcome(), &mut out).unwrap();
        let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<checkstyle version=\"8.0\">
  <file name=\"certs/dhparam\">
    <error line=\"1\" column=\"1\" severity=\"error\" message=\"it is not text: a NUL byte stands at offset 3\" source=\"hardlint/problem\"/>
  </file>
  <file name=\"conf.d/site.conf\">
    <error line=\"3\" column=\"14\" severity=\"error\" message=\"`location /files` can be left through `alias /srv/files/`\" source=\"nginx/alias-traversal\"/>
    <error line=\"7\" column=\"14\" severity=\"info\" message=\"`location /x` again\" source=\"nginx/alias-traversal\"/>
    <error line=\"9\" column=\"1\" severity=\"error\" message=\"unexpected end of file, expecting `}`\" source=\"hardlint/problem\"/>
  </file>
</checkstyle>
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
