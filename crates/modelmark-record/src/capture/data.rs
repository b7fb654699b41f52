//! What lies beside data that is fingerprinted: its card, as the Hugging Face hub defines it, or its Croissant description.

use crate::Dataset;
use crate::value::Label;

use super::intake::Intake;
use super::yaml::Node;
use super::{Claims, FindingCode, card, croissant, json};

/// Returns what a file says of the data that is called `dataset`.
pub(super) fn read(dataset: &Label, file: &str, bytes: &[u8], intake: &mut Intake<'_>) -> Claims {
    let described = if file.ends_with(".json") { description(dataset, bytes, intake) } else { of_card(dataset, bytes, intake) };
    Claims {
        datasets: described.filter(|described| *described != card::dataset(dataset.clone())).into_iter().collect(),
        ..Claims::default()
    }
}

/// The licence of a card. Its other keys say what the data is for and not what it is.
fn of_card(dataset: &Label, bytes: &[u8], intake: &mut Intake<'_>) -> Option<Dataset> {
    let node = card::front_matter(bytes, intake);
    let license = card::license(&node, intake)?;
    Some(Dataset { license: Some(license.spdx), ..card::dataset(dataset.clone()) })
}

fn description(dataset: &Label, bytes: &[u8], intake: &mut Intake<'_>) -> Option<Dataset> {
    match json::parse(bytes) {
        Ok(node @ Node::Map(_)) => Some(croissant::describe(card::dataset(dataset.clone()), &node, intake)),
        Ok(_) => None,
        Err(reason) => {
            intake.report(FindingCode::Unreadable, "datasets", reason);
            None
        }
    }
}
