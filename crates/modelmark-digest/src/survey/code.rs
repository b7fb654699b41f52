//! Code in a model: in its files by their content, and in what its configuration asks a loader to run.

use std::collections::{HashMap, HashSet};
use std::os::fd::AsFd as _;

use modelmark_formats::{Carried, Contents, Finding, FindingCode, FormatError, carried};

use super::{Findings, WeightSet, WeightsFile, configuration};
use crate::walk::{FoundFile, Tree};
use crate::{DigestError, ModelPath};

/// Where GGUF keeps the template of conversations.
const GGUF_TEMPLATE: &str = "tokenizer.chat_template";

/// Notices all that is code or may be. What the readers of weights noticed is among the findings already.
pub(super) fn notice(tree: &Tree, sets: &[WeightSet], graphs: &[WeightsFile], findings: &mut Findings) -> Result<(), DigestError> {
    let read: HashMap<&ModelPath, &Contents> = sets
        .iter()
        .flat_map(|set| &set.files)
        .chain(graphs)
        .filter_map(|file| file.contents.as_ref().ok()?.as_ref().map(|contents| (&file.path, contents)))
        .collect();
    let listed: HashSet<&ModelPath> = sets.iter().flat_map(|set| &set.files).map(|file| &file.path).collect();
    let safe = sets.iter().any(|set| set.extension == "safetensors");
    for found in &tree.files {
        let mut note = |finding| findings.push((Some(found.path.clone()), finding));
        let (carried, of_weights) = match read.get(&found.path) {
            Some(contents) => (of_contents(contents, &mut note), true),
            None => (look(tree, found)?, false),
        };
        let harmless = !carried.findings.iter().any(|finding| finding.code.runs_code());
        if safe && carried.pickle && harmless {
            let message = "a pickle, which holds nothing but data; the safetensors files need none".to_owned();
            note(Finding { code: FindingCode::PickleBeside, message });
        }
        if !of_weights {
            carried.findings.into_iter().for_each(&mut note);
        }
        if !listed.contains(&found.path) && tree.is_pointer(found)? {
            note(Finding { code: FindingCode::Pointer, message: FormatError::Pointer.to_string() });
        }
    }
    configuration::notice(tree, findings)
}

fn of_contents(contents: &Contents, note: &mut impl FnMut(Finding)) -> Carried {
    if contents.metadata.contains_key(GGUF_TEMPLATE) {
        let message = "a template for conversations (Jinja) stands in the metadata".to_owned();
        note(Finding { code: FindingCode::CodeTemplate, message });
    }
    Carried { findings: contents.findings.clone(), pickle: contents.format == "pytorch" }
}

fn look(tree: &Tree, found: &FoundFile) -> Result<Carried, DigestError> {
    let handle = tree.open(found)?;
    let carried = carried(&handle, found.path.file_name());
    tree.check(found, handle.as_fd())?;
    carried.map_err(|error| match error {
        FormatError::Read(source) => tree.failed(&found.path, source),
        _ => tree.changed(found),
    })
}
