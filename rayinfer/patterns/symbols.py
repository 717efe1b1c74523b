"""What names stand for in a run of statements that only pass the refs of single tasks on: refs, or lists of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import libcst as cst

from rayinfer.facts.effects import describe_effect, has_effect, impure_part
from rayinfer.facts.walk import walk
from rayinfer.patterns.callee import is_submission, names_in
from rayinfer.patterns.context import Context, Refusal

REF, LIST, PLAIN = "a ref", "a list of refs", "a plain value"
_FINALISER = frozenset({"__del__"})
_ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Kind:
    """What an expression stands for: the calls, by identity, whose refs it may be; `other` for what is none of them."""

    what: str = PLAIN
    sites: frozenset[int] = frozenset()
    other: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a statement stands: what is bound in the loops around it, and whether one of them is a `while`."""

    bound: frozenset[str] | None = None
    repeats: bool = False
    name: str | None = None
    stmt: cst.CSTNode | None = None
    holder: cst.CSTNode | None = None


@dataclass
class Symbols:
    """A run of statements, read. `passed` has, for each argument that is a ref, whose it may be and whether another's.

    Raises:
        Refusal: when the statements do anything else than submit tasks and pass their refs on.
    """

    statements: Sequence[cst.CSTNode]
    context: Context
    kinds: dict[str, Kind] = field(default_factory=dict)
    sites: list[cst.Call] = field(default_factory=list)
    passed: dict[int, tuple[frozenset[int], bool]] = field(default_factory=dict)
    statement_of: dict[int, cst.CSTNode] = field(default_factory=dict)
    holder_of: dict[int, cst.CSTNode] = field(default_factory=dict)
    name_of: dict[int, str] = field(default_factory=dict)
    # The names that hold a list from before, and those whose list is changed.
    unknown_lists: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    # By statement: the names with refs that it binds, those that it reads, and whether a task takes another's ref.
    bound: list[set[str]] = field(default_factory=list)
    used: list[set[str]] = field(default_factory=list)
    links: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.context.names.hooks.on_any(_FINALISER):
            raise Refusal("RI101", "an object that is dropped may run code of this file")
        for _ in range(_ROUNDS):
            before = dict(self.kinds)
            self.sites, self.passed = [], {}
            self.bound, self.used, self.links = [], [], []
            for statement in self.statements:
                self.bound.append(set())
                self.used.append(set())
                self.links.append(False)
                self._statement(statement, _Place())
            if before == self.kinds:
                break
        else:
            raise Refusal("RI101", "what names stand for is not understood")
        if self.changed & self.unknown_lists:
            raise Refusal("RI101", "a list of the program's own is changed")

    def needed(self) -> tuple[int, int] | None:
        """The first and last statement of those that tasks which take one another need; None when there are none."""
        last = max((number for number, link in enumerate(self.links) if link), default=None)
        if last is None:
            return None
        first, wanted = last, set(self.used[last])
        for number in range(last - 1, -1, -1):
            if self.links[number] or self.bound[number] & wanted:
                first = number
                wanted |= self.used[number]
        return first, last

    def may_be_unbound(self, name: str) -> bool:
        """Whether a name may have no value after the statements: only a loop or branch binds it."""
        for statement, bound in zip(self.statements, self.bound, strict=True):
            if isinstance(statement, cst.SimpleStatementLine) and name in bound:
                return False
        before = self.context.flow.reaching_before(self.statements[0], name)
        return not before or any(definition.kind in ("entry", "del") for definition in before)

    def live(self) -> list[str]:
        """The names, of those that may hold refs, that are read afterwards."""
        live = self.context.flow.live_after(self.statements[-1])
        return [name for name in self.kinds if name in live]

    def _is_from_before(self, name: str) -> bool:
        """Whether the statements may read what a name holds before the first of them."""
        flow, first = self.context.flow, self.statements[0]
        before = any(one.kind not in ("entry", "del") for one in flow.reaching_before(first, name))
        return before and name in flow.live_before(first)

    def _statement(self, statement: cst.CSTNode, place: _Place) -> None:
        if isinstance(statement, cst.SimpleStatementLine):
            for small in statement.body:
                self._small(small, replace(place, stmt=statement))
        elif isinstance(statement, cst.While):
            self._plain(statement.test)
            self._body(statement, replace(place, repeats=True))
        elif isinstance(statement, cst.For):
            self._for(statement, place)
        elif isinstance(statement, cst.If):
            branch: cst.If | cst.Else | None = statement
            while isinstance(branch, cst.If):
                self._plain(branch.test)
                self._suite(branch.body, place)
                branch = branch.orelse
            if branch is not None:
                self._suite(branch.body, place)
        else:
            raise Refusal("RI101", "a statement does more than to pass refs on")

    def _body(self, loop: cst.For | cst.While, place: _Place) -> None:
        if loop.orelse is not None:
            raise Refusal("RI101", "a loop has an `else`")
        bound = place.bound
        if isinstance(loop, cst.For):
            stored = {name.value for name in names_in(loop.body) if self.context.scopes.is_store(name)}
            bound = (bound or frozenset()) | stored | self.changed
        self._suite(loop.body, replace(place, bound=bound))

    def _suite(self, suite: cst.BaseSuite, place: _Place) -> None:
        if not isinstance(suite, cst.IndentedBlock):
            raise Refusal("RI101", "a body stands on one line")
        for statement in suite.body:
            self._statement(statement, place)

    def _for(self, loop: cst.For, place: _Place) -> None:
        if loop.asynchronous is not None or not self.context.is_plain_iterable(loop.iter):
            raise Refusal("RI101", "what a loop goes over may run code of the program")
        self._plain(loop.iter)
        parts = loop.target.elements if isinstance(loop.target, cst.Tuple) else ()
        for part in [element.value for element in parts] or [loop.target]:
            self._bind(part, Kind())
        self._body(loop, place)

    def _small(self, small: cst.BaseSmallStatement, place: _Place) -> None:
        if isinstance(small, cst.Pass):
            return
        if isinstance(small, cst.Assign) and len(small.targets) == 1:
            self._assign(small.targets[0].target, small.value, place)
        elif isinstance(small, cst.AnnAssign) and small.value is not None:
            self._assign(small.target, small.value, place)
        elif isinstance(small, cst.Expr) and isinstance(small.value, cst.Call):
            self._grow(small.value, place)
        else:
            raise Refusal("RI101", "a statement does more than to pass refs on")

    def _assign(self, target: cst.BaseExpression, value: cst.BaseExpression, place: _Place) -> None:
        if isinstance(target, cst.Tuple) and isinstance(value, cst.Tuple):
            if len(target.elements) != len(value.elements):
                raise Refusal("RI101", "values are taken apart")
            pairs = [(part.value, given.value) for part, given in zip(target.elements, value.elements, strict=True)]
        else:
            pairs = [(target, value)]
        named = (replace(place, name=part.value if isinstance(part, cst.Name) else None) for part, _ in pairs)
        kinds = [self._kind(given, at) for (_, given), at in zip(pairs, named, strict=True)]
        for (part, _), kind in zip(pairs, kinds, strict=True):
            self._bind(part, kind)

    def _bind(self, target: cst.BaseExpression, kind: Kind) -> None:
        if not isinstance(target, cst.Name) or self.context.names.is_shared(target):
            raise Refusal("RI101", "something else than a name of this function is assigned to")
        name = self.context.scopes.spelling(target)
        before = self.kinds.get(name)
        if kind.what == PLAIN and before is None:
            return
        if kind.what != PLAIN:
            self.bound[-1].add(name)
        if before is None and self._is_from_before(name):
            kind = replace(kind, other=True)
            if kind.what == LIST:
                self.unknown_lists.add(name)
        self.kinds[name] = _either(before, kind)

    def _grow(self, call: cst.Call, place: _Place) -> None:
        """`refs.append(ref)` or `refs.extend(list)`."""
        func = call.func
        if not isinstance(func, cst.Attribute) or not isinstance(func.value, cst.Name) or len(call.args) != 1:
            raise Refusal("RI101", "a statement does more than to pass refs on")
        if call.args[0].star or call.args[0].keyword is not None or self._of(func.value).what != LIST:
            raise Refusal("RI101", "a statement does more than to pass refs on")
        kind = self._kind(call.args[0].value, replace(place, name=func.value.value))
        if kind.what != {"append": REF, "extend": LIST}.get(func.attr.value):
            raise Refusal("RI101", "a list gets something else than refs")
        name = self.context.scopes.spelling(func.value)
        self.changed.add(name)
        self.bound[-1].add(name)
        self.kinds[name] = _either(self.kinds[name], replace(kind, what=LIST))

    def _of(self, name: cst.Name) -> Kind:
        if self.context.scopes.owner(name) is None:
            return Kind()
        spelling = self.context.scopes.spelling(name)
        found = self.kinds.get(spelling)
        if found is None:
            return Kind()
        self.used[-1].add(spelling)
        return found

    def _kind(self, node: cst.BaseExpression, place: _Place) -> Kind:
        """What an expression stands for."""
        if isinstance(node, cst.Name):
            return self._of(node)
        if is_submission(node, self.context):
            assert isinstance(node, cst.Call)
            return self._site(node, place)
        if isinstance(node, cst.Subscript):
            kind = self._kind(node.value, place) if isinstance(node.value, cst.Name) else Kind()
            if kind.what == LIST and len(node.slice) == 1:
                self._plain(node.slice[0])
                return replace(kind, what=REF if isinstance(node.slice[0].slice, cst.Index) else LIST)
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "pop":
            receiver = node.func.value
            kind = self._of(receiver) if isinstance(receiver, cst.Name) else Kind()
            if isinstance(receiver, cst.Name) and kind.what == LIST:
                for arg in node.args:
                    self._plain(arg)
                self.changed.add(self.context.scopes.spelling(receiver))
                return replace(kind, what=REF)
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
            left, right = (self._kind(part, place) for part in (node.left, node.right))
            if left.what == right.what == LIST:
                return _either(left, right)
            if left.what != PLAIN or right.what != PLAIN:
                raise Refusal("RI101", "a ref or a list of refs is computed with")
        if isinstance(node, cst.List) and node.elements:
            return self._list(node, place)
        if isinstance(node, cst.ListComp) and any(is_submission(part, self.context) for part in walk(node)):
            return self._comprehension(node, place)
        self._plain(node)
        return Kind(LIST) if _is_empty(node) else Kind()

    def _list(self, node: cst.List, place: _Place) -> Kind:
        kinds = [self._kind(element.value, place) for element in node.elements]
        if all(kind.what == PLAIN for kind in kinds):
            self._plain(node)
            return Kind()
        for element, kind in zip(node.elements, kinds, strict=True):
            if kind.what != (REF if isinstance(element, cst.Element) else LIST):
                raise Refusal("RI101", "a list holds something else than refs")
        return Kind(LIST, frozenset().union(*(kind.sites for kind in kinds)), any(kind.other for kind in kinds))

    def _comprehension(self, node: cst.ListComp, place: _Place) -> Kind:
        loop = node.for_in
        if loop.asynchronous is not None or loop.inner_for_in is not None or place.holder is not None:
            raise Refusal("RI101", "a comprehension has loops inside")
        if not self.context.is_plain_iterable(loop.iter):
            raise Refusal("RI101", "what a loop goes over may run code of the program")
        self._plain(loop.iter)
        for condition in loop.ifs:
            self._plain(condition.test)
        own = {name.value for name in names_in(loop.target)}
        if own & self.kinds.keys():
            raise Refusal("RI101", "a loop's variable goes by the name of a ref")
        kind = self._kind(node.elt, replace(place, holder=node))
        if kind.what != REF:
            raise Refusal("RI101", "a list holds something else than refs")
        return replace(kind, what=LIST)

    def _site(self, site: cst.Call, place: _Place) -> Kind:
        """One submission; its arguments are plain, or refs."""
        assert isinstance(site.func, cst.Attribute)
        self._plain(site.func.value)
        inner = replace(place, name=None)
        for arg in site.args:
            kind = Kind() if arg.star else self._kind(arg.value, inner) if self._may_be_ref(arg.value) else Kind()
            if kind.what == LIST:
                raise Refusal("RI101", "a task takes a list of refs")
            loops = place.bound is not None or place.repeats
            sites = kind.sites if loops else kind.sites & {id(one) for one in self.sites}
            if kind.what == REF and not sites:
                # What it was before: a real ref, or a plain value.
                continue
            if kind.what == REF:
                if place.holder is not None and not place.repeats:
                    raise Refusal("RI101", "a comprehension takes refs")
                self.passed[id(arg)] = sites, kind.other
                self._link(arg.value, place)
            else:
                self._plain(arg, clocks=True)
                if arg.star and has_effect(arg, self.context.names):
                    raise Refusal("RI103", "taking an argument apart may run code of this file")
        self.sites.append(site)
        if place.stmt is not None:
            self.statement_of[id(site)] = place.stmt
        if place.holder is not None:
            self.holder_of[id(site)] = place.holder
        if place.name is not None:
            self.name_of[id(site)] = place.name
        return Kind(REF, frozenset((id(site),)))

    def _link(self, value: cst.BaseExpression, place: _Place) -> None:
        """Note that a task takes another's ref; one that every round of a `for` takes is shared by a group."""
        if place.bound is not None and not place.repeats:
            if any(name.value not in place.bound for name in self._refs_in(value)):
                raise Refusal("RI101", "the tasks of a loop share a ref")
        self.links[-1] = True

    def _may_be_ref(self, node: cst.BaseExpression) -> bool:
        return is_submission(node, self.context) or any(True for _ in self._refs_in(node))

    def _refs_in(self, node: cst.CSTNode) -> Iterator[cst.Name]:
        scopes = self.context.scopes
        return (name for name in names_in(node) if scopes.owner(name) and scopes.spelling(name) in self.kinds)

    def _plain(self, node: cst.CSTNode, clocks: bool = False) -> None:
        """Raises a refusal for an expression that looks at refs, or that has an effect."""
        for name in self._refs_in(node):
            arg = self.context.parent(name)
            call = self.context.parent(arg) if isinstance(arg, cst.Arg) and not arg.star else None
            self._of(name)
            if not isinstance(call, cst.Call) or self.context.names.dotted(call.func) != "builtins.len":
                raise Refusal("RI105", f"`{name.value}` stands for a ref and is not an argument of its own")
        if isinstance(node, cst.Arg):
            node = node.value
        effect = impure_part(node, self.context.names, clocks=clocks)
        if effect is not None:
            raise Refusal("RI103", describe_effect(effect, self.context.names, self.context.source.code))


def _either(first: Kind | None, second: Kind) -> Kind:
    """What may be one or the other."""
    if first is None:
        return second
    if PLAIN in (first.what, second.what) and LIST in (first.what, second.what):
        raise Refusal("RI101", "a name stands for a list of refs and for something else")
    if {first.what, second.what} == {REF, LIST}:
        raise Refusal("RI101", "a name stands for a ref and for a list of them")
    what = first.what if first.what != PLAIN else second.what
    plain = PLAIN in (first.what, second.what)
    return Kind(what, first.sites | second.sites, first.other or second.other or plain)


def _is_empty(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.List) and not node.elements
