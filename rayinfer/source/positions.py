"""The place of every node in the text, and the text itself, from one pass of code generation."""

from __future__ import annotations

from types import TracebackType

import libcst as cst
from libcst._nodes.internal import CodegenState

# LibCST's own PositionProvider copies or visits the whole tree besides generating its code, and splits each token into
# lines: five times the time of this pass, which also yields the text that the round-trip guard needs. The hooks are
# those its provider uses (libcst/metadata/position_provider.py).

# A range is kept as one number: of a tuple for each node, a large file would have more than of all the rest.
_HALF = 32
_END = (1 << _HALF) - 1


class _Recorder(CodegenState):
    """Code generation that notes at which offset each node starts and ends, without whitespace and parentheses."""

    __slots__ = ("_stack", "offset", "places")

    def __init__(self, module: cst.Module) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.offset = 0
        self.places: dict[int, int] = {}
        self._stack: list[int] = []

    def add_indent_tokens(self) -> None:
        self.tokens.extend(self.indent_tokens)
        self.offset += sum(map(len, self.indent_tokens))

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.offset += len(value)

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._stack.append(self.offset)

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self._stack.pop()
        # A syntactic position, recorded from within the node, is the better one.
        if id(node) not in self.places:
            self.places[id(node)] = start << _HALF | self.offset

    def record_syntactic_position(  # type: ignore[override]
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> _Syntactic:
        return _Syntactic(self, node, start_node, end_node)


class _Syntactic:
    """The part of a node's code generation that gives its position."""

    __slots__ = ("end_node", "node", "start", "start_node", "state")

    def __init__(
        self, state: _Recorder, node: cst.CSTNode, start_node: cst.CSTNode | None, end_node: cst.CSTNode | None
    ) -> None:
        self.state, self.node, self.start_node, self.end_node = state, node, start_node, end_node

    def __enter__(self) -> None:
        self.start = self.state.offset

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            return
        places = self.state.places
        start = self.start if self.start_node is None else unpacked(places[id(self.start_node)])[0]
        end = self.state.offset if self.end_node is None else unpacked(places[id(self.end_node)])[1]
        places[id(self.node)] = start << _HALF | end


def unpacked(place: int) -> tuple[int, int]:
    """Start and end of a packed half-open range."""
    return place >> _HALF, place & _END


def generate(module: cst.Module) -> tuple[str, dict[int, int]]:
    """The code of a module, and for each of its nodes, by identity, the half-open range of that code, packed."""
    recorder = _Recorder(module)
    module._codegen(recorder)
    return "".join(recorder.tokens), recorder.places
