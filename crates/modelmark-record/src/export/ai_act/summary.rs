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
    let personal = provenance.considerations.as_ref().and_then(|stated| crate::export::word(stated.personal_data));
    let personal = said(personal.map(|word| format!("personal data in the training data: {word}")));
    let sections = vec![
        section(
            "1.1",
            "Provider identification",
            [("Provider name and contact details", provider(record)), ("Authorised representative name and contact details", unsaid())],
        ),
        section(
            "1.2",
            "Model identification",
            [
                ("Versioned model name(s)", identity(record)),
                ("Model dependencies", dependencies(record)),
                ("Date of placement of the model on the Union market", unsaid()),
            ],
        ),
        section(
            "1.3",
            "Modalities, overall training data size and other characteristics",
            [
                ("Modality", unsaid()),
                ("Training data size", size(&training)),
                ("Types of content", unsaid()),
                ("Latest date of data acquisition/collection for model training", unsaid()),
                ("Description of the linguistic characteristics of the overall training data", unsaid()),
                ("Other relevant characteristics of the overall training data", unsaid()),
            ],
        ),
        section(
            "2.1",
            "Publicly available datasets",
            [
                ("Modality(ies) of the content covered by the datasets concerned", unsaid()),
                ("List of large publicly available datasets", public),
                ("General description of other publicly available datasets not listed above", unsaid()),
            ],
        ),
        section(
            "2.2.1",
            "Datasets commercially licensed by rightsholders or their representatives",
            [
                ("Transactional commercial licensing agreements with rightsholders or their representatives", unsaid()),
                ("Modality(ies) of the content covered by the datasets concerned", unsaid()),
            ],
        ),
        section(
            "2.2.2",
            "Private datasets obtained from other third parties",
            [
                ("Private datasets obtained from third parties that are not licensed as described in Section 2.2.1", unsaid()),
                ("Modality(ies) of the content covered by the datasets concerned", unsaid()),
                ("List of publicly known private datasets obtained from third parties", unsaid()),
                ("General description of non-publicly known private datasets obtained from third parties", unsaid()),
            ],
        ),
        section(
            "2.3",
            "Data crawled and scraped from online sources",
            [
                ("Crawlers used by the provider or on behalf of the provider", unsaid()),
                ("Crawler name(s)/identifier(s)", unsaid()),
                ("Purposes of the crawler(s)", unsaid()),
                ("General description of crawler behaviour", unsaid()),
                ("Period of data collection", unsaid()),
                ("Comprehensive description of the type of content and online sources crawled", unsaid()),
                ("Type of modality covered", unsaid()),
                ("Summary of the most relevant domain names crawled", unsaid()),
            ],
        ),
        section(
            "2.4",
            "User data",
            [
                ("Data from user interactions with the AI model", unsaid()),
                ("Data from user interactions with the provider's other services or products", unsaid()),
                ("General description of the provider's services or products used to collect the user data", unsaid()),
                ("Type of modality covered", unsaid()),
            ],
        ),
        section(
            "2.5",
            "Synthetic data",
            [
                ("Synthetic AI-generated data created by the provider or on their behalf", unsaid()),
                ("Modality of the synthetic data", unsaid()),
                ("General-purpose AI model(s) used to generate the synthetic data", unsaid()),
                ("Information about other AI models used to generate synthetic data", unsaid()),
            ],
        ),
        section("2.6", "Other sources of data", [("Narrative description of these data sources and the data", other)]),
        section(
            "3.1",
            "Respect of reservation of rights from text and data mining exception or limitation",
            [
                ("Signatory to the Code of Practice for general-purpose AI models", unsaid()),
                ("Measures implemented to respect reservations of rights from the TDM exception or limitation", unsaid()),
            ],
        ),
        section("3.2", "Removal of illegal content", [("General description of measures taken", unsaid())]),
        section("3.3", "Other information (optional)", [("Other relevant information about data processing", personal)]),
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
