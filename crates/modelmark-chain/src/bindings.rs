//! The contracts' calls, events and errors, generated from the committed artifacts: the only place where an ABI becomes Rust.

use alloy::sol;

sol!(ModelRegistry, "../../contracts/artifacts/ModelRegistry.json");
sol!(LicenseBook, "../../contracts/artifacts/LicenseBook.json");
sol!(AccessManager, "../../contracts/artifacts/AccessManager.json");
