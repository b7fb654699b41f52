//! Which form of the content is asked for, in the query or in `Accept`.

use axum::http::StatusCode;
use axum::http::header::{ACCEPT, HeaderMap};

use crate::refusal::Refusal;

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// The bytes of a file.
    File,
    /// One block.
    Raw,
    /// A stream of blocks, depth first, each once or each time the walk comes by.
    Car { duplicates: bool },
}

/// The parameters of a request's query; of those given twice the first counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(query: Option<&str>) -> Self {
        Self(url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What was asked for, and whether by `Accept` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) format: Format,
    pub(crate) by_accept: bool,
}

/// Reads the form of the answer off the query, and where that is silent off `Accept`.
pub(crate) fn choose(query: &Query, headers: &HeaderMap) -> Result<Chosen, Refusal> {
    let accepted = accepted(headers);
    let named = match query.get("format") {
        None => None,
        Some("raw") => Some(Format::Raw),
        Some("car") => {
            // The query says that, and `Accept` may say how.
            let duplicates = accepted.iter().any(|choice| matches!(choice, Accepted::Is(Format::Car { duplicates: true })));
            Some(Format::Car { duplicates })
        }
        Some(known @ ("tar" | "dag-json" | "dag-cbor" | "json" | "cbor")) => {
            return Err(Refusal::not_implemented(format!("blocks are not converted to {known} here; ask for raw or car")));
        }
        Some(other) => return Err(Refusal::bad(format!("no content under /ipfs/ has the format {other:?}"))),
    };
    let by_accept = named.is_none();
    let format = named.map_or_else(|| best(&accepted), Ok)?;
    let format = if let Format::Car { duplicates } = format { car(query, duplicates)? } else { format };
    Ok(Chosen { format, by_accept })
}

/// Reads the query's own words on a CAR, which count more than those of `Accept`.
fn car(query: &Query, mut duplicates: bool) -> Result<Format, Refusal> {
    match query.get("car-version") {
        None | Some("1") => {}
        Some(other) => return Err(Refusal::bad(format!("CAR version {other:?} is not written here, only 1"))),
    }
    match query.get("car-order") {
        None | Some("dfs" | "unk") => {}
        Some(other) => return Err(Refusal::bad(format!("the order {other:?} of blocks is not known here, only dfs"))),
    }
    match query.get("car-dups") {
        None => {}
        Some("y") => duplicates = true,
        Some("n") => duplicates = false,
        Some(other) => return Err(Refusal::bad(format!("car-dups is y or n, not {other:?}"))),
    }
    Ok(Format::Car { duplicates })
}

/// One entry of `Accept`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Accepted {
    Is(Format),
    /// Known to the specification, but not made here.
    Unmade,
}

fn best(accepted: &[Accepted]) -> Result<Format, Refusal> {
    let made = accepted.iter().find_map(|choice| if let Accepted::Is(format) = choice { Some(*format) } else { None });
    match made {
        Some(format) => Ok(format),
        None if accepted.is_empty() => Ok(Format::File),
        None => {
            Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, "none of the accepted forms is made here; ask for raw, car (version 1) or */*"))
        }
    }
}

/// Returns the entries of `Accept`, the most wanted first.
fn accepted(headers: &HeaderMap) -> Vec<Accepted> {
    let values = headers.get_all(ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    let mut wanted: Vec<(f32, Accepted)> = values.flat_map(|value| value.split(',')).filter_map(entry).collect();
    // Stable: among equals the first counts.
    wanted.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    wanted.into_iter().map(|(_, choice)| choice).collect()
}

fn entry(text: &str) -> Option<(f32, Accepted)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?.to_ascii_lowercase();
    let parameters: Vec<(&str, &str)> =
        parts.filter_map(|part| part.split_once('=')).map(|(key, value)| (key.trim(), value.trim().trim_matches('"'))).collect();
    let parameter = |wanted: &str| parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(wanted)).map(|(_, value)| *value);
    let weight = parameter("q").map_or(1.0, |weight| weight.parse().unwrap_or(1.0));
    let choice = match name.as_str() {
        "application/vnd.ipld.raw" => Accepted::Is(Format::Raw),
        "application/vnd.ipld.car" => {
            let known = matches!(parameter("version"), None | Some("1"))
                && matches!(parameter("order"), None | Some("" | "dfs" | "unk"))
                && matches!(parameter("dups"), None | Some("y" | "n"));
            if known { Accepted::Is(Format::Car { duplicates: parameter("dups") == Some("y") }) } else { Accepted::Unmade }
        }
        "application/x-tar" | "application/vnd.ipld.dag-json" | "application/vnd.ipld.dag-cbor" | "application/vnd.ipfs.ipns-record" => {
            Accepted::Unmade
        }
        _ => Accepted::Is(Format::File),
    };
    (weight > 0.0).then_some((weight, choice))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed choice is a failed test")]
    use proptest::prelude::*;

    use super::*;

    fn chosen(query: &str, accept: &str) -> Result<(Format, bool), u16> {
        let mut headers = HeaderMap::new();
        if !accept.is_empty() {
            headers.insert(ACCEPT, accept.parse().unwrap());
        }
        let chosen = choose(&Query::parse(Some(query)), &headers);
        chosen.map(|chosen| (chosen.format, chosen.by_accept)).map_err(|refusal| refusal.status.as_u16())
    }

    const ONCE: Format = Format::Car { duplicates: false };
    const EACH: Format = Format::Car { duplicates: true };

    #[test]
    fn the_query_counts_more_than_accept() {
        assert_eq!(chosen("", ""), Ok((Format::File, true)));
        assert_eq!(chosen("format=raw", "application/vnd.ipld.car"), Ok((Format::Raw, false)));
        assert_eq!(chosen("format=car", "application/vnd.ipld.raw"), Ok((ONCE, false)));
        assert_eq!(chosen("format=car", "application/vnd.ipld.car; version=1; order=dfs; dups=y"), Ok((EACH, false)));
        assert_eq!(chosen("car-dups=n", "application/vnd.ipld.car; dups=y"), Ok((ONCE, true)));
        assert_eq!(chosen("format=car&format=raw", ""), Ok((ONCE, false)));
    }

    #[test]
    fn accept_is_a_list_of_preferences() {
        assert_eq!(chosen("", "text/html, application/vnd.ipld.raw;q=0.5"), Ok((Format::File, true)));
        assert_eq!(chosen("", "text/html;q=0.4, application/vnd.ipld.raw;q=0.5"), Ok((Format::Raw, true)));
        assert_eq!(chosen("", "application/vnd.ipld.car;order=foo, application/vnd.ipld.car;order=dfs;dups=y;q=0.5"), Ok((EACH, true)));
        assert_eq!(chosen("", "application/vnd.ipld.raw;q=0"), Ok((Format::File, true)));
        assert_eq!(chosen("", "application/x-tar, */*;q=0.1"), Ok((Format::File, true)));
        for other in ["application/x-tar", "application/vnd.ipld.car; version=2", "application/vnd.ipld.car; order=foo"] {
            assert_eq!(chosen("", other), Err(406), "{other}");
        }
    }

    #[test]
    fn what_is_not_made_is_said() {
        for (query, status) in [
            ("format=tar", 501),
            ("format=dag-json", 501),
            ("format=ipns-record", 400),
            ("format=zip", 400),
            ("format=car&car-version=2", 400),
            ("format=car&car-order=bfs", 400),
            ("format=car&car-dups=maybe", 400),
        ] {
            assert_eq!(chosen(query, ""), Err(status), "{query}");
        }
    }

    proptest! {
        #[test]
        fn no_header_breaks_it(accept in "[ -~]{0,200}", query in "[ -~]{0,100}") {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().unwrap());
            let _ = choose(&Query::parse(Some(&query)), &headers);
        }
    }
}
