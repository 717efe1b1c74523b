"""Code of a file that runs without being called by name: behind attribute reads, operators and iterations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hooks:
    """The names under which a file's classes hook in code whose effect is not known.

    `attributes` are properties and methods such as `keys`; `every_attribute` stands for `__getattr__`. `methods` are
    special methods such as `__len__`. `iteration` says that some generator or iterator of the file has an effect.
    `called` are methods of theirs that have the name of one that containers have and that only looks. `pickling` says
    that a value which goes to a task, or comes from one, may run such code.
    """

    attributes: frozenset[str] = frozenset()
    every_attribute: bool = False
    methods: frozenset[str] = frozenset()
    iteration: bool = False
    called: frozenset[str] = frozenset()
    pickling: bool = False

    def on_attribute(self, name: str) -> bool:
        """Whether reading an attribute of this name may run such code."""
        return self.every_attribute or name in self.attributes

    def on_any(self, methods: frozenset[str]) -> bool:
        """Whether one of these special methods may run such code."""
        return not self.methods.isdisjoint(methods)


NO_HOOKS = Hooks()

# What numpy runs of a class derived from its arrays, or of one that takes part in what it computes.
ARRAYS = frozenset(f"__array_{name}__" for name in "finalize function prepare ufunc wrap".split())
_BINARY = "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or".split()
ARITHMETIC = frozenset(f"__{side}{name}__" for name in _BINARY for side in ("", "r")) | ARRAYS
SIGNS = frozenset({"__neg__", "__pos__", "__abs__", "__invert__"}) | ARRAYS
COMPARISONS = ARRAYS | {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__", "__hash__"}
TRUTH = frozenset({"__bool__", "__len__"})
KEYS = frozenset({"__hash__", "__eq__"})
TEXTS = frozenset({"__str__", "__repr__", "__format__", "__bytes__"})
ITEMS = frozenset({"__getitem__", "__missing__", "__class_getitem__", "__index__"}) | KEYS | ARRAYS
ITERATORS = frozenset({"__iter__", "__next__", "__getitem__", "__len__", "__reversed__", "__length_hint__"})
# What builtins and copies run, beyond all of these.
CONVERSIONS = frozenset(
    f"__{name}__"
    for name in "int float complex index round trunc floor ceil instancecheck subclasscheck subclasshook array fspath"
    " copy deepcopy reduce reduce_ex getstate setstate getnewargs getnewargs_ex sizeof dir".split()
)
# All that an expression may run; `__del__` runs when a name is bound anew.
ANYTHING = ARITHMETIC | SIGNS | COMPARISONS | TRUTH | TEXTS | ITEMS | ITERATORS | CONVERSIONS
FINALISER = frozenset({"__del__"})
SPECIAL = ANYTHING | FINALISER
# Methods that only look at what has them, of containers, texts and arrays.
LOOKING = frozenset(
    "copy count endswith format get index item items join keys lower max mean min replace split startswith std strip"
    " sum tolist upper values".split()
)
# Methods that put something into the list, dict or set that has them, and change nothing else.
GROWING = frozenset("add append extend insert setdefault update".split())
# What making a value anew of its pickled form may run, and what making that form.
PICKLING = frozenset(
    "__getstate__ __setstate__ __getnewargs__ __getnewargs_ex__ __new__ __setattr__ __init_subclass__".split()
)
