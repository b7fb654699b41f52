//! The contracts' calls, events and errors, generated from the committed artifacts: the only place where an ABI becomes Rust.
#![expect(clippy::too_many_arguments, reason = "events have as many fields as they have")]

use alloy::sol;

sol!(AccessManager, "../../contracts/artifacts/AccessManager.json");
sol!(BatchAnchor, "../../contracts/artifacts/BatchAnchor.json");
sol!(CollectionFactory, "../../contracts/artifacts/CollectionFactory.json");
sol!(DerivativeGate, "../../contracts/artifacts/DerivativeGate.json");
sol!(LicenseBook, "../../contracts/artifacts/LicenseBook.json");
sol!(LicenseEditions, "../../contracts/artifacts/LicenseEditions.json");
sol!(LicenseTerms, "../../contracts/artifacts/LicenseTerms.json");
sol!(Licensing, "../../contracts/artifacts/Licensing.json");
sol!(LineageVault, "../../contracts/artifacts/LineageVault.json");
sol!(ModelMarket, "../../contracts/artifacts/ModelMarket.json");
sol!(ModelRegistry, "../../contracts/artifacts/ModelRegistry.json");
sol!(ModelRenderer, "../../contracts/artifacts/ModelRenderer.json");
sol!(Priority, "../../contracts/artifacts/Priority.json");
sol!(ProofKeys, "../../contracts/artifacts/ProofKeys.json");
sol!(SharesFactory, "../../contracts/artifacts/SharesFactory.json");
sol!(SharesVault, "../../contracts/artifacts/SharesVault.json");
sol!(StatusBoard, "../../contracts/artifacts/StatusBoard.json");

sol! {
    /// The part of ERC-20 that is used here.
    interface IERC20 {
        function balanceOf(address account) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function approve(address spender, uint256 amount) external returns (bool);
    }
}

sol! {
    /// What a contract wallet is asked (ERC-1271).
    interface IERC1271 {
        function isValidSignature(bytes32 digest, bytes signature) external view returns (bytes4);
    }
}
