//! What the configuration of a model asks a loader to run: code of the model's own, and templates.

mod read;

use modelmark_formats::{Finding, FindingCode};

use self::read::{Asked, Reader};
use super::Findings;
use crate::walk::Tree;
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
        let folder = found.path.as_str().strip_suffix(name).unwrap_or_default();
        let reader = Reader { pipeline: name == "model_index.json", is_own: &|module| has_module(tree, folder, module) };
        match reader.read(&mut tree.start_of(found, MAX_BYTES)?) {
            Ok(asked) => told(&asked, &mut note),
            // A loader may be less strict.
            Err(error) => note(FindingCode::CodeOpaque, format!("a configuration that cannot be read: {error}")),
        }
    }
    Ok(())
}

fn told(asked: &Asked, note: &mut impl FnMut(FindingCode, String)) {
    for key in &asked.own_classes {
        note(FindingCode::CodeBearing, format!("`{key}` asks the loader to run code of the model's own (`trust_remote_code`)"));
    }
    if asked.trusts {
        note(FindingCode::CodeBearing, "`trust_remote_code` is switched on".to_owned());
    }
    if asked.template {
        note(FindingCode::CodeTemplate, "a template for conversations (Jinja) stands in `chat_template`".to_owned());
    }
    for module in &asked.modules {
        note(
            FindingCode::CodeBearing,
            format!("names the module {module:?} of the model's own, which a loader runs (`trust_remote_code`)"),
        );
    }
}

/// Tells whether a module is a file or a folder of the model and not of an installed library.
fn has_module(tree: &Tree, folder: &str, module: &str) -> bool {
    let here = [format!("{folder}{module}.py"), format!("{folder}{module}/{module}.py"), format!("{folder}{module}/__init__.py")];
    here.into_iter()
        .any(|path| ModelPath::try_from(path).is_ok_and(|path| tree.files.binary_search_by(|file| file.path.cmp(&path)).is_ok()))
}
