// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelRegistry} from "../src/ModelRegistry.sol";
import {ModelRenderer} from "../src/ModelRenderer.sol";
import {IModelLabels} from "../src/interfaces/IModelLabels.sol";
import {IModelRegistry} from "../src/interfaces/IModelRegistry.sol";
import {IRoyaltyVault} from "../src/interfaces/IRoyaltyVault.sol";
import {ContentURI} from "../src/libraries/ContentURI.sol";
import {Kind, ModelData, ModelInput, ON_CHAIN, Parent, Status} from "../src/types/ModelTypes.sol";
import {Base} from "./Base.sol";
import {WellFormed} from "./WellFormed.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

contract ModelRendererTest is Base {
    /// @dev Ends a JSON string, an attribute and an element, opens a script, and has letters beyond ASCII and a control character.
    string private constant _HOSTILE = unicode'"}],"x":"</text><script>alert(1)</script>\'&amp;☃\u0001\\u0022';

    string private constant _HOSTILE32 = unicode'"\u0001<![CDATA[</g>]]>&#x0;☃';

    ModelRenderer private _renderer;

    function setUp() public override {
        super.setUp();
        _renderer = new ModelRenderer();
        registry = new ModelRegistry("modelmark", "MARK", address(0), book, IRoyaltyVault(address(0)), _renderer);
    }

    function test_TokenURI_ShowsAllThatIsKnown() public {
        uint256 id = complete();
        string memory json = onChain(id);
        assertEq(vm.parseJsonString(json, ".name"), "Aurora 7B Instruct", "name");
        assertEq(
            vm.parseJsonString(json, ".description"),
            string.concat(
                "What ",
                Strings.toChecksumHexString(creator),
                " states about a model under Apache-2.0. The record is at ",
                ContentURI.ipfs(keccak256(abi.encode("record", 2))),
                ". A token proves who stated this, not that it is true."
            ),
            "description"
        );
        string[14] memory traits = [
            "Kind=Adapter",
            "Status=Recalled",
            "License=Apache-2.0",
            "Royalty in basis points=500",
            string.concat("Weights SHA-256=", Strings.toHexString(uint256(keccak256(abi.encode("weights", 2))), 32)),
            string.concat("Record SHA-256=", Strings.toHexString(uint256(keccak256(abi.encode("record", 2))), 32)),
            "Family=Aurora",
            "Parameters=7241732096",
            "Lineage depth=1",
            "Minted=1800000000",
            "Framework=pytorch 2.8.0",
            string.concat("Dataset SHA-256=", Strings.toHexString(11, 32)),
            string.concat("Architecture=", Strings.toHexString(12, 32)),
            string.concat("Metrics=", Strings.toHexString(13, 32))
        ];
        for (uint256 i = 0; i < traits.length; ++i) {
            string memory place = string.concat(".attributes[", vm.toString(i), "]");
            string memory value = vm.parseJsonString(json, string.concat(place, ".value"));
            assertEq(string.concat(vm.parseJsonString(json, string.concat(place, ".trait_type")), "=", value), traits[i], "trait");
        }
        assertTrue(!vm.keyExistsJson(json, ".attributes[14]"), "more traits");
        string memory svg = picture(json);
        string[10] memory shown = [
            ">modelmark<",
            ">ADAPTER<",
            ">Aurora 7B Instruct<",
            ">Aurora, 7.2B parameters<",
            ">Apache-2.0<",
            ">pytorch 2.8.0<",
            ">depth 1<",
            ">sha256 ",
            ">RECALLED<",
            "#e5383b"
        ];
        for (uint256 i = 0; i < shown.length; ++i) {
            assertTrue(contains(svg, shown[i]), shown[i]);
        }
        assertEq(WellFormed.check(svg), 1 + 7 + 1 + 65 + 5 + 7 + 3 + 3, "elements");
    }

    function test_TokenURI_LeavesOutWhatNobodySaid() public {
        uint256 id = mint(exampleModel(1));
        string memory json = onChain(id);
        string memory digits = Strings.toHexString(id, 32);
        assertEq(vm.parseJsonString(json, ".name"), string.concat("Model ", part(digits, 2, 8), "..", part(digits, 60, 66)), "name");
        assertEq(vm.parseJsonString(json, ".attributes[6].trait_type"), "Minted", "a seventh trait");
        assertTrue(!vm.keyExistsJson(json, ".attributes[7]"), "an eighth trait");
        string memory svg = picture(json);
        WellFormed.check(svg);
        string[4] memory hidden = ["parameters", "depth", "rotate", "pytorch"];
        for (uint256 i = 0; i < hidden.length; ++i) {
            assertTrue(!contains(svg, hidden[i]), hidden[i]);
        }
    }

    function test_TokenURI_ShowsOnlyWhatWasNamed() public {
        uint256 id = mint(exampleModel(1));
        label(id, IModelLabels.Label("Aurora", "", 999));
        assertTrue(contains(picture(onChain(id)), ">999 parameters<"), "parameters alone");
        id = mint(exampleModel(2));
        label(id, IModelLabels.Label("Aurora", "Lights", 0));
        assertTrue(contains(picture(onChain(id)), ">Lights<"), "family alone");
    }

    function test_TokenURI_SurvivesHostileTexts() public {
        registry = new ModelRegistry(_HOSTILE, _HOSTILE, address(0), book, IRoyaltyVault(address(0)), _renderer);
        ModelInput memory model = exampleModel(1);
        model.framework = bytes32(unicode'</svg>"\\<&é\u0007') | bytes32(uint256(13));
        uint256 id = mint(model);
        label(id, IModelLabels.Label(_HOSTILE, unicode'</svg>"☃☃&quot;', 1));
        string memory json = onChain(id);
        assertEq(vm.parseJsonString(json, ".name"), '"}],"x":"</text><script>alert(1)</scr...', "name");
        assertEq(vm.parseJsonString(json, ".attributes[6].value"), '</svg>"??&quot;', "family");
        assertEq(vm.parseJsonString(json, ".attributes[9].value"), '</svg>"\\<&??', "framework");
        WellFormed.check(picture(json));
        WellFormed.check(registry.renderTokenById(id));
        assertTrue(!contains(picture(json), "<script"), "script");
        json = decode(registry.contractURI(), 29);
        assertEq(vm.parseJsonString(json, ".name"), '"}],"x":"</text><script>alert(1)</scr...', "collection");
        WellFormed.check(picture(json));
    }

    /// @dev Any bytes at all, as name and as family. Few runs: each reads a picture of 5 000 characters in Solidity.
    /// forge-config: default.fuzz.runs = 24
    function testFuzz_TokenURI_IsAlwaysWellFormed(string memory name, string memory family, uint64 parameters, bytes32 weights) public {
        vm.assume(bytes(name).length != 0 && weights != 0);
        ModelInput memory model = exampleModel(1);
        model.weightsDigest = weights;
        uint256 id = mint(model);
        name = part(name, 0, 1 + (bytes(name).length - 1) % 64);
        family = part(family, 0, bytes(family).length % 33);
        label(id, IModelLabels.Label(name, family, parameters));
        string memory json = onChain(id);
        vm.parseJsonString(json, ".name");
        WellFormed.check(picture(json));
    }

    function test_Ribbon_SaysHowTheTokenStands() public {
        string[6] memory words = ["", ">DEPRECATED<", ">SUPERSEDED<", ">RECALLED<", ">DISPUTED<", ">REVOKED<"];
        uint256 id = mint(exampleModel(1));
        for (uint256 i = 0; i < words.length; ++i) {
            answerWithStatus(id, Status(i));
            string memory svg = picture(onChain(id));
            assertTrue(contains(svg, "rotate") == (i != 0), "ribbon");
            assertTrue(contains(svg, words[i]), words[i]);
            assertTrue(contains(svg, "#e5383b") == (i >= uint256(Status.Recalled)), "alarm");
        }
    }

    function test_RenderTokenById_IsThePictureWithoutItsFrame() public {
        uint256 id = complete();
        string memory svg = picture(onChain(id));
        string memory body = registry.renderTokenById(id);
        string memory frame = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 640" width="640" height="640">';
        assertEq(svg, string.concat(frame, body, "</svg>"), "body");
    }

    /// @dev The pattern has a dot for each digit of the weights digest, and the colours are its own.
    function test_Pattern_ShowsEveryDigit() public {
        ModelInput memory model = exampleModel(1);
        model.weightsDigest = hex"0123456789abcdef0000000000000000000000000000000000000000000000ff";
        string memory svg = registry.renderTokenById(mint(model));
        assertTrue(contains(svg, '<circle cx="180" cy="122" r="3"/><circle cx="220" cy="122" r="4"/>'), "first digits");
        assertTrue(contains(svg, '<circle cx="420" cy="402" r="18"/><circle cx="460" cy="402" r="18"/></g>'), "last digits");
    }

    function test_ContractURI_DescribesTheCollection() public view {
        string memory json = decode(registry.contractURI(), 29);
        assertEq(vm.parseJsonString(json, ".name"), "modelmark", "name");
        string memory place = Strings.toChecksumHexString(address(registry));
        assertEq(
            vm.parseJsonString(json, ".description"),
            string.concat("Provenance tokens of AI models, registered by their creators at ", place, "."),
            "description"
        );
        string memory svg = picture(json);
        WellFormed.check(svg);
        assertTrue(contains(svg, ">COLLECTION<") && contains(svg, ">MARK<"), "card");
    }

    function test_Kinds() public {
        ModelInput memory model = exampleModel(3);
        model.kind = Kind.Dataset;
        assertTrue(contains(registry.renderTokenById(mint(model)), ">DATASET<"), "dataset");
    }

    function test_Gas() public {
        uint256 id = complete();
        uriOf(id);
        registry.tokenURI(id);
        vm.snapshotGasLastCall("ModelRenderer", "tokenURI: made on chain");
        id = mint(exampleModel(7));
        vm.prank(creator);
        _renderer.setLabel(registry, id, IModelLabels.Label("Aurora 7B Instruct", "Aurora", 7_241_732_096));
        vm.snapshotGasLastCall("ModelRenderer", "setLabel");
        _renderer.proveDepth(registry, id, APACHE, new Parent[](0));
        vm.snapshotGasLastCall("ModelRenderer", "proveDepth: no parents");
    }

    /// @dev Pictures for the eye and for other languages' parsers: `cargo xtask contracts record` writes them.
    function test_Pictures() public {
        string memory json = '{"note":"DO NOT EDIT: written by `cargo xtask contracts record`","cases":[';
        json = string.concat(json, '\n{"name":"complete","tokenURI":"', uriOf(complete()), '"},');
        uint256 id = mint(exampleModel(4));
        json = string.concat(json, '\n{"name":"nothing but digests","tokenURI":"', uriOf(id), '"},');
        id = mint(exampleModel(3));
        label(id, IModelLabels.Label(_HOSTILE, _HOSTILE32, type(uint64).max));
        json = string.concat(json, '\n{"name":"hostile","tokenURI":"', uriOf(id), '"},');
        json = string.concat(json, '\n{"name":"collection","tokenURI":"', registry.contractURI(), '"}\n]}\n');
        string memory path = "../vectors/contracts/pictures.json";
        if (vm.envOr("WRITE_VECTORS", false)) {
            vm.writeFile(path, json);
            return;
        }
        assertEq(keccak256(bytes(vm.readFile(path))), keccak256(bytes(json)), "stale: run `cargo xtask contracts record`");
    }

    /// @dev A recalled adapter with every field and a parent.
    function complete() private returns (uint256 id) {
        uint256 parent = mint(exampleModel(1));
        ModelInput memory model = exampleModel(2);
        model.kind = Kind.Adapter;
        model.framework = bytes32("pytorch 2.8.0") | bytes32(uint256(13));
        (model.datasetDigest, model.architectureDigest, model.metrics) = (bytes32(uint256(11)), bytes32(uint256(12)), bytes32(uint256(13)));
        model.parents = new Parent[](1);
        model.parents[0] = localParent(parent, model.parents[0].relation, 1000);
        id = mint(model);
        label(id, IModelLabels.Label("Aurora 7B Instruct", "Aurora", 7_241_732_096));
        _renderer.proveDepth(registry, parent, APACHE, new Parent[](0));
        _renderer.proveDepth(registry, id, APACHE, model.parents);
        vm.prank(creator);
        registry.setStatus(id, Status.Recalled, 0);
    }

    function label(uint256 id, IModelLabels.Label memory label_) private {
        vm.prank(creator);
        _renderer.setLabel(registry, id, label_);
    }

    /// @dev The last two statuses are curators' words, which our registry never has.
    function answerWithStatus(uint256 id, Status status) private {
        ModelData memory data = registry.getModelData(id);
        data.status = status;
        vm.mockCall(address(registry), abi.encodeCall(IModelRegistry.getModelData, (id)), abi.encode(data));
    }

    function uriOf(uint256 id) private returns (string memory) {
        vm.prank(creator);
        registry.setTokenURI(id, ON_CHAIN);
        return registry.tokenURI(id);
    }

    function onChain(uint256 id) private returns (string memory) {
        return decode(uriOf(id), 29);
    }

    function picture(string memory json) private pure returns (string memory) {
        return decode(vm.parseJsonString(json, ".image"), 26);
    }

    function decode(string memory uri, uint256 prefix) private pure returns (string memory) {
        return string(Base64.decode(part(uri, prefix, bytes(uri).length)));
    }

    function part(string memory text, uint256 start, uint256 end) private pure returns (string memory) {
        bytes memory piece = new bytes(end - start);
        for (uint256 i = 0; i < piece.length; ++i) {
            piece[i] = bytes(text)[start + i];
        }
        return string(piece);
    }

    function contains(string memory text, string memory word) private pure returns (bool) {
        (bytes memory all, bytes memory wanted) = (bytes(text), bytes(word));
        for (uint256 i = 0; i + wanted.length <= all.length; ++i) {
            uint256 j = 0;
            while (j < wanted.length && all[i + j] == wanted[j]) ++j;
            if (j == wanted.length) return true;
        }
        return false;
    }
}
