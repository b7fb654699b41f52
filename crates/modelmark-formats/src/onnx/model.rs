//! The outermost message: what a model says of itself, its graph, its functions, and graphs for training.

use super::{MAX_DOMAINS, Reader};
use crate::protobuf::{Field, Message};
use crate::{FindingCode, FormatError};

/// What a person is told of the model, kept until the model's own entries are in: those must not pass for these.
#[derive(Default)]
struct About(Vec<(String, String)>);

impl About {
    fn say(&mut self, key: impl Into<String>, value: impl Into<String>) {
        // Bounded by what is kept of metadata at all.
        if self.0.len() < crate::MAX_METADATA_ENTRIES {
            self.0.push((key.into(), value.into()));
        }
    }
}

impl Reader<'_> {
    /// Reads a `ModelProto`.
    pub(super) fn model(&mut self) -> Result<(), FormatError> {
        let mut message = self.wire.whole();
        let mut about = About::default();
        let (mut version, mut graph, mut functions, mut trainings) = (None, false, 0_u64, 0_u64);
        while let Some(field) = self.wire.next(&mut message)? {
            if matches!(field.number, 1..=7) {
                message.once(&field)?;
            }
            match field.number {
                1 => version = Some(field.number()?),
                2 => about.say("onnx.producer_name", self.wire.text(&field, "the producer")?),
                3 => about.say("onnx.producer_version", self.wire.text(&field, "the producer's version")?),
                4 => about.say("onnx.domain", self.wire.text(&field, "the model's domain")?),
                5 => about.say("onnx.model_version", field.number()?.cast_signed().to_string()),
                6 => about.say("onnx.doc_string", self.wire.text(&field, "a description")?),
                7 => {
                    graph = true;
                    self.graph(&message, &field, "")?;
                }
                8 => self.opset(&message, &field, &mut about)?,
                14 => self.property(&message, &field)?,
                20 => {
                    self.training(&message, &field, trainings)?;
                    trainings += 1;
                }
                25 => {
                    self.function(&message, &field)?;
                    functions += 1;
                }
                // Configurations of devices.
                26 => {}
                _ => self.skip_unknown(),
            }
        }
        let version =
            version.filter(|_| graph).ok_or_else(|| FormatError::malformed(0, "no version of the IR, or no graph: not a model"))?;
        about.say("onnx.ir_version", version.to_string());
        for (key, count) in [("onnx.functions", functions), ("onnx.training_graphs", trainings)].iter().filter(|(_, count)| *count > 0) {
            about.say(*key, count.to_string());
        }
        about.0.iter().for_each(|(key, value)| self.contents.describe(key, value));
        Ok(())
    }

    /// Reads an `OperatorSetIdProto`.
    fn opset(&mut self, outer: &Message, field: &Field, about: &mut About) -> Result<(), FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        let (mut domain, mut version) = (String::new(), 0);
        while let Some(field) = self.wire.next(&mut message)? {
            match field.number {
                1 => domain = self.name(&field, "a domain")?,
                2 => version = field.number()?,
                _ => self.skip_unknown(),
            }
        }
        let shown = if domain.is_empty() { "ai.onnx" } else { &domain };
        about.say(format!("onnx.opset.{shown}"), version.cast_signed().to_string());
        self.uses(domain);
        Ok(())
    }

    /// Notes that operators of a domain are used.
    pub(super) fn uses(&mut self, domain: String) {
        if self.domains.len() < MAX_DOMAINS {
            self.domains.insert(domain);
        } else if !self.domains.contains(&domain) && self.contents.findings.iter().all(|finding| finding.code != FindingCode::Cut) {
            self.contents.note(FindingCode::Cut, format!("operators of more than {MAX_DOMAINS} domains"));
        }
    }

    /// Reads a `StringStringEntryProto` of the model.
    fn property(&mut self, outer: &Message, field: &Field) -> Result<(), FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        let (mut key, mut value) = (String::new(), String::new());
        while let Some(field) = self.wire.next(&mut message)? {
            match field.number {
                1 => key = self.wire.text(&field, "a metadata key")?,
                2 => value = self.wire.text(&field, "a metadata value")?,
                _ => self.skip_unknown(),
            }
        }
        self.contents.describe(&key, &value);
        Ok(())
    }

    /// Reads a `TrainingInfoProto`: two graphs.
    fn training(&mut self, outer: &Message, field: &Field, index: u64) -> Result<(), FormatError> {
        let mut message = self.wire.inside(outer, field)?;
        while let Some(field) = self.wire.next(&mut message)? {
            match field.number {
                1 | 2 => {
                    message.once(&field)?;
                    let part = if field.number == 1 { "initialization" } else { "algorithm" };
                    self.graph(&message, &field, &format!("training[{index}].{part}/"))?;
                }
                3 | 4 => {}
                _ => self.skip_unknown(),
            }
        }
        Ok(())
    }

    /// Reads a `FunctionProto`: nodes, and attributes with defaults. Its name may stand after them, so that it is walked twice.
    fn function(&mut self, outer: &Message, field: &Field) -> Result<(), FormatError> {
        let start = self.wire.inside(outer, field)?;
        let (mut name, mut domain, mut overload) = (String::new(), String::new(), String::new());
        let mut message = start;
        while let Some(field) = self.wire.next(&mut message)? {
            if matches!(field.number, 1 | 10 | 13) {
                message.once(&field)?;
            }
            match field.number {
                1 => name = self.name(&field, "a function's name")?,
                10 => domain = self.name(&field, "a domain")?,
                13 => overload = self.name(&field, "an overload")?,
                4..=9 | 11 | 12 | 14 => {}
                _ => self.skip_unknown(),
            }
        }
        let separator = if overload.is_empty() { "" } else { ":" };
        let way = self.way(field.at, &[&domain, "::", &name, separator, &overload, "/"])?;
        if self.functions.len() < MAX_DOMAINS {
            self.functions.insert(domain);
        }
        let mut message = start;
        let mut nodes = 0_u64;
        while let Some(field) = self.wire.next(&mut message)? {
            match field.number {
                7 => {
                    self.node(&message, &field, &way, nodes)?;
                    nodes += 1;
                }
                11 => self.attribute(&message, &field, &way)?,
                _ => {}
            }
        }
        Ok(())
    }
}
