// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ERC-4907: a user of a token beside its owner, until a time
interface IERC4907 {
    /// @notice Emitted when the user of a token or the end of the use changes. The zero user means that there is none.
    event UpdateUser(uint256 indexed tokenId, address indexed user, uint64 expires);

    /// @notice Lets `user` use a token until `expires`, in Unix time. Only the owner or an approved account.
    function setUser(uint256 tokenId, address user, uint64 expires) external;

    /// @notice Returns the user of a token: zero when there is none or the time is over.
    function userOf(uint256 tokenId) external view returns (address user);

    /// @notice Returns when the use of a token ends or ended, in Unix time: zero when there is no user.
    function userExpires(uint256 tokenId) external view returns (uint256 expires);
}
