//! Elements of lists that are written out: put in where they have to stand, or moved there.

use super::own;
use crate::formats::edit::{Around, Edit, Editing};
use crate::model::{Node, Value};
use crate::text::{Loc, Span};

/// The order in which Django's documentation and that of the others would have middleware.
const ORDER: &[&str] = &[
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.cache.UpdateCacheMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.cache.FetchFromCacheMiddleware",
];

fn rank(class: &str) -> Option<usize> {
    ORDER.iter().position(|known| *known == class)
}

/// A list that is written out, with its elements, each of which stands in it.
fn written<'e>(around: Around<'_>, node: &'e Node) -> Option<&'e [Node]> {
    let text = around.text.get(node.at.span.range())?;
    let items = node.value.as_list()?;
    let inside = |item: &Node| item.at.file == node.at.file && node.at.span.to(item.at.span) == node.at.span;
    let texts = items.iter().all(|item| matches!(item.value, Value::Text(_)) && inside(item));
    let closed = text.starts_with('[') && text.ends_with(']') || text.starts_with('(') && text.ends_with(')');
    (closed && texts && !text.contains('+')).then_some(items)
}

/// Puts one more element into a list: where the order is told, before the first that has to stand behind it, else first.
pub(super) fn add(editing: &Editing<'_, '_>, key: &str, value: &str) -> Option<Vec<Edit>> {
    let node = own(editing, key)?;
    let around = editing.file(node.at)?;
    let items = written(around, node)?;
    let place = rank(value.trim_matches(['"', '\'']));
    let behind = |item: &&Node| {
        let known = item.value.as_str().and_then(rank);
        place.is_none() || known.zip(place).is_some_and(|(known, place)| known > place)
    };
    let edit = match (items.iter().find(behind), items.last()) {
        (Some(next), _) => before(around, next.at, value)?,
        // What comes first does so before what nobody knows, too.
        (None, Some(_)) if place == Some(0) => before(around, items.first()?.at, value)?,
        (None, Some(last)) => after(around, node, last.at, value)?,
        (None, None) if around.text.get(node.at.span.range())? == "[]" => {
            Edit { at: node.at, text: format!("[{value}]") }
        }
        (None, None) => return None,
    };
    Some(vec![edit])
}

fn before(around: Around<'_>, at: Loc, value: &str) -> Option<Edit> {
    let start = at.span.range().start;
    let text = if around.begins_line(start) {
        format!("{value},{}{}", around.newline(start), around.indent(start)?)
    } else {
        format!("{value}, ")
    };
    Some(Edit { at: Loc::new(at.file, Span::new(start, start)), text })
}

fn after(around: Around<'_>, list: &Node, at: Loc, value: &str) -> Option<Edit> {
    let end = at.span.range().end;
    let rest = around.text.get(end..list.at.span.range().end)?;
    let comma = rest.trim_start().starts_with(',');
    let own_line = around.begins_line(at.span.range().start);
    let text = match (own_line, comma) {
        (true, true) => format!(",{}{}{value}", around.newline(end), around.indent(at.span.range().start)?),
        (true, false) => format!(",{}{}{value},", around.newline(end), around.indent(at.span.range().start)?),
        (false, _) => format!(", {value}"),
    };
    Some(Edit { at: Loc::new(at.file, Span::new(end, end)), text })
}

/// Moves the element that a scope is before the first of those that have to stand behind it.
pub(super) fn move_up(editing: &Editing<'_, '_>, key: &str) -> Option<Vec<Edit>> {
    let scope = editing.model.scope(editing.scope)?;
    let schema = editing.model.format.schema;
    let early = scope.own.get(schema.key(scope.kind, "too_early")?)?.value.as_list()?;
    let module = editing.model.scope(scope.parent?)?;
    let node = module.own.get(schema.key(module.kind, key)?)?;
    let around = editing.file(node.at)?;
    let items = written(around, node)?;
    let position = |at: Loc| items.iter().position(|item| item.at == at);
    let from = position(scope.at)?;
    let is_early = |item: &Node| early.iter().any(|class| class.value == item.value);
    let to = items.iter().take(from).position(is_early)?;
    let element = around.text.get(scope.at.span.range())?;
    let put = before(around, items.get(to)?.at, element)?;
    let range = scope.at.span.range();
    let rest = around.text.get(range.end..)?;
    let comma = rest.len() - rest.trim_start().len();
    let has_comma = rest.trim_start().starts_with(',') && comma < 2;
    let whole = around.whole_lines(Span::new(range.start, range.end + if has_comma { comma + 1 } else { 0 }), "#");
    let at = match whole {
        Some(lines) if has_comma => lines,
        // In a line with others it goes with the comma before it.
        _ => Span::new(items.get(from - 1)?.at.span.range().end, range.end),
    };
    Some(vec![put, Edit { at: Loc::new(scope.at.file, at), text: String::new() }])
}

#[cfg(test)]
mod tests {
    use crate::formats::edit::Change;
    use crate::formats::edit::trial::edited;

    const START: &str = "INSTALLED_APPS = []\nROOT_URLCONF = \"site.urls\"\n";

    fn django(text: &str, kind: &str, label: &str, change: &Change<'_>) -> Option<String> {
        let made = edited("site/settings.py", &format!("{START}{text}"), kind, label, change)?;
        Some(made.strip_prefix(START).unwrap().to_owned())
    }

    #[test]
    fn a_class_is_put_where_it_belongs() {
        let csrf = "\"django.middleware.csrf.CsrfViewMiddleware\"";
        let common = "\"django.middleware.common.CommonMiddleware\"";
        let auth = "\"django.contrib.auth.middleware.AuthenticationMiddleware\"";
        let add = |text: &str| django(text, "module", "", &Change::Add("MIDDLEWARE", csrf));
        for (before, after) in [
            (
                format!("MIDDLEWARE = [\n    {common},\n    {auth},  # who\n    \"a.B\",\n]\n"),
                format!("MIDDLEWARE = [\n    {common},\n    {csrf},\n    {auth},  # who\n    \"a.B\",\n]\n"),
            ),
            (format!("MIDDLEWARE = [{common}]\n"), format!("MIDDLEWARE = [{common}, {csrf}]\n")),
            (
                format!("MIDDLEWARE = [\r\n    {common}\r\n]\r\n"),
                format!("MIDDLEWARE = [\r\n    {common},\r\n    {csrf},\r\n]\r\n"),
            ),
            ("MIDDLEWARE = []\n".to_owned(), format!("MIDDLEWARE = [{csrf}]\n")),
        ] {
            assert_eq!(add(&before), Some(after), "{before}");
        }
        assert_eq!(add(&format!("MORE = []\nMIDDLEWARE = [{common}] + MORE\n")), None);
    }

    #[test]
    fn a_class_is_moved_before_others() {
        let security = "django.middleware.security.SecurityMiddleware";
        let move_up = |text: &str| django(text, "middleware", security, &Change::Add("MIDDLEWARE", "in order"));
        let common = "\"django.middleware.common.CommonMiddleware\"";
        for (before, after) in [
            (
                format!("MIDDLEWARE = [\n    {common},\n    \"a.B\",\n    \"{security}\",\n]\n"),
                format!("MIDDLEWARE = [\n    \"{security}\",\n    {common},\n    \"a.B\",\n]\n"),
            ),
            (
                format!("MIDDLEWARE = [{common}, \"{security}\"]\n"),
                format!("MIDDLEWARE = [\"{security}\", {common}]\n"),
            ),
        ] {
            assert_eq!(move_up(&before), Some(after), "{before}");
        }
    }
}
