//! In which form the report is wanted.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use modelmark_report::Form;

/// Most ranges of an `Accept` header that are looked at.
const MAX_RANGES: usize = 32;

/// The forms that there are, the default first.
const FORMS: &[(&str, Option<Form>)] = &[
    ("application/json", None),
    ("text/html", Some(Form::Html)),
    ("text/markdown", Some(Form::Markdown)),
    ("application/sarif+json", Some(Form::Sarif)),
];

/// Chooses a form: the media type, and the writer unless it is the report itself. None when the client takes none of them.
pub(crate) fn choose(headers: &HeaderMap) -> Option<(&'static str, Option<Form>)> {
    let values = || headers.get_all(ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<(&str, f32)> = values().flat_map(|value| value.split(',')).take(MAX_RANGES).filter_map(range).collect();
    if ranges.is_empty() {
        return FORMS.first().copied();
    }
    let mut best: Option<(f32, (&'static str, Option<Form>))> = None;
    for form in FORMS {
        let weight = weight(&ranges, form.0);
        if weight > 0.0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, *form));
        }
    }
    best.map(|(_, form)| form)
}

/// How much a client wants a media type: what it says of it exactly, else of its kind, else of everything.
fn weight(ranges: &[(&str, f32)], media: &str) -> f32 {
    let kind = media.split('/').next().unwrap_or_default();
    let said = |wanted: &dyn Fn(&str) -> bool| ranges.iter().find(|(range, _)| wanted(range)).map(|(_, weight)| *weight);
    said(&|range| range.eq_ignore_ascii_case(media))
        .or_else(|| said(&|range| range.strip_suffix("/*").is_some_and(|range| range.eq_ignore_ascii_case(kind))))
        .or_else(|| said(&|range| range == "*/*"))
        .unwrap_or(0.0)
}

fn range(text: &str) -> Option<(&str, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let media = parts.next().filter(|media| !media.is_empty())?;
    let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let weight = quality.map_or(1.0, |quality| quality.parse().ok().filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(0.0));
    Some((media, weight))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn the_form_that_the_client_wants_most_is_chosen() {
        for (accept, chosen) in [
            (None, Some("application/json")),
            (Some("*/*"), Some("application/json")),
            (Some("text/html"), Some("text/html")),
            (Some("text/html,application/xhtml+xml,*/*;q=0.8"), Some("text/html")),
            (Some("text/*"), Some("text/html")),
            (Some("text/html;q=0.1, text/markdown"), Some("text/markdown")),
            (Some("application/json;q=0, */*"), Some("text/html")),
            (Some("application/sarif+json"), Some("application/sarif+json")),
            (Some("image/png"), None),
            (Some("application/json;q=0"), None),
            (Some("application/json;q=NaN"), None),
        ] {
            let mut headers = HeaderMap::new();
            headers.extend(accept.map(|accept| (ACCEPT, accept.parse().unwrap())));
            assert_eq!(choose(&headers).map(|(media, _)| media), chosen, "{accept:?}");
        }
    }
}
