"""One source that is the contract and all its mutants: which one runs is chosen by the block's randomness.

A compilation takes a minute, a run of the tests about a second. So every host becomes a choice, and `forge test --block-prevrandao N`
runs mutant N without compiling anything. Zero is the contract as it is.
"""

SWITCH = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev Says which mutant runs. Pure for the compiler, since it is asked in pure functions too: it cannot change within a run.
library Mutant {
    function on(uint256 number) internal pure returns (bool) {
        return _pure(_active)() == number;
    }

    function _active() private view returns (uint256) {
        return block.prevrandao;
    }

    function _pure(function() internal view returns (uint256) reader) private pure returns (function() internal pure returns (uint256) same) {
        assembly {
            same := reader
        }
    }
}
"""

IMPORT = b'\nimport {Mutant} from "src/Mutant.sol";\n'


def instrument(source, hosts):
    """Returns the source with a switch in every host, and for each mutant the bytes that it takes there."""
    pragma = source.index(b";", source.index(b"pragma solidity")) + 1
    pieces, places = [source[:pragma], IMPORT], {}
    at, length = pragma, pragma + len(IMPORT)

    def put(text):
        nonlocal length
        pieces.append(text)
        length += len(text)

    for host in hosts:
        put(source[at : host.start])
        at = host.end
        _choice(source, host, put, places, lambda: length)
    put(source[at:])
    return b"".join(pieces), places


def _choice(source, host, put, places, position):
    before, after, otherwise = (b"if (", b") { ", b" } else ") if host.kind == "statement" else (b"(", b" ? ", b" : ")
    put(b"{ " if host.kind == "statement" else b"(")
    for mutant in host.mutants:
        start = position()
        put(before + b"Mutant.on(%d)" % mutant.number + after)
        put(source[host.start : mutant.start] + mutant.text + source[mutant.end : host.end])
        put(otherwise)
        places[mutant.number] = (start, position())
    original = source[host.start : host.end]
    if host.kind == "statement":
        put(b"{ " + original + b" } }")
    else:
        put(original + b")" * (len(host.mutants) + 1))


def names(file, source, hosts):
    """Names each mutant by where it is and what it changes, without line numbers, which move."""
    seen = {}
    for host in hosts:
        original = _flat(source[host.start : host.end])
        for mutant in host.mutants:
            changed = _flat(source[host.start : mutant.start] + mutant.text + source[mutant.end : host.end])
            name = f"{file} {host.function}: {original} => {changed or 'nothing'}"
            seen[name] = seen.get(name, 0) + 1
            mutant.name = name if seen[name] == 1 else f"{name} ({seen[name]})"


def _flat(text):
    return " ".join(text.decode().split())
