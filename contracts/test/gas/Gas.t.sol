// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Kind, ModelDigests, ModelInput, Parent, Relation, Status} from "../../src/types/ModelTypes.sol";
import {Base} from "../Base.sol";

/// @dev What each call costs its sender, calldata and cold storage included, kept in `snapshots/`. The digests are random, as real
/// ones are: a zero byte of calldata costs a quarter of another.
contract GasTest is Base {
    string private constant _GROUP = "ModelRegistry";

    uint256[] private _parents;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < 16; ++i) {
            _parents.push(mintFor(i, address(0xa11ce)));
        }
        for (uint256 i = 1; i < 16; ++i) {
            for (uint256 j = i; j > 0 && _parents[j - 1] > _parents[j]; --j) {
                (_parents[j - 1], _parents[j]) = (_parents[j], _parents[j - 1]);
            }
        }
    }

    function test_Mint() public {
        mint(exampleModel(100));
        vm.snapshotGasLastCall(_GROUP, "mint: first token of the holder");
        mint(exampleModel(101));
        vm.snapshotGasLastCall(_GROUP, "mint: next token of the holder");
    }

    function test_MintDescribed() public {
        mint(exampleModel(100));
        ModelInput memory model = exampleModel(101);
        model.datasetDigest = keccak256("dataset");
        model.architectureDigest = keccak256("architecture");
        model.framework = "pytorch 2.8.0";
        model.framework |= bytes32(uint256(13));
        model.metrics = keccak256("metrics");
        mint(model);
        vm.snapshotGasLastCall(_GROUP, "mint: next token, all four descriptive fields");
    }

    function test_MintUnderALicenceThatTheBookHas() public {
        book.register("ISC", "");
        mint(exampleModel(100));
        ModelInput memory model = exampleModel(101);
        model.license = keccak256("ISC");
        mint(model);
        vm.snapshotGasLastCall(_GROUP, "mint: next token, a licence that is not common");
    }

    function test_MintRelayed() public {
        relay(exampleModel(100));
        vm.snapshotGasLastCall(_GROUP, "mint relayed: first token of the holder");
        relay(exampleModel(101));
        vm.snapshotGasLastCall(_GROUP, "mint relayed: next token of the holder");
    }

    function test_MintLogOnly() public {
        mintLogOnly(100);
        vm.snapshotGasLastCall(_GROUP, "mint log-only: first token of the holder");
        mintLogOnly(101);
        vm.snapshotGasLastCall(_GROUP, "mint log-only: next token of the holder");
        registry.store(bare(101));
        vm.snapshotGasLastCall(_GROUP, "store: the statement of a log-only token");
    }

    function test_MintBatch() public {
        mint(exampleModel(100));
        bytes[] memory calls = new bytes[](20);
        for (uint256 i = 0; i < 20; ++i) {
            calls[i] = abi.encodeWithSelector(DIRECT_MINT, creator, exampleModel(1000 + i));
        }
        vm.prank(creator);
        registry.multicall(calls);
        vm.snapshotGasLastCall(_GROUP, "multicall: 20 mints");
        for (uint256 i = 0; i < 20; ++i) {
            calls[i] = abi.encodeCall(registry.mintLogOnly, (creator, bare(2000 + i)));
        }
        vm.prank(creator);
        registry.multicall(calls);
        vm.snapshotGasLastCall(_GROUP, "multicall: 20 log-only mints");
        batch(20);
        vm.snapshotGasLastCall(_GROUP, "mintLogOnlyBatch: 20 mints");
        batch(100);
        vm.snapshotGasLastCall(_GROUP, "mintLogOnlyBatch: 100 mints");
    }

    function batch(uint256 count) private {
        ModelDigests[] memory models = new ModelDigests[](count);
        for (uint256 i = 0; i < count; ++i) {
            models[i] = ModelDigests(keccak256(abi.encode("batched weights", count, i)), keccak256(abi.encode("batched record", count, i)));
        }
        vm.prank(creator);
        registry.mintLogOnlyBatch(creator, creator, APACHE, Kind.Model, models);
    }

    function test_Creator() public {
        uint256 id = mint(exampleModel(100));
        vm.prank(creator);
        registry.setStatus(id, Status.Deprecated, keccak256("reason"));
        vm.snapshotGasLastCall(_GROUP, "setStatus");
        vm.prank(creator);
        registry.setDelegate(holder, true);
        vm.snapshotGasLastCall(_GROUP, "setDelegate");
    }

    function test_Derive() public {
        mint(exampleModel(100));
        derive(1);
        vm.snapshotGasLastCall(_GROUP, "derive: 1 parent, next token");
        derive(4);
        vm.snapshotValue("Calldata", "derive: 4 parents", calldataGas(abi.encodeWithSelector(DIRECT_MINT, creator, withParents(4))));
        vm.snapshotGasLastCall(_GROUP, "derive: 4 parents, next token");
        derive(16);
        vm.snapshotGasLastCall(_GROUP, "derive: 16 parents, next token");
    }

    function test_MintVersion() public {
        uint256 first = mint(exampleModel(100));
        uint256 second = mint(childOf(101, first, Relation.Version));
        vm.snapshotGasLastCall(_GROUP, "mint: second version of a series");
        mint(childOf(102, second, Relation.Version));
        vm.snapshotGasLastCall(_GROUP, "mint: later version of a series");
    }

    function test_TokenUri() public {
        uint256 id = mint(exampleModel(100));
        registry.tokenURI(id);
        vm.snapshotGasLastCall(_GROUP, "tokenURI: ipfs");
        vm.prank(creator);
        registry.setTokenURI(id, keccak256("arweave"));
        vm.snapshotGasLastCall(_GROUP, "setTokenURI: to arweave");
        registry.tokenURI(id);
        vm.snapshotGasLastCall(_GROUP, "tokenURI: arweave");
    }

    function test_Views() public {
        uint256 id = mint(exampleModel(100));
        registry.royaltyInfo(id, 1 ether);
        vm.snapshotGasLastCall(_GROUP, "royaltyInfo");
        registry.getModelData(id);
        vm.snapshotGasLastCall(_GROUP, "getModelData");
        registry.viewLicense(id);
        vm.snapshotGasLastCall(_GROUP, "viewLicense");
    }

    function test_Transfer() public {
        uint256 id = mint(exampleModel(100));
        vm.prank(creator);
        registry.transferFrom(creator, holder, id);
        vm.snapshotGasLastCall(_GROUP, "transferFrom: to a fresh holder");
    }

    function test_RegisterLicense() public {
        book.register("ISC", "");
        vm.snapshotGasLastCall("LicenseBook", "register: listed licence");
        book.register("LicenseRef-acme-1.0", "https://acme.example/terms/1.0");
        vm.snapshotGasLastCall("LicenseBook", "register: custom licence");
        book.register("ISC", "");
        vm.snapshotGasLastCall("LicenseBook", "register: licence that is there");
    }

    function bare(uint256 seed) private view returns (ModelInput memory model) {
        model = exampleModel(seed);
        model.royaltyBps = 0;
    }

    function mintLogOnly(uint256 seed) private {
        vm.prank(creator);
        registry.mintLogOnly(creator, bare(seed));
    }

    function derive(uint256 count) private {
        mint(withParents(count));
    }

    function withParents(uint256 count) private view returns (ModelInput memory model) {
        model = exampleModel(200 + count);
        model.parents = new Parent[](count);
        for (uint256 i = 0; i < count; ++i) {
            model.parents[i] = localParent(_parents[i], Relation.Merge, 100);
        }
    }

    function relay(ModelInput memory model) private {
        bytes memory proof = signMint(CREATOR_KEY, holder, model, NOW + 1 hours);
        vm.prank(stranger);
        registry.mintProvenanceNFT(holder, model, NOW + 1 hours, proof);
    }

    function mintFor(uint256 seed, address other) private returns (uint256) {
        ModelInput memory model = exampleModel(seed);
        model.creator = other;
        return mint(model);
    }
}
