// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ModelRegistry} from "../../src/ModelRegistry.sol";
import {Kind, ModelData, ModelInput, Parent, Relation, Status} from "../../src/types/ModelTypes.sol";
import {Vm} from "../Vm.sol";

/// @dev Does to a registry whatever accounts can do to it, and keeps its own ledger of what must be so afterwards.
contract RegistryHandler {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant _ACTORS = 4;

    ModelRegistry private immutable _REGISTRY;

    uint256[] public ids;
    mapping(uint256 id => bytes) private _statements;
    mapping(uint256 id => bytes) private _firstData;
    mapping(uint256 id => uint256) public order;
    mapping(uint256 id => uint256[]) private _localParents;
    mapping(uint256 id => address) public owner;
    mapping(uint256 id => uint16) public royalty;
    mapping(uint256 id => bytes32) public series;
    mapping(bytes32 series => uint64) public versions;
    mapping(bytes32 series => uint256) public head;
    mapping(address account => uint256) public balance;
    mapping(uint256 id => Status) public status;
    mapping(uint256 id => bool) public stored;
    mapping(uint256 id => bool) public locked;
    mapping(uint256 id => address) public user;
    mapping(address creator => mapping(address delegate => bool)) public acts;

    constructor(ModelRegistry registry) {
        _REGISTRY = registry;
    }

    function mint(uint256 seed, uint256 who, uint8 kind, uint16 bps) external {
        _mint(_model(seed, who, kind, bps), who, false, 0);
    }

    function mintRelayed(uint256 seed, uint256 who, uint8 kind, uint16 bps, uint256 deadline) external {
        _mint(_model(seed, who, kind, bps), who, true, block.timestamp + deadline % 1 days);
    }

    function derive(uint256 seed, uint256 who, uint256 first, uint256 second, uint8 relation, uint16 share) external {
        if (ids.length < 2) return;
        ModelInput memory model = _model(seed, who, 0, 100);
        (uint256 a, uint256 b) = (ids[first % ids.length], ids[second % ids.length]);
        if (a == b) return;
        (a, b) = a < b ? (a, b) : (b, a);
        Relation chosen = Relation(1 + relation % 7);
        model.parents = new Parent[](3);
        model.parents[0] = Parent(0, address(0), a, chosen, share % 5001, bytes32(seed));
        model.parents[1] = Parent(0, address(0), b, chosen, share % 5001, 0);
        model.parents[2] = Parent(5, address(0xe), seed, Relation.Distilled, 0, 0);
        uint256 id = _mint(model, who, seed % 2 == 0, block.timestamp);
        if (id != 0) _localParents[id] = [a, b];
    }

    function continueSeries(uint256 seed, uint256 which) external {
        if (ids.length == 0) return;
        uint256 previous = ids[which % ids.length];
        uint256 who = seed % _ACTORS;
        ModelInput memory model = _model(seed, who, 0, 100);
        model.parents = new Parent[](1);
        model.parents[0] = Parent(0, address(0), previous, Relation.Version, 0, 0);
        address author = actor(who);
        ModelInput memory before = abi.decode(_statements[previous], (ModelInput));
        if (author != owner[previous] && (author != before.creator || !stored[previous])) {
            vm.expectRevert();
            vm.prank(author);
            _REGISTRY.mintProvenanceNFT(author, model);
            return;
        }
        uint256 id = _mint(model, who, false, 0);
        if (id == 0) return;
        _localParents[id] = [previous];
        --versions[series[id]];
        series[id] = series[previous];
        ++versions[series[id]];
        head[series[id]] = id;
    }

    function mintLogOnly(uint256 seed, uint256 who) external {
        ModelInput memory model = _model(seed, who, 0, 0);
        model.datasetDigest = 0;
        uint256 id = _REGISTRY.tokenIdOf(model);
        if (order[id] != 0) return;
        vm.prank(model.creator);
        _REGISTRY.mintLogOnly(actor(who), model);
        _enter(id, model, actor(who), false);
    }

    function store(uint256 which) external {
        if (ids.length == 0) return;
        uint256 id = ids[which % ids.length];
        if (stored[id]) vm.expectRevert();
        _REGISTRY.store(abi.decode(_statements[id], (ModelInput)));
        if (stored[id]) return;
        stored[id] = true;
        _firstData[id] = abi.encode(_REGISTRY.getModelData(id));
    }

    function setStatus(uint256 which, uint256 who, uint8 to) external {
        if (ids.length == 0) return;
        uint256 id = ids[which % ids.length];
        Status next = Status(to % 6);
        address author = abi.decode(_statements[id], (ModelInput)).creator;
        bool fine = stored[id] && (actor(who) == author || acts[author][actor(who)]) && next > status[id] && next <= Status.Recalled;
        if (!fine) vm.expectRevert();
        vm.prank(actor(who));
        _REGISTRY.setStatus(id, next, 0);
        if (fine) status[id] = next;
    }

    function setDelegate(uint256 who, uint256 delegate, bool allowed) external {
        vm.prank(actor(who));
        _REGISTRY.setDelegate(actor(delegate), allowed);
        acts[actor(who)][actor(delegate)] = allowed;
    }

    function lock(uint256 which) external {
        if (which % 8 != 0 || ids.length == 0) return;
        uint256 id = ids[which / 8 % ids.length];
        vm.prank(owner[id]);
        _REGISTRY.lock(id);
        locked[id] = true;
    }

    function setUser(uint256 which, uint256 who) external {
        if (ids.length == 0) return;
        uint256 id = ids[which % ids.length];
        vm.prank(owner[id]);
        _REGISTRY.setUser(id, actor(who), type(uint64).max);
        user[id] = actor(who);
    }

    function transfer(uint256 which, uint256 to) external {
        if (ids.length == 0) return;
        uint256 id = ids[which % ids.length];
        (address from, address recipient) = (owner[id], actor(to));
        if (locked[id]) vm.expectRevert();
        vm.prank(from);
        _REGISTRY.transferFrom(from, recipient, id);
        if (locked[id]) return;
        owner[id] = recipient;
        user[id] = address(0);
        --balance[from];
        ++balance[recipient];
    }

    function decreaseRoyalty(uint256 which, uint16 bps) external {
        if (ids.length == 0) return;
        uint256 id = ids[which % ids.length];
        if (royalty[id] == 0 || !stored[id]) return;
        bps = bps % royalty[id];
        vm.prank(abi.decode(_statements[id], (ModelInput)).creator);
        _REGISTRY.decreaseRoyalty(id, bps);
        royalty[id] = bps;
    }

    function setTokenURI(uint256 which, bytes32 arweaveId) external {
        if (ids.length == 0) return;
        uint256 id = ids[which % ids.length];
        vm.prank(owner[id]);
        _REGISTRY.setTokenURI(id, arweaveId);
    }

    /// @dev Tries the change that nobody may make: the same statement again, by the creator or by another account.
    function squat(uint256 which, uint256 who) external {
        if (ids.length == 0) return;
        ModelInput memory model = abi.decode(_statements[ids[which % ids.length]], (ModelInput));
        vm.expectRevert();
        vm.prank(actor(who));
        _REGISTRY.mintProvenanceNFT(actor(who), model);
    }

    function pass(uint32 time) external {
        vm.warp(block.timestamp + time % 30 days);
    }

    function minted() external view returns (uint256) {
        return ids.length;
    }

    function statement(uint256 id) external view returns (ModelInput memory) {
        return abi.decode(_statements[id], (ModelInput));
    }

    function firstData(uint256 id) external view returns (ModelData memory) {
        return abi.decode(_firstData[id], (ModelData));
    }

    function localParents(uint256 id) external view returns (uint256[] memory) {
        return _localParents[id];
    }

    function actor(uint256 who) public pure returns (address) {
        return vm.addr(_key(who));
    }

    function _mint(ModelInput memory model, uint256 who, bool relayed, uint256 deadline) private returns (uint256 id) {
        id = _REGISTRY.tokenIdOf(model);
        if (order[id] != 0) return 0;
        address to = actor(who % _ACTORS + 1);
        if (relayed) {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key(who), _REGISTRY.mintAuthDigest(to, model, deadline));
            _REGISTRY.mintProvenanceNFT(to, model, deadline, abi.encodePacked(r, s, v));
        } else {
            vm.prank(model.creator);
            _REGISTRY.mintProvenanceNFT(to, model);
        }
        _enter(id, model, to, true);
    }

    function _enter(uint256 id, ModelInput memory model, address to, bool inStorage) private {
        ids.push(id);
        order[id] = ids.length;
        _statements[id] = abi.encode(model);
        stored[id] = inStorage;
        if (inStorage) _firstData[id] = abi.encode(_REGISTRY.getModelData(id));
        owner[id] = to;
        royalty[id] = model.royaltyBps;
        series[id] = bytes32(id);
        versions[bytes32(id)] = 1;
        head[bytes32(id)] = id;
        ++balance[to];
    }

    /// @dev Few seeds, so that the same statement comes again.
    function _model(uint256 seed, uint256 who, uint8 kind, uint16 bps) private pure returns (ModelInput memory model) {
        model.weightsDigest = keccak256(abi.encode("weights", seed % 64));
        model.recordDigest = keccak256(abi.encode("record", seed % 64));
        if (seed % 3 == 0) model.datasetDigest = bytes32(seed | 1);
        model.license = keccak256("Apache-2.0");
        model.kind = Kind(kind % 3);
        model.royaltyBps = bps % 1001;
        model.creator = actor(who);
    }

    function _key(uint256 who) private pure returns (uint256) {
        return 0xac7 + who % _ACTORS;
    }
}
