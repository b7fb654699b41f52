// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev The part of Seaport 1.6 that a listing needs, written down from its documentation. What it computes is checked against the code.
interface ISeaport {
    enum OrderType {
        FullOpen,
        PartialOpen,
        FullRestricted,
        PartialRestricted,
        Contract
    }

    enum ItemType {
        Native,
        ERC20,
        ERC721,
        ERC1155
    }

    struct OfferItem {
        ItemType itemType;
        address token;
        uint256 identifierOrCriteria;
        uint256 startAmount;
        uint256 endAmount;
    }

    struct ConsiderationItem {
        ItemType itemType;
        address token;
        uint256 identifierOrCriteria;
        uint256 startAmount;
        uint256 endAmount;
        address payable recipient;
    }

    struct OrderComponents {
        address offerer;
        address zone;
        OfferItem[] offer;
        ConsiderationItem[] consideration;
        OrderType orderType;
        uint256 startTime;
        uint256 endTime;
        bytes32 zoneHash;
        uint256 salt;
        bytes32 conduitKey;
        uint256 counter;
    }

    /// @dev As the components, with the number of consideration items for the counter.
    struct OrderParameters {
        address offerer;
        address zone;
        OfferItem[] offer;
        ConsiderationItem[] consideration;
        OrderType orderType;
        uint256 startTime;
        uint256 endTime;
        bytes32 zoneHash;
        uint256 salt;
        bytes32 conduitKey;
        uint256 totalOriginalConsiderationItems;
    }

    struct Order {
        OrderParameters parameters;
        bytes signature;
    }

    function fulfillOrder(Order calldata order, bytes32 fulfillerConduitKey) external payable returns (bool fulfilled);

    function getOrderHash(OrderComponents calldata order) external view returns (bytes32 orderHash);

    function information() external view returns (string memory version, bytes32 domainSeparator, address conduitController);
}
