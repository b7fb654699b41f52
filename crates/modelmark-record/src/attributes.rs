//! The traits that marketplaces list: what a buyer compares at a glance. Presentation only; `provenance` decides.

use crate::compose::short;
use crate::value::{Count, Label};
use crate::{Attribute, Provenance};

/// Most measurements shown as traits.
const MAX_METRICS: usize = 12;

/// Returns the traits of a model.
pub(crate) fn of(provenance: &Provenance) -> Vec<Attribute> {
    let tensors = provenance.weights.tensors.as_ref();
    let mut traits = Traits::default();
    traits.text("License", Some(provenance.license.spdx.as_str()));
    traits.text("Task", provenance.task.as_ref().map(Label::as_str));
    traits.text("Architecture", provenance.model_architecture.as_ref().map(Label::as_str));
    traits.text("Framework", provenance.framework.as_ref().map(|framework| framework.name.as_str()));
    traits.text("Version", provenance.version.as_ref().map(Label::as_str));
    traits.number("Parameters", tensors.map(|tensors| tensors.parameters));
    traits.text(
        "Precision",
        tensors.and_then(|tensors| tensors.dtypes.iter().max_by_key(|(_, elements)| **elements)).map(|(dtype, _)| dtype.as_str()),
    );
    traits.text("Format", provenance.weights.format.as_ref().map(Label::as_str));
    traits.number("Files", Count::try_from(provenance.model.files.len() as u64).ok());
    traits.text("Size", Some(&format!("{}B", short(provenance.model.size))));
    for edge in &provenance.lineage {
        traits.text("Derived from", edge.parent.name.as_ref().map(Label::as_str));
    }
    for evaluation in provenance.evaluations.iter().take(MAX_METRICS) {
        traits.text(evaluation.metric.as_str(), Some(evaluation.value.as_str()));
    }
    traits.0
}

#[derive(Default)]
struct Traits(Vec<Attribute>);

impl Traits {
    /// Adds a trait; a text that is no label (a licence expression of 500 characters) is not worth a trait.
    fn text(&mut self, name: &str, value: Option<&str>) {
        if let (Ok(name), Some(Ok(value))) = (name.parse(), value.map(str::parse)) {
            self.0.push(Attribute::text(name, value));
        }
    }

    fn number(&mut self, name: &str, value: Option<Count>) {
        if let (Ok(name), Some(value)) = (name.parse(), value) {
            self.0.push(Attribute::number(name, value));
        }
    }
}
