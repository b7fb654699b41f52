// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelRegistry} from "../src/ModelRegistry.sol";
import {ContentURI} from "../src/libraries/ContentURI.sol";
import {LicenseText} from "../src/libraries/LicenseText.sol";
import {ModelId} from "../src/libraries/ModelId.sol";
import {Kind, ModelInput, Parent, Relation} from "../src/types/ModelTypes.sol";
import {Base} from "./Base.sol";

/// @dev What the contracts compute, written down for other languages to check themselves against. The committed files are compared
/// with what is computed now, and written anew when WRITE_VECTORS is true.
contract VectorsTest is Base {
    string private constant _FOLDER = "../vectors/contracts/";

    /// @dev The registry stands here while vectors are made, on this chain, so that they depend on nothing else.
    address private constant _HERE = 0x6d6f64656c4D61726b0000000000000000000001;
    uint256 private constant _CHAIN = 31_337;

    string private _json;

    function setUp() public override {
        super.setUp();
        vm.chainId(_CHAIN);
        vm.etch(_HERE, address(registry).code);
        registry = ModelRegistry(_HERE);
    }

    function test_Models() public {
        begin("Model statements: parents hash, token id and the EIP-712 digest of MintAuth");
        addModel("nothing given", empty());
        addModel("mandatory fields only", exampleModel(1));
        for (uint256 kind = 0; kind <= uint256(type(Kind).max); ++kind) {
            addModel("all fields, one external parent", filled(kind, 1));
        }
        addModel("one parent of the same registry", childOf(1, 1, Relation.Version));
        addModel("largest values", largest());
        addModel("sixteen parents", filled(16, 16));
        for (uint256 i = 0; i < 24; ++i) {
            addModel("random", filled(100 + i, i % 5));
        }
        finish("models.json");
    }

    function test_Uris() public {
        begin("Addresses built from 32 bytes: on IPFS from a SHA-256 digest, on Arweave from a transaction id");
        addUri(bytes32(0));
        addUri(bytes32(type(uint256).max));
        for (uint256 bit = 0; bit < 256; bit += 5) {
            addUri(bytes32(uint256(1) << bit));
        }
        addUri(sha256(""));
        for (uint256 i = 0; i < 16; ++i) {
            addUri(keccak256(abi.encode("uri", i)));
        }
        finish("uris.json");
    }

    function test_Licenses() public {
        begin("SPDX expressions: the digest that goes into a model, and the address that the licence book derives");
        string[8] memory texts = [
            "MIT",
            "Apache-2.0",
            "CC-BY-4.0",
            "GPL-2.0+",
            "MIT OR Apache-2.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "(MIT AND BSD-3-Clause) OR ISC",
            "BigScience-RAIL-1.0"
        ];
        for (uint256 i = 0; i < texts.length; ++i) {
            open_();
            field("spdx", quoted(texts[i]), false);
            field("license", quoted(vm.toString(keccak256(bytes(texts[i])))), false);
            field("uri", quoted(LicenseText.derivedUri(texts[i])), true);
        }
        finish("licenses.json");
    }

    function addModel(string memory name, ModelInput memory model) private {
        (address to, uint256 deadline) = (address(uint160(uint256(model.recordDigest))), 2_000_000_000);
        open_();
        field("name", quoted(name), false);
        field("model", modelJson(model), false);
        field("parentsHash", quoted(vm.toString(this.parentsHash(model.parents))), false);
        field("tokenId", quoted(vm.toString(registry.tokenIdOf(model))), false);
        field("to", quoted(vm.toString(to)), false);
        field("deadline", vm.toString(deadline), false);
        field("mintAuthDigest", quoted(vm.toString(registry.mintAuthDigest(to, model, deadline))), false);
        field("tokenURI", quoted(ContentURI.ipfs(model.recordDigest)), true);
    }

    function parentsHash(Parent[] calldata parents) external pure returns (bytes32) {
        return ModelId.hashParents(parents);
    }

    function addUri(bytes32 value) private {
        open_();
        field("bytes", quoted(vm.toString(value)), false);
        field("ipfs", quoted(ContentURI.ipfs(value)), false);
        field("arweave", quoted(ContentURI.arweave(value)), true);
    }

    function modelJson(ModelInput memory model) private pure returns (string memory json) {
        json = string.concat(
            '{"weightsDigest":', quoted(vm.toString(model.weightsDigest)), ',"recordDigest":', quoted(vm.toString(model.recordDigest))
        );
        json = string.concat(
            json,
            ',"datasetDigest":',
            quoted(vm.toString(model.datasetDigest)),
            ',"architectureDigest":',
            quoted(vm.toString(model.architectureDigest))
        );
        json = string.concat(json, ',"framework":', quoted(vm.toString(model.framework)), ',"metrics":', quoted(vm.toString(model.metrics)));
        json = string.concat(json, ',"license":', quoted(vm.toString(model.license)), ',"kind":', vm.toString(uint256(model.kind)));
        json = string.concat(
            json, ',"royaltyBps":', vm.toString(uint256(model.royaltyBps)), ',"creator":', quoted(vm.toString(model.creator))
        );
        json = string.concat(json, ',"parents":[');
        for (uint256 i = 0; i < model.parents.length; ++i) {
            json = string.concat(json, i == 0 ? "" : ",", parentJson(model.parents[i]));
        }
        return string.concat(json, "]}");
    }

    function parentJson(Parent memory parent) private pure returns (string memory json) {
        json = string.concat(
            '{"chainId":', quoted(vm.toString(uint256(parent.chainId))), ',"registry":', quoted(vm.toString(parent.registry))
        );
        json =
            string.concat(json, ',"tokenId":', quoted(vm.toString(parent.tokenId)), ',"relation":', vm.toString(uint256(parent.relation)));
        return string.concat(
            json, ',"shareBps":', vm.toString(uint256(parent.shareBps)), ',"evidence":', quoted(vm.toString(parent.evidence)), "}"
        );
    }

    function empty() private pure returns (ModelInput memory model) {}

    function largest() private pure returns (ModelInput memory model) {
        bytes32 ones = bytes32(type(uint256).max);
        (model.weightsDigest, model.recordDigest, model.datasetDigest, model.architectureDigest) = (ones, ones, ones, ones);
        (model.framework, model.metrics, model.license) = (ones, ones, ones);
        (model.kind, model.royaltyBps, model.creator) = (type(Kind).max, type(uint16).max, address(type(uint160).max));
        model.parents = new Parent[](1);
        model.parents[0] =
            Parent(type(uint64).max, address(type(uint160).max), type(uint256).max, type(Relation).max, type(uint16).max, ones);
    }

    /// @dev A model with a value in every field, all of them from `seed`. Its parents are local, external, and on this chain in turn.
    function filled(uint256 seed, uint256 parents) private pure returns (ModelInput memory model) {
        model.weightsDigest = word(seed, "weights");
        model.recordDigest = word(seed, "record");
        model.datasetDigest = word(seed, "dataset");
        model.architectureDigest = word(seed, "architecture");
        model.framework = bytes32("pytorch 2.8.0") | bytes32(uint256(13));
        model.metrics = word(seed, "metrics");
        model.license = word(seed, "license");
        model.kind = Kind(seed % 3);
        model.royaltyBps = uint16(uint256(word(seed, "royalty")) % 1001);
        model.creator = address(uint160(uint256(word(seed, "creator"))));
        model.parents = new Parent[](parents);
        for (uint256 i = 0; i < parents; ++i) {
            uint256 noise = uint256(word(seed, string.concat("parent ", vm.toString(i))));
            bool here = i % 3 == 1;
            model.parents[i] = Parent({
                chainId: here ? 0 : uint64(noise),
                registry: here ? address(0) : address(uint160(noise >> 64)),
                tokenId: uint256(keccak256(abi.encode(noise))),
                relation: Relation(noise % 8),
                shareBps: uint16(noise % 626),
                evidence: noise % 2 == 0 ? bytes32(0) : bytes32(noise)
            });
        }
    }

    function word(uint256 seed, string memory what) private pure returns (bytes32) {
        return keccak256(abi.encode(what, seed));
    }

    function begin(string memory about) private {
        _json = string.concat(
            '{\n"note":"DO NOT EDIT: written by `cargo xtask contracts record`",\n"about":',
            quoted(about),
            ',\n"chainId":',
            vm.toString(_CHAIN),
            ',\n"verifyingContract":',
            quoted(vm.toString(_HERE)),
            ',\n"cases":['
        );
    }

    function open_() private {
        bytes memory text = bytes(_json);
        _json = string.concat(_json, text[text.length - 1] == "[" ? "\n{" : ",\n{");
    }

    function field(string memory name, string memory value, bool last) private {
        _json = string.concat(_json, quoted(name), ":", value, last ? "}" : ",");
    }

    function quoted(string memory text) private pure returns (string memory) {
        return string.concat('"', text, '"');
    }

    function finish(string memory file) private {
        _json = string.concat(_json, "\n]\n}\n");
        string memory path = string.concat(_FOLDER, file);
        if (vm.envOr("WRITE_VECTORS", false)) {
            vm.writeFile(path, _json);
            return;
        }
        bool fresh = keccak256(bytes(vm.readFile(path))) == keccak256(bytes(_json));
        assertTrue(fresh, "the committed vectors are not what the contracts compute; run `cargo xtask contracts record`");
    }
}
