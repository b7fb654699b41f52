//! Tensors of a model that is at places, without the rest of it.

use std::cell::RefCell;
use std::sync::Arc;

use modelmark_digest::ModelPath;
use modelmark_formats::ReadAt;
use modelmark_record::CanonicalRecord;
use modelmark_remote::Reader;
use modelmark_remote::fetch::RemoteFile;
use modelmark_verify::exit_codes;
use serde_json::json;
use tokio::runtime::Runtime;

use super::FetchArgs;
use crate::error::{CommandError, Result};
use crate::output::{bytes, printable};
use crate::session::Session;
use crate::tensor_file::{self, Found, ModelFiles};

pub(super) fn run(
    session: &Session<'_>,
    runtime: &Runtime,
    reader: &Arc<Reader>,
    record: &CanonicalRecord,
    args: &FetchArgs,
) -> Result<u8> {
    if args.out.symlink_metadata().is_ok() {
        return Err(CommandError::usage(format!("there is something at `{}` already", args.out.display())).hint("nothing is replaced"));
    }
    let model = AtPlaces { runtime, reader, record, opened: RefCell::default() };
    let weights: Vec<String> = record.record().provenance.weights.files.iter().map(ToString::to_string).collect();
    let found = tensor_file::find(&model, &weights, &args.tensor)?;
    let written = tensor_file::write(&model, &found, &args.out)?;
    let received: u64 = model.opened.borrow().iter().map(|(_, file)| file.received()).sum();
    let tensors: Vec<_> = found.iter().map(|found| told(record, found)).collect();
    let value =
        json!({"model": record.record().provenance.model.cid, "out": args.out, "tensors": tensors, "bytes": written, "received": received});
    session.output.result(&value, || {
        let lines = found
            .iter()
            .map(|found| printable(&format!("{}  {} {:?}  of {}", found.tensor.name, found.tensor.dtype, found.tensor.shape, found.file)));
        format!("{}\n{} of tensors, {} received", lines.collect::<Vec<_>>().join("\n"), bytes(written), bytes(received))
    })?;
    Ok(exit_codes::VERIFIED)
}

fn told(record: &CanonicalRecord, found: &Found) -> serde_json::Value {
    let tensor = &found.tensor;
    json!({
        "name": tensor.name, "dtype": tensor.dtype, "shape": tensor.shape, "file": found.file,
        "cid": super::find(record, &found.file).map(|file| file.cid),
        // Where the bytes are in the file, when they are there as they are written.
        "range": tensor.linear().map(|range| json!({"start": range.offset, "length": range.len})),
    })
}

/// The files of the record, read from places by range, every leaf held against the file's CID.
struct AtPlaces<'a> {
    runtime: &'a Runtime,
    reader: &'a Arc<Reader>,
    record: &'a CanonicalRecord,
    /// Kept, so that what was read of a file is read once.
    opened: RefCell<Vec<(ModelPath, Arc<RemoteFile>)>>,
}

impl ModelFiles for AtPlaces<'_> {
    fn open(&self, path: &str) -> Result<Option<Box<dyn ReadAt + '_>>> {
        if let Some((_, file)) = self.opened.borrow().iter().find(|(have, _)| have.as_str() == path) {
            return Ok(Some(Box::new(Shared(Arc::clone(file)))));
        }
        let Some(file) = super::find(self.record, path) else { return Ok(None) };
        let opened = Arc::new(RemoteFile::new(Arc::clone(self.reader), self.runtime.handle().clone(), file.cid, file.size.get()));
        self.opened.borrow_mut().push((file.path.clone(), Arc::clone(&opened)));
        Ok(Some(Box::new(Shared(opened))))
    }
}

struct Shared(Arc<RemoteFile>);

impl ReadAt for Shared {
    fn size(&self) -> std::io::Result<u64> {
        self.0.size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }
}
