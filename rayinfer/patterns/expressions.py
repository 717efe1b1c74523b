"""What the expressions of a stretch stand for: submissions, and what their refs are passed on by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import libcst as cst

from rayinfer.facts.effects import has_effect, impure_part, impure_test
from rayinfer.facts.flow import Definition, surely_bind
from rayinfer.facts.syntax import clauses
from rayinfer.facts.walk import walk
from rayinfer.patterns import kinds
from rayinfer.patterns.callee import callee_of, is_submission, names_in
from rayinfer.patterns.context import Callee, Context, Refusal
from rayinfer.patterns.kinds import HOLDER, LIST, PLAIN, REF, Kind, Place, Site
from rayinfer.patterns.lingering import lingers


@dataclass
class Expressions:
    """What names stand for so far, and what reading expressions found out.

    `passed` has, for each argument that is a ref, whose it may be and whether another's.
    """

    context: Context
    statements: Sequence[cst.CSTNode]
    kinds: dict[str, Kind] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)
    passed: dict[int, Kind] = field(default_factory=dict)
    # What its loops go over, where that may run code of the program.
    yielding: list[cst.BaseExpression] = field(default_factory=list)
    # The names whose list is changed, and those that must hold one before, which is seen only when the program runs.
    changed: set[str] = field(default_factory=set)
    assumed: set[str] = field(default_factory=set)
    # By statement: the names with refs that it reads, and whether a task takes another's ref.
    used: list[set[str]] = field(default_factory=list)
    links: list[bool] = field(default_factory=list)

    @cached_property
    def given(self) -> Mapping[str, frozenset[Definition]]:
        """The names that surely hold something before the first statement, with what may have bound it to them."""
        found = {}
        scopes, flow = self.context.scopes, self.context.flow
        for name in (name for statement in self.statements for name in names_in(statement)):
            if scopes.owner(name) is not flow.scope or self.context.names.is_shared(name):
                continue
            spelling = scopes.spelling(name)
            before = flow.reaching_before(self.statements[0], spelling)
            if surely_bind(before):
                found[spelling] = before
        return found

    def _of(self, name: cst.Name) -> Kind:
        if self.context.scopes.owner(name) is None:
            return Kind()
        spelling = self.context.scopes.spelling(name)
        found = self.kinds.get(spelling)
        if found is None:
            return Kind()
        self.used[-1].add(spelling)
        return found

    def _kind(self, node: cst.BaseExpression, place: Place) -> Kind:
        """What an expression stands for."""
        if isinstance(node, cst.Name):
            return self._of(node)
        if isinstance(node, cst.Call) and is_submission(node, self.context):
            return self._site(node, place)
        if isinstance(node, cst.Subscript):
            kind = self._kind(node.value, place) if isinstance(node.value, cst.Name) else Kind()
            if kind.what == LIST and len(node.slice) == 1:
                self._plain(node.slice[0])
                return replace(kind, what=REF if isinstance(node.slice[0].slice, cst.Index) else LIST, earlier=False)
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "pop":
            receiver = node.func.value
            kind = self._of(receiver) if isinstance(receiver, cst.Name) else Kind()
            if isinstance(receiver, cst.Name) and kind.what == LIST:
                for arg in node.args:
                    self._plain(arg)
                self.changed.add(self.context.scopes.spelling(receiver))
                return replace(kind, what=REF, earlier=False)
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
            left, right = (self._added(part, place) for part in (node.left, node.right))
            if left.what == PLAIN and right.what == LIST and right.sites:
                left = self._assumed(node.left)
            elif right.what == PLAIN and left.what == LIST and left.sites:
                right = self._assumed(node.right)
            if left.what == right.what == LIST:
                return replace(kinds.either(left, right), earlier=False) if left.sites | right.sites else Kind()
            if left.what != PLAIN or right.what != PLAIN:
                raise Refusal("RI101", "a ref or a list of refs is computed with")
        if isinstance(node, cst.IfExp) and self._may_be_ref(node):
            return self._choice(node, place)
        if isinstance(node, cst.List | cst.Tuple | cst.Dict) and node.elements:
            return self._row(node, place)
        if isinstance(node, cst.ListComp | cst.DictComp) and self._may_be_ref(node):
            return self._comprehension(node, place)
        self._plain(node)
        start = kinds.started(node, self.context)
        return Kind(start if start != HOLDER or kinds.is_filled(place.name or "", self.context) else PLAIN)

    def _added(self, node: cst.BaseExpression, place: Place) -> Kind:
        """What an operand of `+` stands for; a list of plain values is one of what is none of the refs."""
        kind = self._kind(node, place)
        return Kind(LIST, other=True) if kind.what == PLAIN and kinds.is_list(node, self.context) else kind

    def _assumed(self, node: cst.BaseExpression) -> Kind:
        """The same of an operand that is a list if some names held lists before: so they are taken, and asked for."""
        needed = kinds.names_needed(node, self.given, self.context)
        self.assumed |= needed
        return Kind(LIST, other=True) if needed else Kind()

    def _choice(self, node: cst.IfExp, place: Place) -> Kind:
        """A conditional expression: the ref of one submission or of another, or no ref."""
        self._plain(node.test, is_test=True)
        test = self.context.source.shown(node.test)
        parts = ((node.body, f"if {test}:"), (node.orelse, "else:"))
        both = [self._kind(part, replace(place, choices=(*place.choices, line))) for part, line in parts]
        if {kind.what for kind in both} - {REF, PLAIN}:
            raise Refusal("RI101", "a conditional expression gives a list of refs")
        return kinds.either(*both)

    def _row(self, node: cst.List | cst.Tuple | cst.Dict, place: Place) -> Kind:
        """What is written out around refs: a list of nothing else, or a row of them and of plain values."""
        for key in (element.key for element in node.elements if isinstance(element, cst.DictElement)):
            self._plain(key)
        items = [self._kind(element.value, place) for element in node.elements]
        if all(kind.what == PLAIN for kind in items):
            self._plain(node)
            return Kind()
        return kinds.row(node, items)

    def _comprehension(self, node: cst.ListComp | cst.DictComp, place: Place) -> Kind:
        if place.holder is not None:
            raise Refusal("RI101", "a comprehension stands in another one")
        for clause in clauses(node):
            self._goes_over(clause)
            if clause is not node.for_in and has_effect(clause, self.context.names):
                raise Refusal("RI103", "an inner loop may run code of this file")
            for condition in clause.ifs:
                self._plain(condition.test, is_test=True)
            if {name.value for name in names_in(clause.target)} & self.kinds.keys():
                raise Refusal("RI101", "a loop's variable goes by the name of a ref")
        before = len(self.sites)
        inner = replace(place, holder=node)
        if isinstance(node, cst.DictComp):
            self._plain(node.key)
            kind = replace(kinds.holding(self._kind(node.value, inner)), what=HOLDER)
        else:
            kind = kinds.holding(self._kind(node.elt, inner))
        self.links[-1] = self.links[-1] or len(self.sites) > before + 1
        return kind

    def _site(self, call: cst.Call, place: Place, apart: bool = False) -> Kind:
        """One submission; its arguments are plain, or refs. It gives a list of refs where these are taken `apart`."""
        assert isinstance(call.func, cst.Attribute)
        callee, actors = self._callee(call, place)
        if apart and callee.kind == "unknown":
            callee = replace(callee, several=True)
        elif apart and not callee.several:
            raise Refusal("RI101", "one ref is taken apart")
        inner = replace(place, name=None)
        for arg in call.args:
            kind = Kind() if arg.star else self._kind(arg.value, inner) if self._may_be_ref(arg.value) else Kind()
            if kind.what not in (REF, PLAIN):
                raise Refusal("RI101", "a task takes a list of refs")
            loops = place.bound is not None or place.repeats
            sites = kind.sites if loops else kind.sites & {id(one.call) for one in self.sites}
            if kind.what == REF and not sites:
                # What it was before: a real ref, or a plain value.
                continue
            if kind.what == REF:
                if place.holder is not None and not place.repeats and any(True for _ in self._refs_in(arg.value)):
                    raise Refusal("RI101", "a comprehension takes refs")
                self.passed[id(arg)] = replace(kind, sites=sites)
                self._link(arg.value, place)
            else:
                self._plain(arg, clocks=True)
                if arg.star and has_effect(arg, self.context.names):
                    raise Refusal("RI103", "taking an argument apart may run code of this file")
        self.sites.append(Site(call, callee, place.stmt, place.holder, place.name, place.choices, actors))
        if callee.several:
            return Kind(LIST, frozenset((id(call),)), other=callee.file is not None or not callee.counted)
        return Kind(REF, frozenset((id(call),)))

    def _callee(self, call: cst.Call, place: Place) -> tuple[Callee, Kind | None]:
        """What a submission calls, and of which calls the actor is whose method that is.

        What this file does not show as a task is called in loops alone: by itself it gains nothing.
        """
        assert isinstance(call.func, cst.Attribute)
        target = call.func.value
        varying = set(place.varying)
        if place.holder is not None:
            varying.update(name.value for clause in clauses(place.holder) for name in names_in(clause.target))
        actors = None
        receiver = target.value if isinstance(target, cst.Attribute) else None
        if receiver is not None and any(True for _ in self._refs_in(receiver)):
            actors = self._kind(receiver, replace(place, name=None))
            if actors.what != REF or place.holder is not None or not isinstance(receiver, cst.Name):
                raise Refusal("RI101", "a method is that of one of a list")
            self._link(receiver, place)
            varying.update(name.value for name in names_in(receiver))
        elif any(True for _ in self._refs_in(target)):
            raise Refusal("RI105", "what is called stands for a ref")
        callee = callee_of(call, self.context, frozenset(varying))
        own = callee.kind == "task" and callee.file is None and callee.options is None
        if not (own or place.loops):
            raise Refusal("RI101", "a single call of what this file does not define is left as it is")
        return callee, actors

    def _link(self, value: cst.BaseExpression, place: Place) -> None:
        """Note that a task takes another's ref; one that every round of a `for` takes is shared by a group."""
        if place.bound is not None and not place.repeats:
            if any(name.value not in place.bound for name in self._refs_in(value)):
                raise Refusal("RI101", "the tasks of a loop share a ref")
        self.links[-1] = True

    def _may_be_ref(self, node: cst.BaseExpression) -> bool:
        return any(is_submission(part, self.context) for part in walk(node)) or any(True for _ in self._refs_in(node))

    def _refs_in(self, node: cst.CSTNode) -> Iterator[cst.Name]:
        scopes = self.context.scopes
        return (name for name in names_in(node) if scopes.owner(name) and scopes.spelling(name) in self.kinds)

    def _plain(self, node: cst.CSTNode, clocks: bool = False, is_test: bool = False) -> None:
        """Raises a refusal for an expression that looks at refs, or that has an effect, where it is tested as well."""
        for name in self._refs_in(node):
            arg = self.context.parent(name)
            call = self.context.parent(arg) if isinstance(arg, cst.Arg) and not arg.star else None
            self._of(name)
            if not isinstance(call, cst.Call) or self.context.names.dotted(call.func) != "builtins.len":
                raise Refusal("RI105", f"`{name.value}` stands for a ref and is not an argument of its own")
        if isinstance(node, cst.Arg):
            node = node.value
        names = self.context.names
        effect = impure_test(node, names) if is_test else impure_part(node, names, clocks=clocks)
        if effect is not None:
            raise Refusal("RI103", self.context.describe(effect))
        long = lingers(node, self.context)
        if long is not None:
            raise Refusal("RI103", long[1])

    def _goes_over(self, loop: cst.For | cst.CompFor) -> None:
        if loop.asynchronous is not None:
            raise Refusal("RI112", "a loop is asynchronous")
        self._plain(loop.iter)
        if not self.context.is_plain_iterable(loop.iter):
            self.yielding.append(loop.iter)
