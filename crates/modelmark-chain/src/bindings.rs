//! The contracts' calls, events and errors, generated from the committed artifacts: the only place where an ABI becomes Rust.

use alloy::sol;

sol!(AccessManager, "../../contracts/artifacts/AccessManager.json");
sol!(BatchAnchor, "../../contracts/artifacts/BatchAnchor.json");
sol!(CollectionFactory, "../../contracts/artifacts/CollectionFactory.json");
sol!(LicenseBook, "../../contracts/artifacts/LicenseBook.json");
sol!(LicenseTerms, "../../contracts/artifacts/LicenseTerms.json");
sol!(ModelRegistry, "../../contracts/artifacts/ModelRegistry.json");
sol!(Priority, "../../contracts/artifacts/Priority.json");
sol!(StatusBoard, "../../contracts/artifacts/StatusBoard.json");
