//! The description of a model in JSON, read for what loading it would run: nothing of it is kept, imported or decoded.
//!
//! Sources: `keras/src/saving/serialization_lib.py`; CVE-2024-3660, CVE-2025-1550, CVE-2025-8747, CVE-2025-9905, CVE-2025-9906, CVE-2025-12058,
//! CVE-2025-49655.

use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::contents::{Contents, FindingCode, short};

/// Layers and objects whose description holds code, or a pickle, or names another model to load.
const CARRIERS: [&str; 5] = ["FlaxLayer", "JaxLayer", "Lambda", "TorchModuleWrapper", "__lambda__"];
/// Functions of Keras itself that do more than compute.
const TOOLS: [&str; 9] = [
    "clear_session",
    "enable_unsafe_deserialization",
    "get_file",
    "load_img",
    "load_model",
    "load_weights",
    "pip_install",
    "save_img",
    "save_model",
];
/// Packages of the Keras project.
const FAMILY: [&str; 6] = ["keras", "keras_cv", "keras_hub", "keras_nlp", "keras_tuner", "tf_keras"];

/// Notes code that a description carries or names.
pub(super) fn judge(reader: Box<dyn Read + '_>, contents: &mut Contents) {
    let mut scan = Scan { contents, depth: 0 };
    if let Err(error) = scanned(reader, &mut scan) {
        let message = format!("the description of the model cannot be read, and may hold code: {error}");
        contents.note(FindingCode::CodeOpaque, message);
    }
}

fn scanned(reader: Box<dyn Read + '_>, scan: &mut Scan<'_>) -> Result<(), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_reader(reader);
    Object { scan, text: None }.deserialize(&mut json)?;
    json.end()
}

/// Keeps the flat texts of a small description.
pub(super) fn describe(reader: Box<dyn Read + '_>, contents: &mut Contents) {
    match serde_json::from_reader::<_, serde_json::Map<String, serde_json::Value>>(reader.take(1 << 16)) {
        Ok(map) => {
            map.iter().filter_map(|(key, value)| Some((key, value.as_str()?))).for_each(|(key, value)| contents.describe(key, value))
        }
        Err(error) => contents.note(FindingCode::Malformed, format!("metadata.json: {error}")),
    }
}

/// What is known while a description is walked.
struct Scan<'c> {
    contents: &'c mut Contents,
    depth: usize,
}

/// What an object says of the class that is made of it.
#[derive(Default)]
struct Class {
    name: Option<String>,
    module: Option<String>,
    registered: Option<String>,
    /// A configuration that is a text: the name of a function.
    config: Option<String>,
    kind: Option<String>,
}

impl Scan<'_> {
    fn class(&mut self, class: &Class) {
        let name = class.name.as_deref().unwrap_or_default();
        let module = class.module.as_deref().unwrap_or_default();
        let package = module.split('.').next().unwrap_or_default();
        let function = class.config.as_deref().unwrap_or_default();
        if self.depth == 1 && !name.is_empty() {
            self.contents.describe("keras.class", name);
        }
        if CARRIERS.contains(&name) || class.kind.as_deref() == Some("lambda") {
            let name = if name.is_empty() { "Lambda" } else { name };
            self.note(FindingCode::CodeBearing, format!("{name}: code that loading or running the model carries out"));
        } else if name == "TFSMLayer" {
            self.note(FindingCode::Outside, "TFSMLayer: loads a SavedModel from a path".to_owned());
        } else if name.is_empty() || module.is_empty() {
            if class.registered.as_deref().is_some_and(|registered| registered.contains('>')) {
                self.note(
                    FindingCode::CodeNeeded,
                    format!("custom object {:?}", class.registered.as_deref().map(short).unwrap_or_default()),
                );
            }
        } else if FAMILY.contains(&package) {
            let last = if function.is_empty() { name } else { function };
            if TOOLS.contains(&last) {
                self.note(FindingCode::CodeBearing, format!("names {last} of {module}, which does more than compute"));
            } else if package != "keras" && package != "tf_keras" {
                self.note(FindingCode::CodeNeeded, format!("{name} of package {package}"));
            }
        } else if package == "builtins" || package == "__main__" {
            let what = if function.is_empty() { name } else { function };
            self.note(FindingCode::CodeNeeded, format!("custom function or class {:?}", short(what)));
        } else {
            let message =
                format!("names {:?} of module {:?}: older versions of Keras import it and call what they find", short(name), short(module));
            self.note(FindingCode::CodeBearing, message);
        }
    }

    /// Adds a finding once.
    fn note(&mut self, code: FindingCode, message: String) {
        if self.contents.findings.iter().all(|finding| finding.code != code || finding.message != message) {
            self.contents.note(code, message);
        }
    }
}

/// Walks one value. Texts are handed back through `text`.
struct Object<'s, 'c> {
    scan: &'s mut Scan<'c>,
    text: Option<&'s mut Option<String>>,
}

impl<'de> DeserializeSeed<'de> for Object<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        if let Some(text) = self.text {
            *text = Some(value.to_owned());
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Object { scan: &mut *self.scan, text: None })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut class = Class::default();
        self.scan.depth += 1;
        while let Some(key) = map.next_key::<String>()? {
            let mut text = None;
            map.next_value_seed(Object { scan: &mut *self.scan, text: Some(&mut text) })?;
            let Some(value) = text else { continue };
            match key.as_str() {
                "class_name" => class.name = Some(value),
                "module" => class.module = Some(value),
                "registered_name" => class.registered = Some(value),
                "function_type" | "output_shape_type" | "mask_type" => {
                    class.kind = class.kind.filter(|kind| kind == "lambda").or(Some(value))
                }
                "config" => class.config = Some(value),
                "vocabulary" | "idf_weights" if !value.is_empty() => {
                    let message = format!("a layer reads its vocabulary from {:?}", short(&value));
                    self.scan.note(FindingCode::Outside, message);
                }
                _ => {}
            }
        }
        self.scan.class(&class);
        self.scan.depth -= 1;
        Ok(())
    }
}
