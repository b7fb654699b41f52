//! The public summary of training content (Article 53(1)(d)): sections and questions of the template of the AI Office.

use crate::{CanonicalRecord, Dataset, DatasetRole};

use super::{Form, dataset, dependencies, identity, provider, said, section, unsaid};

/// Returns the public summary of training content that the template of the AI Office asks for.
///
/// A fine-tune covers only its own data; the summaries of the models that it was made from are linked in 1.2.
#[must_use]
pub fn ai_act_summary(record: &CanonicalRecord) -> Form {
    let provenance = &record.record().provenance;
    let training: Vec<&Dataset> = provenance.datasets.iter().filter(|dataset| dataset.role != DatasetRole::Test).collect();
    // Where anybody can find it, it is public; of the rest a record does not say whose it is.
    let public = training.iter().filter(|dataset| dataset.uri.is_some()).map(|found| dataset(found)).collect();
    let other = training.iter().filter(|dataset| dataset.uri.is_none()).map(|found| dataset(found)).collect();
    let sections = vec![
        section(
            "1.1",
            "Provider identification",
            [("Name of the provider", provider(record)), ("Contact of the provider", unsaid()), ("Authorised representative", unsaid())],
        ),
        section(
            "1.2",
            "Model identification",
            [
                ("Versioned names of the model", identity(record)),
                ("Models that it depends on, and where their summaries are", dependencies(record)),
                ("Date of placement on the Union market", unsaid()),
            ],
        ),
        section(
            "1.3",
            "Modalities, overall training data size and other characteristics",
            [
                ("Modalities of the training data", unsaid()),
                ("Size of the training data for each modality", size(&training)),
                ("Types of content", unsaid()),
                ("Latest date of acquisition of data", unsaid()),
                ("Languages and other characteristics", unsaid()),
            ],
        ),
        section("2.1", "Publicly available datasets", [("Datasets", public), ("Modalities and general description", unsaid())]),
        section(
            "2.2",
            "Private datasets obtained from third parties",
            [
                ("2.2.1 Datasets licensed commercially by rightsholders or their representatives", unsaid()),
                ("2.2.2 Datasets obtained from other third parties", unsaid()),
            ],
        ),
        section(
            "2.3",
            "Data crawled and scraped from online sources",
            [
                ("Names of the crawlers", unsaid()),
                ("Purposes of the crawlers", unsaid()),
                ("Behaviour of the crawlers", unsaid()),
                ("Period of collection", unsaid()),
                ("Content and sources", unsaid()),
                ("Modalities", unsaid()),
                ("Most relevant domain names", unsaid()),
            ],
        ),
        section(
            "2.4",
            "User data",
            [("Data from interactions with the provider's models", unsaid()), ("Data from the provider's other services", unsaid())],
        ),
        section("2.5", "Synthetic data", [("Synthetic data and modalities", unsaid()), ("Models that generated it", unsaid())]),
        section("2.6", "Other sources of data", [("Datasets whose source the record does not name", other)]),
        section(
            "3.1",
            "Respect of reservation of rights",
            [("Signatory of the code of practice", unsaid()), ("Measures to respect reservations from text and data mining", unsaid())],
        ),
        section("3.2", "Removal of illegal content", [("Measures", unsaid())]),
        section(
            "3.3",
            "Other information",
            [(
                "Personal data in the training data",
                said(provenance.considerations.as_ref().and_then(|stated| crate::export::word(stated.personal_data))),
            )],
        ),
    ];
    let basis = "Template of the AI Office for Article 53(1)(d) of Regulation (EU) 2024/1689.";
    Form::new("Public summary of training content", basis, record, sections)
}

/// The sum of what is recorded, and of how many datasets.
fn size(training: &[&Dataset]) -> Vec<String> {
    let sizes: Vec<u64> = training.iter().filter_map(|dataset| dataset.size.map(crate::Count::get)).collect();
    let sum = sizes.iter().fold(0_u64, |sum, size| sum.saturating_add(*size));
    said((!sizes.is_empty()).then(|| format!("{sum} bytes in {} of {} datasets, not divided by modality", sizes.len(), training.len())))
}
