"""What can be wrong in a contract by one token: the mutants of a syntax tree.

Every mutant belongs to a *host*: the statement, the condition or the initial value around it. `schema.py` puts a switch into each host,
so that one compilation holds all mutants.
"""

from dataclasses import dataclass, field

BINARY = {
    "<": ["<=", ">="],
    "<=": ["<", ">"],
    ">": [">=", "<="],
    ">=": [">", "<"],
    "==": ["!="],
    "!=": ["=="],
    "+": ["-"],
    "-": ["+"],
    "*": ["/"],
    "/": ["*"],
    "%": ["*"],
    "<<": [">>"],
    ">>": ["<<"],
    "&": ["|"],
    "|": ["&"],
    "^": ["&"],
    "&&": ["||"],
    "||": ["&&"],
}
ASSIGNMENT = {"+=": ["=", "-="], "-=": ["=", "+="], "|=": ["=", "&="], "&=": ["=", "|="], ">>=": ["<<="], "<<=": [">>="]}
STATEMENTS = ("ExpressionStatement", "EmitStatement", "RevertStatement", "Return")


@dataclass
class Mutant:
    """One change: the bytes `start..end` of the file become `text`."""

    start: int
    end: int
    text: bytes
    number: int = 0
    name: str = ""


@dataclass
class Host:
    """The smallest piece of code that can be chosen between when it runs. `kind` is `statement`, `condition` or `value`."""

    kind: str
    start: int
    end: int
    function: str
    mutants: list = field(default_factory=list)


def span(node):
    start, length, _ = node["src"].split(":")
    return int(start), int(start) + int(length)


def hosts(tree, source):
    """Returns the hosts of a file, with their mutants, in the order of the file."""
    found = []
    for node in tree["nodes"]:
        members = node.get("nodes", []) if node["nodeType"] == "ContractDefinition" else [node]
        for member in members:
            if member["nodeType"] in ("FunctionDefinition", "ModifierDefinition") and member.get("body"):
                name = member.get("name") or member.get("kind", "")
                _statement(member["body"], name, source, found)
    found = [host for host in found if host.mutants]
    found.sort(key=lambda host: host.start)
    return found


def _statement(node, function, source, found):
    """Collects the hosts in a statement. What counts a loop's rounds is left alone: those mutants do not end."""
    kind = node["nodeType"]
    if kind in STATEMENTS:
        start, end = span(node)
        host = Host("statement", start, source.index(b";", end - 1) + 1, function)
        _expressions(node, source, host.mutants)
        host.mutants.append(Mutant(host.start, host.end, b""))
        found.append(host)
        return
    if kind == "VariableDeclarationStatement":
        value = node.get("initialValue")
        if value and len(node["declarations"]) == 1:
            _host("value", value, function, source, found)
        return
    if kind in ("IfStatement", "WhileStatement", "ForStatement") and node.get("condition"):
        _host("condition", node["condition"], function, source, found)
    for key in ("initializationExpression", "trueBody", "falseBody", "body"):
        if node.get(key):
            _statement(node[key], function, source, found)
    for child in node.get("statements", []):
        _statement(child, function, source, found)


def _host(kind, node, function, source, found):
    host = Host(kind, *span(node), function)
    _expressions(node, source, host.mutants)
    if kind == "condition" and node["nodeType"] != "BinaryOperation":
        host.mutants.append(Mutant(host.start, host.end, b"!(" + source[host.start : host.end] + b")"))
    found.append(host)


def _expressions(node, source, mutants):
    """Collects the mutants of an expression and of all in it."""
    if isinstance(node, list):
        for item in node:
            _expressions(item, source, mutants)
        return
    if not isinstance(node, dict):
        return
    rule = _RULES.get(node.get("nodeType"))
    if rule:
        mutants.extend(rule(node, source))
    for key, value in node.items():
        if key not in ("typeDescriptions", "overloadedDeclarations", "argumentTypes"):
            _expressions(value, source, mutants)


def _binary(node, source):
    left, right = span(node["leftExpression"]), span(node["rightExpression"])
    operator = node["operator"]
    yield from _replace_operator(source, left[1], right[0], operator, BINARY.get(operator, []))
    if operator in ("&&", "||"):
        yield Mutant(*span(node), source[slice(*left)])
        yield Mutant(*span(node), source[slice(*right)])


def _assignment(node, source):
    left, right = span(node["leftHandSide"]), span(node["rightHandSide"])
    yield from _replace_operator(source, left[1], right[0], node["operator"], ASSIGNMENT.get(node["operator"], []))


def _replace_operator(source, start, end, operator, others):
    at = source.find(operator.encode(), start, end)
    for other in others if at >= 0 else []:
        yield Mutant(at, at + len(operator), other.encode())


def _unary(node, source):
    start, end = span(node)
    text = source[start:end]
    if node["operator"] in ("!", "~"):
        yield Mutant(start, end, text[1:])
    elif node["operator"] == "++":
        yield Mutant(start, end, text.replace(b"++", b"--"))
    elif node["operator"] == "--":
        yield Mutant(start, end, text.replace(b"--", b"++"))


def _literal(node, source):
    start, end = span(node)
    text = source[start:end]
    if node["kind"] == "bool":
        yield Mutant(start, end, b"false" if text == b"true" else b"true")
    elif node["kind"] == "number" and not node.get("subdenomination") and not text.startswith(b"0x"):
        value = int(text.replace(b"_", b""))
        yield Mutant(start, end, str(value + 1).encode())
        if value:
            yield Mutant(start, end, str(value - 1).encode())


def _identifier(node, source):
    """A constant one larger or smaller; constants are written in capitals here, and those of numbers have such a type."""
    start, end = span(node)
    text = source[start:end]
    if text.isupper() and node["typeDescriptions"].get("typeString", "").startswith("uint"):
        yield Mutant(start, end, b"(" + text + b" + 1)")
        yield Mutant(start, end, b"(" + text + b" - 1)")


def _call(node, source):
    """Two neighbouring arguments of one type, in the other order."""
    arguments = node["arguments"]
    if node["kind"] != "functionCall" or node.get("names"):
        return
    for one, other in zip(arguments, arguments[1:]):
        (start, middle), (next_start, end) = span(one), span(other)
        texts = source[start:middle], source[next_start:end]
        same = one["typeDescriptions"].get("typeString") == other["typeDescriptions"].get("typeString")
        if same and texts[0] != texts[1]:
            yield Mutant(start, end, texts[1] + source[middle:next_start] + texts[0])


_RULES = {
    "BinaryOperation": _binary,
    "Assignment": _assignment,
    "UnaryOperation": _unary,
    "Literal": _literal,
    "Identifier": _identifier,
    "FunctionCall": _call,
}
