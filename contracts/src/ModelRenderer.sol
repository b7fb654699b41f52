// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry} from "./interfaces/IModelRegistry.sol";
import {IModelRenderer} from "./interfaces/IModelRenderer.sol";
import {ContentURI} from "./libraries/ContentURI.sol";
import {DisplayText} from "./libraries/DisplayText.sol";
import {Labels} from "./renderer/Labels.sol";
import {Card, Picture} from "./renderer/Picture.sol";
import {Kind, ModelData, Status} from "./types/ModelTypes.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @title Metadata and pictures made on chain
/// @dev It shows what the registry stores and what {Labels} keeps, leaves out what neither has, and trusts none of their texts. Whatever a
/// registry answers costs nobody but who asked.
contract ModelRenderer is IModelRenderer, Labels, Multicall {
    using DisplayText for string;
    using Strings for address;
    using Strings for uint256;

    uint256 private constant _TITLE = 40;
    uint256 private constant _LINE = 32;
    uint256 private constant _NOTE = 22;

    /// @inheritdoc IModelRenderer
    function tokenURI(address registry, uint256 tokenId) external view returns (string memory uri) {
        ModelData memory data = IModelRegistry(registry).getModelData(tokenId);
        Card memory card = _card(registry, tokenId, data);
        string memory json = string.concat(
            '{"name":',
            card.title.quote(),
            ',"description":',
            _description(registry, tokenId, data).quote(),
            ',"image":"',
            _image(card),
            '","attributes":[',
            _attributes(registry, tokenId, data),
            "]}"
        );
        return _json(json);
    }

    /// @inheritdoc IModelRenderer
    function contractURI(address registry) external view returns (string memory uri) {
        string memory name = IModelRegistry(registry).name().clip(_TITLE);
        Card memory card;
        card.kind = "COLLECTION";
        card.title = name;
        card.subtitle = IModelRegistry(registry).symbol().clip(_LINE);
        card.origin = string.concat("at ", DisplayText.abbreviate(abi.encodePacked(registry)));
        card.digest = keccak256(abi.encode(registry));
        card.mark = uint256(card.digest);
        string memory description =
            string.concat("Provenance tokens of AI models, registered by their creators at ", registry.toChecksumHexString(), ".");
        return _json(string.concat('{"name":', name.quote(), ',"description":', description.quote(), ',"image":"', _image(card), '"}'));
    }

    /// @inheritdoc IModelRenderer
    function renderTokenById(address registry, uint256 tokenId) external view returns (string memory body) {
        return Picture.body(_card(registry, tokenId, IModelRegistry(registry).getModelData(tokenId)));
    }

    function _card(address registry, uint256 tokenId, ModelData memory data) private view returns (Card memory card) {
        Label memory label = labelOf(registry, tokenId);
        card.heading = IModelRegistry(registry).name().clip(_LINE);
        card.kind = _capitals(_kind(data.kind));
        card.title = bytes(label.name).length == 0
            ? string.concat(_kind(data.kind), " ", DisplayText.abbreviate(bytes.concat(bytes32(tokenId))))
            : label.name.clip(_TITLE);
        card.subtitle = _subtitle(label);
        card.notes = _notes(registry, tokenId, data);
        card.caption = string.concat("sha256 ", DisplayText.abbreviate(bytes.concat(data.weightsDigest)));
        card.origin = string.concat("by ", DisplayText.abbreviate(abi.encodePacked(data.creator)));
        card.ribbon = data.status == Status.Active ? "" : _capitals(_status(data.status));
        card.alarm = data.status >= Status.Recalled;
        card.digest = data.weightsDigest;
        card.mark = tokenId;
    }

    function _subtitle(Label memory label) private pure returns (string memory) {
        string memory family = label.family.clip(_LINE);
        if (label.parameters == 0) return family;
        string memory parameters = string.concat(DisplayText.magnitude(label.parameters), " parameters");
        return bytes(family).length == 0 ? parameters : string.concat(family, ", ", parameters);
    }

    function _notes(address registry, uint256 tokenId, ModelData memory data) private view returns (string[] memory notes) {
        (bool known, uint16 depth) = depthOf(registry, tokenId);
        (string memory license,) = IModelRegistry(registry).viewLicense(tokenId);
        string memory framework = _shortText(data.framework).clip(_NOTE);
        notes = new string[](1 + (bytes(framework).length == 0 ? 0 : 1) + (known ? 1 : 0));
        notes[0] = license.clip(_NOTE);
        if (bytes(framework).length != 0) notes[1] = framework;
        if (known) notes[notes.length - 1] = string.concat("depth ", uint256(depth).toString());
    }

    function _description(address registry, uint256 tokenId, ModelData memory data) private view returns (string memory) {
        (string memory license,) = IModelRegistry(registry).viewLicense(tokenId);
        return string.concat(
            "What ",
            data.creator.toChecksumHexString(),
            " states about a model under ",
            license.clip(255),
            ". The record is at ",
            ContentURI.ipfs(data.recordDigest),
            ". A token proves who stated this, not that it is true."
        );
    }

    function _attributes(address registry, uint256 tokenId, ModelData memory data) private view returns (string memory json) {
        Label memory label = labelOf(registry, tokenId);
        (bool known, uint16 depth) = depthOf(registry, tokenId);
        (string memory license,) = IModelRegistry(registry).viewLicense(tokenId);
        json = string.concat(
            _trait("Kind", _kind(data.kind)),
            ",",
            _trait("Status", _status(data.status)),
            ",",
            _trait("License", license.clip(255)),
            ",",
            _number("Royalty in basis points", data.royaltyBps),
            ",",
            _digest("Weights SHA-256", data.weightsDigest),
            ",",
            _digest("Record SHA-256", data.recordDigest)
        );
        if (bytes(label.family).length != 0) json = string.concat(json, ",", _trait("Family", label.family.clip(_LINE)));
        if (label.parameters != 0) json = string.concat(json, ",", _number("Parameters", label.parameters));
        if (known) json = string.concat(json, ",", _number("Lineage depth", depth));
        if (data.mintedAt != 0) json = string.concat(json, ",", _date("Minted", data.mintedAt));
        if (data.framework != 0) json = string.concat(json, ",", _trait("Framework", _shortText(data.framework).clip(_LINE)));
        if (data.datasetDigest != 0) json = string.concat(json, ",", _digest("Dataset SHA-256", data.datasetDigest));
        if (data.architectureDigest != 0) json = string.concat(json, ",", _digest("Architecture", data.architectureDigest));
        if (data.metrics != 0) json = string.concat(json, ",", _digest("Metrics", data.metrics));
    }

    function _trait(string memory name, string memory value) private pure returns (string memory) {
        return string.concat('{"trait_type":"', name, '","value":', value.quote(), "}");
    }

    function _number(string memory name, uint256 value) private pure returns (string memory) {
        return string.concat('{"trait_type":"', name, '","display_type":"number","value":', value.toString(), "}");
    }

    function _date(string memory name, uint256 time) private pure returns (string memory) {
        return string.concat('{"trait_type":"', name, '","display_type":"date","value":', time.toString(), "}");
    }

    function _digest(string memory name, bytes32 value) private pure returns (string memory) {
        return _trait(name, uint256(value).toHexString(32));
    }

    function _image(Card memory card) private pure returns (string memory) {
        return string.concat("data:image/svg+xml;base64,", Base64.encode(bytes(Picture.file(card))));
    }

    function _json(string memory json) private pure returns (string memory) {
        return string.concat("data:application/json;base64,", Base64.encode(bytes(json)));
    }

    function _kind(Kind kind) private pure returns (string memory) {
        if (kind == Kind.Model) return "Model";
        return kind == Kind.Adapter ? "Adapter" : "Dataset";
    }

    function _status(Status status) private pure returns (string memory) {
        if (status == Status.Active) return "Active";
        if (status == Status.Deprecated) return "Deprecated";
        if (status == Status.Superseded) return "Superseded";
        if (status == Status.Recalled) return "Recalled";
        return status == Status.Disputed ? "Disputed" : "Revoked";
    }

    /// @dev Turns one of our own words into capitals.
    function _capitals(string memory word) private pure returns (string memory) {
        bytes memory letters = bytes(word);
        for (uint256 i = 1; i < letters.length; ++i) {
            letters[i] = letters[i] & 0xdf;
        }
        return string(letters);
    }

    /// @dev Reads a short string without believing its length: a registry that is none of ours may answer anything.
    function _shortText(bytes32 word) private pure returns (string memory) {
        bytes memory text = bytes.concat(word);
        uint256 length = uint256(word) & 0xff;
        assembly ("memory-safe") {
            mstore(text, and(length, 31))
        }
        return string(text);
    }
}
