//! The Model Documentation Form of the General-Purpose AI Code of Practice (Articles 53(1)(a) and (b), Annexes XI and XII).

use crate::{CanonicalRecord, Training};

use super::{Form, dataset, dependencies, identity, provider, said, section, unsaid};

/// Returns the Model Documentation Form of the Code of Practice.
#[must_use]
pub fn ai_act_form(record: &CanonicalRecord) -> Form {
    let provenance = &record.record().provenance;
    let (stated, training) = (provenance.considerations.as_ref(), provenance.training.as_ref());
    let tensors = provenance.weights.tensors.as_ref();
    let authenticity = vec![
        format!("provenance record {} ({})", record.id(), record.id().token_uri()),
        format!("creator's account {}", provenance.creator.account),
    ];
    let license =
        vec![format!("{}{}", provenance.license.spdx, provenance.license.uri.as_ref().map(|uri| format!(", {uri}")).unwrap_or_default())];
    // The form asks for one of the two.
    let limits = stated.and_then(|stated| stated.limitations.as_ref()).map(|limits| format!("limitations: {limits}"));
    let uses = said(stated.and_then(|stated| stated.intended_use.as_ref())).into_iter().chain(limits).collect();
    let framework = provenance.framework.as_ref();
    let software = framework.map(|framework| {
        framework.version.as_ref().map_or_else(|| framework.name.to_string(), |version| format!("{} {version}", framework.name))
    });
    let sections = vec![
        section(
            "1",
            "General information",
            [
                ("Legal name for the model provider", provider(record)),
                ("Model name", identity(record)),
                ("Model authenticity", authenticity),
                ("Release date", said(provenance.created_at.as_ref())),
                ("Union market release date", unsaid()),
                ("Model dependencies", dependencies(record)),
            ],
        ),
        section(
            "2",
            "Model properties",
            [
                ("Model architecture", architecture(record)),
                ("Design specifications of the model", unsaid()),
                ("Input modalities", unsaid()),
                ("Output modalities", unsaid()),
                ("Total model size", said(tensors.map(|tensors| format!("{} parameters", tensors.parameters)))),
            ],
        ),
        section(
            "3",
            "Methods of distribution and licenses",
            [("Distribution channels", said(record.record().external_url.as_ref())), ("License", license)],
        ),
        section(
            "4",
            "Use",
            [
                ("Acceptable Use Policy", unsaid()),
                ("Intended uses", uses),
                ("Type and nature of AI systems in which the general-purpose AI model can be integrated", said(provenance.task.as_ref())),
                ("Technical means for model integration", unsaid()),
                ("Required hardware", unsaid()),
                ("Required software", said(software)),
            ],
        ),
        section(
            "5",
            "Training process",
            [("Design specifications of the training process", process(record)), ("Decision rationale", unsaid())],
        ),
        section(
            "6",
            "Information on the data used for training, testing, and validation",
            [
                ("Data type/modality", unsaid()),
                ("Data provenance", provenance.datasets.iter().map(dataset).collect()),
                ("How data was obtained and selected", unsaid()),
                ("Number of data points", unsaid()),
                ("Scope and main characteristics", unsaid()),
                ("Data curation methodologies", unsaid()),
                ("Measures to detect unsuitability of data sources", unsaid()),
                ("Measures to detect identifiable biases", said(stated.and_then(|stated| stated.fairness.as_ref()))),
            ],
        ),
        section(
            "7",
            "Computational resources (during training)",
            [
                ("Training time", training.map(time).unwrap_or_default()),
                ("Amount of computation used for training", unsaid()),
                ("Measurement methodology", unsaid()),
            ],
        ),
        section(
            "8",
            "Energy consumption (during training and inference)",
            [
                ("Amount of energy used for training", training.map(energy).unwrap_or_default()),
                ("Measurement methodology", unsaid()),
                ("Benchmarked amount of computation used for inference", unsaid()),
                ("Measurement methodology of computation used for inference", unsaid()),
            ],
        ),
    ];
    let basis =
        "Form of the General-Purpose AI Code of Practice for Articles 53(1)(a) and (b) of Regulation (EU) 2024/1689, Annexes XI and XII.";
    Form::new("Model documentation form", basis, record, sections)
}

fn architecture(record: &CanonicalRecord) -> Vec<String> {
    let architecture = record.record().provenance.architecture.as_ref();
    said(
        architecture.map(|known| known.name.as_ref().map_or_else(|| known.family.to_string(), |name| format!("{name} ({})", known.family))),
    )
}

/// Settings of the run, its code and its log.
fn process(record: &CanonicalRecord) -> Vec<String> {
    let provenance = &record.record().provenance;
    let training = provenance.training.as_ref();
    let code = training.and_then(|training| training.code.as_ref());
    let facts = [
        ("code", code.and_then(|code| code.uri.as_ref()).map(ToString::to_string)),
        ("commit", code.and_then(|code| code.commit.as_ref()).map(ToString::to_string)),
        ("run", training.and_then(|training| training.run.as_ref()).map(ToString::to_string)),
        ("container image", training.and_then(|training| training.image.as_ref()).map(ToString::to_string)),
    ];
    let facts = facts.into_iter().filter_map(|(what, value)| Some(format!("{what}: {}", value?)));
    facts.chain(provenance.training_config.iter().map(|(key, value)| format!("{key}: {value}"))).collect()
}

/// When it was, and on what: the form wants days of the clock and of hardware.
fn time(training: &Training) -> Vec<String> {
    let (started, finished) = (training.started_at.as_ref(), training.finished_at.as_ref());
    let devices = training.devices.map(|devices| format!("{devices} × ")).unwrap_or_default();
    let hardware = training.hardware.as_ref().map(|hardware| format!("on {devices}{hardware}"));
    [started.map(|time| format!("from {time}")), finished.map(|time| format!("until {time}")), hardware].into_iter().flatten().collect()
}

fn energy(training: &Training) -> Vec<String> {
    let energy = training.energy_kwh.as_ref().map(|energy| format!("{energy} kWh"));
    let emissions = training.co2_grams.as_ref().map(|grams| format!("{grams} g of CO2 equivalent"));
    [energy, emissions].into_iter().flatten().collect()
}
