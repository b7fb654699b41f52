//! The cache of the Hugging Face hub: which folder of it is a model, which links in it may be followed, and what its names claim.
//!
//! ```text
//! <cache>/models--org--name/refs/main                   the commit that the branch had
//!                          /snapshots/<commit>/<path>   a link to ../../blobs/<etag>, one step up more for each folder in <path>
//!                          /blobs/<etag>                the bytes, or a link to ../../blobs/<2 hex>/<xet hash>
//! <cache>/blobs/<2 hex>/<xet hash>                      the bytes, shared by all repositories
//! ```
//!
//! So writes huggingface_hub 2.4 (`file_download.py`, `utils/_shared_blobs.py`). An etag of 64 hex digits is the SHA-256 of the bytes, one of 40 is
//! what git calls them; a Xet hash is neither, although it looks like a SHA-256.

mod claim;
mod error;
mod find;
mod insides;
mod name;
mod origin;
mod snapshot;

pub(crate) use claim::{Claim, check};
pub use error::{HubError, LinkFault};
pub use find::find;
pub(crate) use insides::refuse_insides;
pub use name::{HubName, HubNameError};
pub use origin::{HubOrigin, origin};
pub use snapshot::open_linked;
pub(crate) use snapshot::{Blob, Snapshot};
