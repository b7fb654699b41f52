//! What the configuration of a model asks a loader to run: code of the model's own, and templates.

use modelmark_formats::{Finding, FindingCode};
use serde_json::{Map, Value};

use super::Findings;
use crate::walk::{FoundFile, Tree};
use crate::{DigestError, ModelPath};

/// Configuration files that loaders of the hub's models read, whatever folder they are in.
const NAMES: [&str; 14] = [
    "config.json",
    "tokenizer_config.json",
    "processor_config.json",
    "preprocessor_config.json",
    "image_processor_config.json",
    "video_preprocessor_config.json",
    "feature_extractor_config.json",
    "generation_config.json",
    "adapter_config.json",
    "scheduler_config.json",
    "chat_template.json",
    "model_index.json",
    "modules.json",
    "config_sentence_transformers.json",
];

/// Longest configuration that is read, in bytes; tokenizers list their special tokens there.
const MAX_BYTES: u64 = 16 << 20;
/// Keys by which a configuration names classes in files of the model.
const OWN_CLASSES: [&str; 2] = ["auto_map", "custom_pipelines"];

/// Notices what the configuration files of the model ask for.
pub(super) fn notice(tree: &Tree, findings: &mut Findings) -> Result<(), DigestError> {
    for found in &tree.files {
        let name = found.path.file_name();
        let mut note = |code, message: String| findings.push((Some(found.path.clone()), Finding { code, message }));
        if name.ends_with(".jinja") {
            note(FindingCode::CodeTemplate, "a template for conversations (Jinja)".to_owned());
        }
        if !NAMES.contains(&name) {
            continue;
        }
        if found.size > MAX_BYTES {
            note(FindingCode::CodeOpaque, format!("a configuration of more than {MAX_BYTES} bytes, which is not read"));
            continue;
        }
        let value: Option<Value> = serde_json::from_slice(&tree.start_of(found, MAX_BYTES)?).ok();
        match value {
            Some(Value::Object(object)) => of_object(tree, found, &object, &mut note),
            Some(Value::Array(modules)) if name == "modules.json" => of_modules(tree, found, &modules, &mut note),
            _ => {}
        }
    }
    Ok(())
}

fn of_object(tree: &Tree, found: &FoundFile, object: &Map<String, Value>, note: &mut impl FnMut(FindingCode, String)) {
    for key in OWN_CLASSES {
        if object.get(key).is_some_and(|map| !is_empty(map)) {
            note(FindingCode::CodeBearing, format!("`{key}` asks the loader to run code of the model's own (`trust_remote_code`)"));
        }
    }
    if object.get("trust_remote_code") == Some(&Value::Bool(true)) {
        note(FindingCode::CodeBearing, "`trust_remote_code` is switched on".to_owned());
    }
    if object.get("chat_template").is_some_and(|template| !is_empty(template)) {
        note(FindingCode::CodeTemplate, "a template for conversations (Jinja) stands in `chat_template`".to_owned());
    }
    if found.path.file_name() == "model_index.json" {
        // A part of a pipeline is a pair of module and class.
        let modules = object.values().filter_map(|part| part.as_array()?.first()?.as_str());
        own_modules(tree, found, modules.chain(object.get("_class_name").and_then(|class| class.as_array()?.first()?.as_str())), note);
    }
}

fn of_modules(tree: &Tree, found: &FoundFile, modules: &[Value], note: &mut impl FnMut(FindingCode, String)) {
    let kinds = modules.iter().filter_map(|module| module.get("type")?.as_str()?.split('.').next());
    own_modules(tree, found, kinds, note);
}

/// Notices modules that are files or folders of the model and not of an installed library.
fn own_modules<'m>(tree: &Tree, found: &FoundFile, modules: impl Iterator<Item = &'m str>, note: &mut impl FnMut(FindingCode, String)) {
    let folder = found.path.as_str().strip_suffix(found.path.file_name()).unwrap_or_default();
    let mut named: Vec<&str> = modules.filter(|module| has_module(tree, folder, module)).collect();
    named.sort_unstable();
    named.dedup();
    for module in named {
        note(
            FindingCode::CodeBearing,
            format!("names the module {module:?} of the model's own, which a loader runs (`trust_remote_code`)"),
        );
    }
}

fn has_module(tree: &Tree, folder: &str, module: &str) -> bool {
    let here = [format!("{folder}{module}.py"), format!("{folder}{module}/{module}.py"), format!("{folder}{module}/__init__.py")];
    here.into_iter()
        .any(|path| ModelPath::try_from(path).is_ok_and(|path| tree.files.binary_search_by(|file| file.path.cmp(&path)).is_ok()))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}
