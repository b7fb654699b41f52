//! Integration tests: what each form says of a report, and that no text of a stranger breaks out of it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test says where")]

mod fixture;
mod forms;
mod hostile;
