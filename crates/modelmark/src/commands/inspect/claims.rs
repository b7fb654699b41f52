//! What the files of a model say of its licence and of what it was made from, where they say it to different readers.

use modelmark_digest::{ManifestKind, Survey};
use modelmark_formats::{Adapter, FindingCode, is_local};
use modelmark_record::Spdx;

use super::WeightsPage;
use super::warnings::FindingLine;
use crate::commands::digest::explain;
use crate::error::Result;

/// Keys under which formats keep a licence.
const LICENSE_KEYS: [&str; 3] = ["general.license", "license", "modelspec.license"];
/// Names of files that hold the text of a licence.
const LICENSE_FILES: [&str; 4] = ["LICENSE", "LICENSE.txt", "LICENSE.md", "COPYING"];
/// How known texts begin: what stands near the start of each, and its SPDX id without the choice of later versions.
const TEXTS: [(&[&str], &str); 8] = [
    (&["Apache License", "Version 2.0"], "Apache-2.0"),
    (&["MIT License"], "MIT"),
    (&["GNU AFFERO GENERAL PUBLIC LICENSE", "Version 3"], "AGPL-3.0"),
    (&["GNU LESSER GENERAL PUBLIC LICENSE", "Version 3"], "LGPL-3.0"),
    (&["GNU GENERAL PUBLIC LICENSE", "Version 3"], "GPL-3.0"),
    (&["BSD 3-Clause License"], "BSD-3-Clause"),
    (&["Attribution-NonCommercial 4.0 International"], "CC-BY-NC-4.0"),
    (&["Attribution 4.0 International"], "CC-BY-4.0"),
];
/// Bytes in which a licence says which one it is.
const START_BYTES: u64 = 4096;
/// Most models that one file is asked for as parents.
const MAX_PARENTS: usize = 16;

/// Tells of files that state another licence than the model card.
pub(super) fn license_conflicts(survey: &Survey, pages: &[WeightsPage], stated: Option<&Spdx>) -> Result<Vec<FindingLine>> {
    let Some(stated) = stated else { return Ok(Vec::new()) };
    let mut findings = Vec::new();
    let mut compare = |file: &str, other: &str| {
        let known = other.parse::<Spdx>().map_or_else(|_| other.to_owned(), |spdx| spdx.to_string());
        // An expression allows each of the licences in it.
        if !stated.to_string().to_ascii_lowercase().contains(&known.to_ascii_lowercase()) {
            findings.push(FindingLine::of(FindingCode::LicenseConflict, file, format!("says {known}; the model says {stated}")));
        }
    };
    for page in pages {
        let metadata = page.contents.iter().flat_map(|inside| LICENSE_KEYS.iter().filter_map(|key| inside.metadata.get(*key)));
        metadata.for_each(|license| compare(page.path.as_str(), license));
    }
    if survey.kind() == ManifestKind::File {
        return Ok(findings);
    }
    for name in LICENSE_FILES {
        let start = survey.start_of(name, START_BYTES).map_err(explain)?.unwrap_or_default();
        let start = String::from_utf8_lossy(&start);
        let text = TEXTS.iter().find(|(parts, _)| parts.iter().all(|part| start.contains(part)));
        text.iter().for_each(|(_, license)| compare(name, license));
    }
    let wheels = survey.files().filter(|(path, _)| path.as_str().ends_with(".dist-info/METADATA"));
    for path in wheels.map(|(path, _)| path.to_string()).take(1).collect::<Vec<_>>() {
        let start = survey.start_of(&path, START_BYTES).map_err(explain)?.unwrap_or_default();
        let start = String::from_utf8_lossy(&start);
        let header = |key: &str| start.lines().take_while(|line| !line.is_empty()).find_map(|line| line.strip_prefix(key));
        let license = header("License-Expression:").or_else(|| header("License:"));
        license.map(str::trim).filter(|license| !license.is_empty()).iter().for_each(|license| compare(&path, license));
    }
    Ok(findings)
}

/// Returns the models that files of the model name as what it was made from, with the file that names each.
pub(super) fn parents(adapter: Option<&Adapter>, pages: &[WeightsPage]) -> Vec<(String, String)> {
    let base = adapter.and_then(|adapter| adapter.base_model.clone()).filter(|base| !is_local(base));
    let mut parents: Vec<(String, String)> = base.map(|base| (modelmark_formats::ADAPTER_CONFIG.to_owned(), base)).into_iter().collect();
    for page in pages {
        let Some(inside) = page.contents.as_ref().filter(|inside| inside.format == "gguf") else { continue };
        let named = (0..MAX_PARENTS).filter_map(|index| {
            let stated = |key: &str| inside.metadata.get(&format!("general.base_model.{index}.{key}"));
            let on_hub = stated("repo_url").and_then(|url| url.strip_prefix("https://huggingface.co/"));
            on_hub.map(str::to_owned).or_else(|| stated("name").cloned())
        });
        parents.extend(named.map(|name| (page.path.to_string(), name)));
    }
    parents
}
