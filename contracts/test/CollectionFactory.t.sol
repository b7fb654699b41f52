// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CollectionFactory} from "../src/CollectionFactory.sol";
import {ICollectionFactory} from "../src/interfaces/ICollectionFactory.sol";
import {Base} from "./Base.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

contract CollectionFactoryTest is Base {
    CollectionFactory private _factory;
    address private _authority;

    function setUp() public override {
        super.setUp();
        _factory = new CollectionFactory(address(registry));
        _authority = address(new AccessManager(address(this)));
    }

    function test_Create_Emits() public {
        address expected = _factory.addressOf(_authority, "Acme", "A");
        vm.expectEmit(address(_factory));
        emit ICollectionFactory.CollectionCreated(expected, _authority, stranger, "Acme", "A");
        vm.prank(stranger);
        assertEq(_factory.create(_authority, "Acme", "A"), expected, "address");
    }

    function test_Create_IsIdempotent() public {
        address first = _factory.create(_authority, "Acme", "A");
        assertEq(_factory.create(_authority, "Acme", "A"), first, "again");
    }

    function test_Create_EveryTermMovesTheAddress() public {
        address first = _factory.create(_authority, "Acme", "A");
        assertTrue(first != _factory.create(address(0), "Acme", "A"), "authority");
        assertTrue(first != _factory.create(_authority, "Acme2", "A"), "name");
        assertTrue(first != _factory.create(_authority, "Acme", "A2"), "symbol");
        assertTrue(_factory.create(address(0), "ab", "c") != _factory.create(address(0), "a", "bc"), "where the name ends");
    }

    function test_IsCollection_KnowsItsOwn() public {
        assertTrue(_factory.isCollection(address(registry)), "the registry");
        assertTrue(_factory.isCollection(_factory.create(_authority, "Acme", "A")), "a collection");
        assertEq(_factory.registry(), address(registry), "registry");
    }

    function test_IsCollection_KnowsStrangers() public {
        assertTrue(!_factory.isCollection(stranger), "no code");
        assertTrue(!_factory.isCollection(address(this)), "another contract");
        assertTrue(!_factory.isCollection(Clones.clone(address(registry))), "a proxy without terms");
        assertTrue(!_factory.isCollection(_factory.addressOf(_authority, "Acme", "A")), "not created yet");
        CollectionFactory other = new CollectionFactory(address(registry));
        assertTrue(!_factory.isCollection(other.create(_authority, "Acme", "A")), "another factory's");
        bytes memory terms = abi.encode(_authority, "Acme", "A");
        assertTrue(!_factory.isCollection(Clones.cloneWithImmutableArgs(address(registry), terms)), "somebody's copy");
    }

    function testFuzz_IsCollection_KnowsEveryName(bytes memory name, bytes memory symbol) public {
        if (name.length > 64 || symbol.length > 16) {
            vm.expectRevert(abi.encodeWithSelector(ICollectionFactory.CollectionFactoryTermsTooLong.selector, name, symbol));
            _factory.create(_authority, string(name), string(symbol));
        } else {
            assertTrue(_factory.isCollection(_factory.create(_authority, string(name), string(symbol))), "collection");
        }
    }

    function test_Create_LongestTerms() public {
        string memory name = "0123456789012345678901234567890123456789012345678901234567890123";
        assertTrue(_factory.isCollection(_factory.create(_authority, name, "0123456789012345")), "longest");
        refused(string.concat(name, "4"), "A");
        refused("Acme", "01234567890123456");
    }

    function test_RevertWhen_TheAuthorityHasNoCode() public {
        vm.expectRevert(abi.encodeWithSelector(ICollectionFactory.CollectionFactoryInvalidAuthority.selector, stranger));
        _factory.create(stranger, "Acme", "A");
    }

    function test_RevertWhen_ConstructedWithARegistryWithoutCode() public {
        vm.expectRevert(abi.encodeWithSelector(ICollectionFactory.CollectionFactoryInvalidRegistry.selector, stranger));
        new CollectionFactory(stranger);
    }

    function refused(string memory name, string memory symbol) private {
        vm.expectRevert(abi.encodeWithSelector(ICollectionFactory.CollectionFactoryTermsTooLong.selector, name, symbol));
        _factory.create(_authority, name, symbol);
    }
}
