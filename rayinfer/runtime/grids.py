"""What a group fills cell by cell while its later members take earlier ones: a list, a dict, or a list of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rayinfer.runtime.calls import Call
    from rayinfer.runtime.nodes import Node


class Grid:
    """A container of cells, `depth` subscripts down; `tiled` says that members may run in tiles (see `tiles`).

    While its group grows, a cell that holds a member gives its symbol, and afterwards its ref. `unsure` are the ids of
    objects that all members in tiles take so far, and that may fail or be made yet (see `outside`).
    """

    __slots__ = ("depth", "held", "tiled", "unsure")

    def __init__(self, held: Any, depth: int, tiled: bool) -> None:
        self.held, self.depth, self.tiled = held, depth, tiled
        self.unsure: frozenset[bytes] = frozenset()

    def __len__(self) -> int:
        return len(self.held)

    def __setitem__(self, key: Any, value: Any) -> None:
        if self.depth == 1:
            self.held[key] = value
        else:
            self.held[key[0]][key[1]] = value

    def at(self, node: Node, key: Any) -> Any:
        """`grid[key]`: a cell, or a row whose items are cells."""
        return Row(node, key) if self.depth == 2 else real(self.held[key])

    def settle(self, node: Node) -> None:
        """Hold what the members gave instead of their symbols: what follows are reads of single cells."""
        for key, ref in zip(node.keys, node.refs, strict=True):
            self[key] = ref


class Row:
    """`grid[i]`, which is looked up with the second subscript only: after what is assigned, as Python does it."""

    __slots__ = ("key", "node")

    def __init__(self, node: Node, key: Any) -> None:
        self.node, self.key = node, key

    def __getitem__(self, key: Any) -> Any:
        return real(self.node.into.held[self.key][key])

    def __setitem__(self, key: Any, call: Call) -> None:
        self.node[self.key, key] = call


class Part:
    """The ref of a member that ran in a tile: one of the results that `carrier` holds together."""

    __slots__ = ("carrier", "index", "picked")

    def __init__(self, carrier: Any, index: int) -> None:
        self.carrier, self.index = carrier, index
        self.picked: Any = None

    def ref(self) -> Any:
        """An object of its own for this result."""
        if self.picked is None:
            from rayinfer.runtime import tile_worker
            from rayinfer.runtime.bundles import remote_task

            self.picked = remote_task("pick", tile_worker).options(num_cpus=0).remote(self.carrier, self.index)
        return self.picked


def real(value: Any) -> Any:
    """What a program finds: a real ref instead of the place of a result."""
    return value.ref() if type(value) is Part else value


def grid(held: Any, depth: int = 1) -> Grid:
    """A container whose cells, `depth` subscripts down, a group fills and reads: `ri.Map(f, into=ri.grid(cells))`."""
    return Grid(held, depth, False)


def tiled(held: Any, depth: int = 1) -> Grid:
    """The same, of a task without effects, of which afterwards only single cells are read."""
    return Grid(held, depth, True)
