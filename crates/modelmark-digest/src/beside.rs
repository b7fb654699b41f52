//! A file of a model together with the files beside it that its tensors may lie in.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::rc::Rc;

use modelmark_formats::{ByteRange, Files, FormatError, ReadAt, Unpacked};

use crate::walk::{FoundFile, Tree};
use crate::{DigestError, ModelPath};

/// A file of a model, and the other files of the model by their paths from its folder.
pub(crate) struct Beside<'a> {
    tree: &'a Tree,
    found: &'a FoundFile,
    file: &'a File,
    opened: RefCell<BTreeMap<ModelPath, Opened<'a>>>,
    /// The compressed file inside that was read last.
    unpacked: RefCell<Option<(ByteRange, Unpacked<'a>)>>,
    failure: RefCell<Option<DigestError>>,
}

#[derive(Clone)]
struct Opened<'a>(&'a FoundFile, Rc<File>);

impl<'a> Beside<'a> {
    pub(crate) fn new(tree: &'a Tree, found: &'a FoundFile, file: &'a File) -> Self {
        Self { tree, found, file, opened: RefCell::default(), unpacked: RefCell::default(), failure: RefCell::default() }
    }

    /// Makes sure that the other files are what they were.
    pub(crate) fn unchanged(self) -> Result<(), DigestError> {
        if let Some(failure) = self.failure.into_inner() {
            return Err(failure);
        }
        self.opened.into_inner().into_values().try_for_each(|Opened(found, file)| self.tree.check(found, file.as_fd()))
    }

    fn beside(&self, name: &str) -> Result<Opened<'a>, FormatError> {
        let absent = || FormatError::Unsupported(format!("tensors in {name:?}, which is no file of the model"));
        let folder = self.found.path.as_str().rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
        let path = ModelPath::try_from(format!("{folder}{}", name.trim_start_matches("./"))).map_err(|_| absent())?;
        if let Some(opened) = self.opened.borrow().get(&path) {
            return Ok(opened.clone());
        }
        let found = self.tree.files.binary_search_by(|file| file.path.cmp(&path)).ok().and_then(|at| self.tree.files.get(at));
        let found = found.ok_or_else(absent)?;
        let file = self.tree.open(found).map_err(|error| {
            self.failure.replace(Some(error));
            absent()
        })?;
        let opened = Opened(found, Rc::new(file));
        self.opened.borrow_mut().insert(path, opened.clone());
        Ok(opened)
    }
}

impl Files for Beside<'_> {
    fn open(&self, file: Option<&str>) -> Result<Box<dyn ReadAt + '_>, FormatError> {
        match file {
            None => Ok(Box::new(self.file)),
            Some(name) => Ok(Box::new(self.beside(name)?)),
        }
    }

    fn unpacked(&self, place: ByteRange, inflated: u64, each: &mut dyn FnMut(&dyn ReadAt)) -> Result<(), FormatError> {
        let last = self.unpacked.take().filter(|(last, unpacked)| *last == place && unpacked.size().is_ok_and(|size| size == inflated));
        let (_, unpacked) = match last {
            Some(last) => last,
            None => (place, Unpacked::open(self.file, place, inflated, None)?),
        };
        each(&unpacked);
        self.unpacked.replace(Some((place, unpacked)));
        Ok(())
    }
}

impl ReadAt for Opened<'_> {
    fn size(&self) -> io::Result<u64> {
        self.1.size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        ReadAt::read_exact_at(&*self.1, buffer, offset)
    }
}
