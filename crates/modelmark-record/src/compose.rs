//! Manifest and facts become a record.

use modelmark_digest::ContentId;

use crate::{Dataset, DatasetRole};

/// Returns the CID of the first training dataset that has one.
pub(crate) fn first_training_cid(datasets: &[Dataset]) -> Option<ContentId> {
    datasets.iter().filter(|dataset| dataset.role == DatasetRole::Train).find_map(|dataset| dataset.cid)
}
