"""`list(map(f.remote, xs))`, and lambdas that submit: said as the comprehension that does the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from rayinfer.facts.names import Names
from rayinfer.facts.scopes import resolve
from rayinfer.facts.walk import children, walk
from rayinfer.patterns.context import CONSUMERS
from rayinfer.source.module import Source

# A file without these has no such call.
MAY_MAP = re.compile(r"\bmap\s*\(")
# Code that would bind a name of the function, or leave it, in a comprehension; and code in a lambda that runs later.
_OUTSIDE = (cst.NamedExpr, cst.Yield, cst.Await)
_LATER = (cst.Lambda, cst.GeneratorExp)
# What needs no parentheses around it.
_CLOSED = (cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.List, cst.Dict, cst.ListComp, cst.DictComp)


@dataclass(frozen=True)
class Respelling:
    """A part of a file's text, from `start` to `end`, and what is to stand there instead, on as many lines."""

    start: int
    end: int
    text: str


class Respelt:
    """A file's text with some of its parts spelt otherwise."""

    def __init__(self, text: str, parts: Sequence[Respelling]) -> None:
        self.parts = parts
        pieces: list[str] = []
        # Where each part begins and ends, here.
        self.ranges: list[tuple[int, int]] = []
        at = size = 0
        for part in parts:
            size += part.start - at
            self.ranges.append((size, size + len(part.text)))
            pieces += [text[at : part.start], part.text]
            size, at = size + len(part.text), part.end
        self.text = "".join([*pieces, text[at:]])

    def original(self, offset: int) -> int:
        """Where in the file's own text an offset of this one lies; of one in a part, where that begins."""
        shift = 0
        for part, (start, end) in zip(self.parts, self.ranges, strict=True):
            if offset < start:
                break
            if offset < end:
                return part.start
            shift += (part.end - part.start) - (end - start)
        return offset + shift


def respellings(source: Source) -> list[Respelling]:
    """The calls of `map` in a file that are taken whole at once and submit, in source order; none inside another.

    What they are said as does the same, so far as a group can be made of it: a function that is mapped is looked up
    for each item then, and not once.
    """
    scopes = resolve(source.module)
    if any(name.value == "zip" and scopes.owner(name) is not None for name in scopes.names()):
        return []
    names = Names(source.module, scopes)
    found: list[Respelling] = []
    for node, opening, call in _outermost(source.module, names):
        spelt = _spelt(node, opening, call, names, source)
        if spelt is not None:
            found.append(Respelling(*source.offsets(node), spelt))
    return sorted(found, key=lambda one: one.start)


def _outermost(module: cst.Module, names: Names) -> Iterator[tuple[cst.CSTNode, str, cst.Call]]:
    """What takes a `map` whole, but for what stands in another; each with what `_mapped` gives."""
    stack: list[cst.CSTNode] = [module]
    while stack:
        node = stack.pop()
        mapped = _mapped(node, names)
        if mapped is not None:
            yield node, *mapped
        else:
            stack += children(node)


def _mapped(node: cst.CSTNode, names: Names) -> tuple[str, cst.Call] | None:
    """What is written around a comprehension in place of `node`, before it, and the call of `map` that it takes."""
    if isinstance(node, cst.List):
        (element,) = node.elements if len(node.elements) == 1 else (None,)
        given = element.value if isinstance(element, cst.StarredElement) else None
        opening = "["
    elif isinstance(node, cst.Call) and len(node.args) == 1 and not node.args[0].star and node.args[0].keyword is None:
        given = node.args[0].value
        made = names.dotted(node.func)
        func = node.func
        if made == "builtins.list":
            opening = "["
        elif made in CONSUMERS and isinstance(func, cst.Name):
            opening = f"{func.value}("
        elif isinstance(func, cst.Attribute) and func.attr.value == "extend" and isinstance(func.value, cst.Name):
            opening = f"{func.value.value}.extend("
        else:
            return None
    else:
        return None
    if not isinstance(given, cst.Call) or names.dotted(given.func) != "builtins.map" or len(given.args) < 2:
        return None
    plain = all(not arg.star and arg.keyword is None for arg in given.args)
    return (opening, given) if plain else None


def _spelt(node: cst.CSTNode, opening: str, call: cst.Call, names: Names, source: Source) -> str | None:
    """The comprehension that does the same as `node`; None where there is none, or where it submits nothing."""
    function, *over = (arg.value for arg in call.args)
    if any(isinstance(part, _OUTSIDE) for part in walk(node)):
        return None
    if isinstance(function, cst.Lambda):
        said = _of_lambda(function, source)
        begin = source.offsets(function.body)[0]
    else:
        said = _of_name(function, len(over), names, source)
        begin = source.offsets(function)[0]
    if said is None or len(said[0]) != len(over):
        return None
    targets, item = said
    (start, end), (first, _), (_, last) = source.offsets(node), source.offsets(over[0]), source.offsets(over[-1])
    after = source.offsets(function.body if isinstance(function, cst.Lambda) else function)[1]
    gaps = source.text[start:begin], source.text[after:first], source.text[last:end]
    if any("#" in gap or "\\" in gap for gap in gaps):
        return None
    before, between, behind = map(_line_ends, gaps)
    if len(over) == 1:
        items = _closed(over[0], source)
    else:
        items = f"zip({source.text[first:last]})"
        if any(not isinstance(one, _CLOSED) for one in over):
            return None
    closing = "]" if opening == "[" else ")"
    return f"{opening}{before}{item} for {', '.join(targets)} in{between or ' '}{items}{behind}{closing}"


def _of_lambda(function: cst.Lambda, source: Source) -> tuple[list[str], str] | None:
    """The parameters of a lambda that submits, and its body."""
    given = function.params
    simple = not (given.kwonly_params or given.posonly_params or given.star_kwarg)
    simple = simple and not isinstance(given.star_arg, cst.Param | cst.ParamStar)
    if not simple or any(param.default is not None for param in given.params):
        return None
    parts = list(walk(function.body))
    if any(isinstance(part, _LATER) for part in parts) or not any(map(_submits, parts)):
        return None
    return [param.name.value for param in given.params], _closed(function.body, source)


def _of_name(function: cst.BaseExpression, count: int, names: Names, source: Source) -> tuple[list[str], str] | None:
    """Names for the items, and a call of `task.remote` with them."""
    if not isinstance(function, cst.Attribute) or function.attr.value != "remote":
        return None
    target = function.value
    if isinstance(target, cst.Call) and isinstance(target.func, cst.Attribute) and target.func.attr.value == "options":
        target = target.func.value
    root = target.value if isinstance(target, cst.Attribute) else target
    # Nothing that runs as the items are made may bind it anew.
    if not isinstance(root, cst.Name) or (names.only_binder(root) is None and names.is_shared(root)):
        return None
    words = set(re.findall(r"\w+", source.text))
    free = (name for n in range(len(words) + count + 1) for name in (f"item{n or ''}",) if name not in words)
    items = [next(free) for _ in range(count)]
    return items, f"{source.code(function)}({', '.join(items)})"


def _submits(part: cst.CSTNode) -> bool:
    return isinstance(part, cst.Call) and isinstance(part.func, cst.Attribute) and part.func.attr.value == "remote"


def _closed(node: cst.BaseExpression, source: Source) -> str:
    code = source.code(node)
    return code if isinstance(node, _CLOSED) else f"({code})"


def _line_ends(gap: str) -> str:
    """What a gap between two parts has of ends of lines, with the blanks that begin the next one."""
    blank = "".join(re.findall(r"\s", gap))
    at = min((blank.find(end) for end in "\r\n" if end in blank), default=len(blank))
    return blank[at:]
