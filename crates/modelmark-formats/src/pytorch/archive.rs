//! The archive: one folder with `data.pkl`, `byteorder`, and the storages in `data/`.

use std::collections::HashMap;

use flate2::Crc;

use super::super::contents::FindingCode;
use super::super::zip::{Member, Method, members};
use super::super::{ByteRange, FormatError, ReadAt};
use super::checkpoint::{Checkpoint, Container, Storages, fetch, refused, settled};
use crate::pickle::{MAX_PICKLE_BYTES, Pickle, inspect, parse};

/// Members that say nothing about tensors.
const MARKS: [&str; 6] = ["version", ".format_version", ".storage_alignment", ".data/serialization_id", "byteorder", "data.pkl"];

/// Longest accepted mark of the byte order.
const MAX_ORDER_BYTES: u64 = 16;

/// Longest accepted pickle of settings.
const MAX_SETTINGS_BYTES: u64 = 1 << 20;

pub(super) fn read(file: &dyn ReadAt) -> Result<Checkpoint, FormatError> {
    let members = members(file)?;
    let inner = in_one_folder(&members)?;
    let Some(data) = inner.get("data.pkl") else { return Err(FormatError::malformed(0, "an archive without `data.pkl`")) };
    let code = fetch(file, data.place, MAX_PICKLE_BYTES, "the pickle")?;
    checked(data, &code)?;
    let at = data.place.offset;
    let pickle = match parse(&code) {
        Ok(pickle) => pickle,
        Err(error) => {
            let mut checkpoint = settled(refused(error, at), Container::Zip)?;
            checkpoint.notes = notes(&inner, None);
            return Ok(checkpoint);
        }
    };
    let mut storages = Storages::of(&pickle, at)?;
    for storage in &mut storages.listed {
        let key = &storage.key;
        let member = inner.get(format!("data/{key}").as_str());
        let place = member.ok_or_else(|| FormatError::malformed(at, format!("storage {key:?} is not in the archive")))?.place;
        if place.len != storage.place.len {
            let fault = format!("storage {key:?} has {} bytes, {} declared in the pickle", place.len, storage.place.len);
            return Err(FormatError::malformed(place.offset, fault));
        }
        storage.place = place;
    }
    let mut checkpoint = Checkpoint::empty(Container::Zip);
    checkpoint.big_endian = big_endian(file, &inner)?;
    checkpoint.notes = notes(&inner, Some(&storages));
    checkpoint.fill(&pickle, storages, at)?;
    Ok(checkpoint)
}

/// Reads the pickle of an archive that holds settings in place of weights, as the trainers of Hugging Face save theirs.
pub(super) fn settings(file: &dyn ReadAt) -> Result<Pickle, FormatError> {
    let members = members(file)?;
    let inner = in_one_folder(&members)?;
    let Some(data) = inner.get("data.pkl") else { return Err(FormatError::malformed(0, "an archive without `data.pkl`")) };
    let code = fetch(file, data.place, MAX_SETTINGS_BYTES, "the pickle")?;
    checked(data, &code)?;
    inspect(&code).map_err(|error| FormatError::malformed(data.place.offset, error.to_string()))
}

type Inner<'m> = HashMap<&'m str, &'m Member>;

/// Strips the folder that all members are in, whatever its name.
fn in_one_folder(members: &[Member]) -> Result<Inner<'_>, FormatError> {
    let mut folder = None;
    let mut inner = HashMap::new();
    for member in members {
        let wrong = |fault: &str| FormatError::malformed(member.place.offset, format!("member {:?}: {fault}", member.name));
        if member.method != Method::Stored {
            return Err(wrong("compressed, which PyTorch never does"));
        }
        if member.name.contains('\\') || member.name.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(wrong("a name that leads elsewhere"));
        }
        let (outer, name) = member.name.split_once('/').ok_or_else(|| wrong("not in a folder"))?;
        if *folder.get_or_insert(outer) != outer {
            return Err(wrong("in another folder than the first"));
        }
        inner.insert(name, member);
    }
    Ok(inner)
}

fn checked(member: &Member, bytes: &[u8]) -> Result<(), FormatError> {
    let mut crc = Crc::new();
    crc.update(bytes);
    if crc.sum() == member.crc {
        return Ok(());
    }
    Err(FormatError::malformed(member.place.offset, format!("member {:?}: its CRC is wrong", member.name)))
}

fn big_endian(file: &dyn ReadAt, inner: &Inner<'_>) -> Result<bool, FormatError> {
    // Absent before torch 2.0.
    let Some(member) = inner.get("byteorder") else { return Ok(false) };
    let order = fetch(file, member.place, MAX_ORDER_BYTES, "the byte order")?;
    checked(member, &order)?;
    match &*order {
        b"little" => Ok(false),
        b"big" => Ok(true),
        _ => Err(FormatError::malformed(member.place.offset, "a byte order that is neither little nor big")),
    }
}

/// What the archive holds beside the pickle and its storages, in the order of the file; without `storages`, they are not known.
fn notes(inner: &Inner<'_>, storages: Option<&Storages>) -> Vec<(FindingCode, String)> {
    let mut others: Vec<(ByteRange, &str)> = inner.iter().map(|(name, member)| (member.place, *name)).collect();
    others.sort_by_key(|(place, _)| place.offset);
    let mut notes = Vec::new();
    let mut script = false;
    for (_, name) in others {
        if name.starts_with("code/") || name == "constants.pkl" {
            if !std::mem::replace(&mut script, true) {
                notes.push((FindingCode::CodeBearing, "a TorchScript archive: it holds the code of the model".to_owned()));
            }
        } else if let Some(key) = name.strip_prefix("data/") {
            if storages.is_some_and(|storages| !storages.by_key.contains_key(key)) {
                notes.push((FindingCode::Stray, format!("storage {key:?} belongs to no tensor")));
            }
        } else if !MARKS.contains(&name) {
            notes.push((FindingCode::Stray, format!("member {name:?} is none of PyTorch's")));
        }
    }
    notes
}
