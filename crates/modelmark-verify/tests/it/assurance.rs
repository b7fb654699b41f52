//! What a report says of its own grounds, and the page that explains it.

use modelmark_chain::Authenticity;
use modelmark_verify::{Agreement, ChainLevel, ChainView, ContractLevel, Evidence, Finality, Look, Policy, judge};

use crate::fixture::{publish, seen};

/// Returns the names in the first column of the table below a heading of the page, each of which has to say something in both of the other columns.
fn levels(heading: &str) -> Vec<String> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/assurance.md")).unwrap();
    let section = page.split_once(&format!("\n## {heading}\n")).unwrap().1;
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert!(cells.len() == 3 && cells.iter().all(|cell| cell.len() > 3), "{row}");
        cells[0].trim_matches('`').to_owned()
    })
    .collect()
}

#[test]
fn the_page_explains_every_level_in_its_order_and_no_other() {
    let names = |levels: Vec<&str>| levels.into_iter().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(levels("Contract"), names(ContractLevel::ALL.iter().map(|level| level.as_str()).collect()));
    assert_eq!(levels("Chain"), names(ChainLevel::ALL.iter().map(|level| level.as_str()).collect()));
    assert_eq!(levels("Finality"), names(Finality::ALL.iter().map(|level| level.as_str()).collect()));
}

#[test]
fn levels_are_spelled_in_json_as_in_text_and_ordered_from_weak_to_strong() {
    for level in ContractLevel::ALL {
        assert_eq!(serde_json::to_value(level).unwrap(), level.as_str());
    }
    for level in ChainLevel::ALL {
        assert_eq!(serde_json::to_value(level).unwrap(), level.as_str());
    }
    assert!(ContractLevel::ALL.is_sorted() && ChainLevel::ALL.is_sorted() && Finality::ALL.is_sorted());
}

#[test]
fn a_report_says_on_whose_word_it_rests() {
    let honest = publish("assurance", 0).evidence();
    let assurance = judge(&honest, &Policy::default()).assurance.unwrap();
    assert_eq!((assurance.contract, assurance.chain), (Some(ContractLevel::Canonical), ChainLevel::Endpoint));
    assert_eq!((assurance.block.number, assurance.block.hash.as_str()), (1, seen().block.hash.to_string().as_str()));
    assert_eq!(assurance.to_string(), "contract canonical, chain by endpoint, block 1 (latest)");

    let of_three = ChainView { level: ChainLevel::Agreement, agreement: Some(Agreement { needed: 2, of: 3 }), ..seen() };
    let agreed = judge(&Evidence { seen: Some(of_three), ..honest.clone() }, &Policy::default()).assurance.unwrap();
    assert_eq!(agreed.to_string(), "contract canonical, chain by agreement of 2 of 3 endpoints, block 1 (latest)");

    let mut listed = honest.clone();
    let Look::Found(token) = &mut listed.token else { unreachable!("the fixture has a token") };
    token.authenticity = Authenticity::Listed { name: "of a friend".to_owned() };
    assert_eq!(judge(&listed, &Policy::default()).assurance.unwrap().contract, Some(ContractLevel::Listed));

    let absent = Evidence { token: Look::Absent("there is no token".to_owned()), ..honest.clone() };
    assert_eq!(judge(&absent, &Policy::default()).assurance.unwrap().contract, None);

    let blind = Evidence { token: Look::Unreachable("nobody answers".to_owned()), seen: None, ..honest };
    assert_eq!(judge(&blind, &Policy::default()).assurance, None);
}
