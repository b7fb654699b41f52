//! The weights of a model of which only the blocks of its folders are known.

use crate::unixfs::{Dag, DirectoryError, Folder};
use crate::weights::{SCATTERED, select};
use crate::{CidProfile, ContentId, ModelPath};

/// Returns the CID of the weights of the model with the CID `model`, which has these files, chosen as [`digest`](crate::digest()) chooses them: by name. `None`
/// where names do not tell, because the files of such weights name others.
///
/// # Errors
/// When a name stands for two things, or a folder cannot be sharded.
pub fn weights_of_listed(profile: CidProfile, model: ContentId, files: &[(ModelPath, Dag)]) -> Result<Option<ContentId>, DirectoryError> {
    let mut files: Vec<_> = files.iter().collect();
    files.sort_by_key(|(path, _)| path);
    let paths: Vec<&ModelPath> = files.iter().map(|(path, _)| path).collect();
    let Some((extension, chosen)) = select(&paths, &paths) else { return Ok(Some(model)) };
    if SCATTERED.contains(&extension) {
        return Ok(None);
    }
    let chosen: Vec<_> = files.iter().enumerate().filter(|(index, _)| chosen.contains(index)).map(|(_, file)| *file).collect();
    if let [(_, only)] = chosen.as_slice() {
        return Ok(Some(only.cid));
    }
    let mut folder = Folder::new(profile);
    for (path, dag) in chosen {
        folder.add_file(path, dag);
    }
    Ok(Some(folder.finish(&mut |_, _| {})?.cid))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    fn file(name: &str) -> (ModelPath, Dag) {
        (name.try_into().unwrap(), Dag { cid: ContentId::raw(name.as_bytes()), size: 1, tsize: 1 })
    }

    #[test]
    fn weights_are_chosen_by_name_as_ever() {
        let of = |names: &[&str]| {
            let files: Vec<_> = names.iter().map(|name| file(name)).collect();
            weights_of_listed(CidProfile::default(), ContentId::raw(b"model"), &files).unwrap()
        };
        assert_eq!(of(&["README.md", "b.bin", "a.safetensors"]), Some(ContentId::raw(b"a.safetensors")));
        assert_eq!(of(&["README.md"]), Some(ContentId::raw(b"model")));
        assert_eq!(of(&["model.onnx", "data.bin"]), None);
        let two = of(&["b.safetensors", "a.safetensors", "README.md"]);
        assert_eq!(two, of(&["a.safetensors", "b.safetensors", "config.json"]));
        assert_ne!(two, of(&["a.safetensors", "c.safetensors"]));
    }
}
