"""What names stand for in a run of statements that only pass the refs of single tasks on: refs, or lists of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import libcst as cst

from rayinfer.facts.effects import has_effect
from rayinfer.facts.hooks import FINALISER, KEYS
from rayinfer.facts.walk import walk
from rayinfer.patterns import kinds
from rayinfer.patterns.awaited import awaits, first_get
from rayinfer.patterns.callee import is_submission, names_in
from rayinfer.patterns.context import Refusal
from rayinfer.patterns.expressions import Expressions
from rayinfer.patterns.kinds import HOLDER, LIST, PLAIN, REF, ROW, Kind, Place
from rayinfer.patterns.owned import is_count

_ROUNDS = 6


@dataclass
class Symbols(Expressions):
    """A run of statements, read.

    Raises:
        Refusal: when the statements do anything else than submit tasks and pass their refs on.
    """

    # The names that may hold a list from before.
    earlier_lists: set[str] = field(default_factory=set)
    # By statement: the names with refs that it binds.
    bound: list[set[str]] = field(default_factory=list)
    # What the last statement gets of them, in its middle.
    got: tuple[cst.BaseExpression, Kind] | None = None
    # Whether a list gets what is not known to be a ref.
    unsure: bool = False
    # What fills each container in the statement that is read.
    filled: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.context.names.hooks.on_any(FINALISER | KEYS):
            raise Refusal("RI101", "an object that is dropped, or a key, may run code of this file")
        for _ in range(_ROUNDS):
            before = dict(self.kinds)
            self.sites, self.passed, self.yielding, self.got = [], {}, [], None
            self.bound, self.used, self.links, self.unsure = [], [], [], False
            for statement in self.statements:
                self.bound.append(set())
                self.used.append(set())
                self.links.append(False)
                self.filled = {}
                self._statement(statement, Place())
            if before == self.kinds:
                break
        else:
            raise Refusal("RI101", "what names stand for is not understood")
        if self.unsure:
            raise Refusal("RI101", "a list gets something else than refs")
        self._check_earlier()
        if self.got is not None and self.live():
            raise Refusal("RI101", "refs are read behind the statement that gets some of them")

    def _check_earlier(self) -> None:
        """Raises a refusal where what was there before may be changed, or may be no list and is not asked for that."""
        if any(self.kinds[name].earlier for name in self.changed):
            raise Refusal("RI101", "a list of the program's own is changed")
        for name in self.earlier_lists:
            held = self.context.flow.reaching_before(self.statements[0], name)
            if not kinds.are_lists(held, self.context):
                self.assumed.add(name)
        if any(name not in self.given or self.kinds[name].what != LIST for name in self.assumed & self.kinds.keys()):
            raise Refusal("RI101", "what a name held before is not known to be a list")

    def live(self) -> list[str]:
        """The names, of those that may hold refs, that are read afterwards, or by which a list of actors lives on."""
        live, without = self.context.flow.live_after(self.statements[-1]), self._without_refs()
        actors = {id(site.call) for site in self.sites if site.callee.kind in ("actor", "unknown")}
        return [
            name
            for name, kind in self.kinds.items()
            if name not in without
            and (name in live or (kind.what in (LIST, HOLDER) and not actors.isdisjoint(kind.sites)))
        ]

    def _without_refs(self) -> set[str]:
        """The lists and dicts that take in no ref; none where one of them may have another name, by which it could."""
        found = {name for name, kind in self.kinds.items() if kind.what in (LIST, HOLDER) and not kind.sites}
        for use in (name for statement in self.statements for name in self._refs_in(statement)):
            parent = self.context.parent(use)
            inside = isinstance(parent, cst.Attribute | cst.Subscript) and parent.value is use
            if self.context.scopes.spelling(use) in found and not (inside or self.context.scopes.is_store(use)):
                return set()
        return found

    def _is_from_before(self, name: str) -> bool:
        """Whether the statements may read what a name holds before the first of them."""
        flow, first = self.context.flow, self.statements[0]
        before = any(not one.unbinds for one in flow.reaching_before(first, name))
        return before and name in flow.live_before(first)

    def _statement(self, statement: cst.CSTNode, place: Place) -> None:
        if isinstance(statement, cst.SimpleStatementLine):
            for small in statement.body:
                self._small(small, replace(place, stmt=statement))
        elif isinstance(statement, cst.While):
            self._plain(statement.test, is_test=True)
            self._body(statement, replace(place, repeats=True))
        elif isinstance(statement, cst.For):
            self._for(statement, place)
        elif isinstance(statement, cst.If):
            branch: cst.If | cst.Else | None = statement
            while isinstance(branch, cst.If):
                self._plain(branch.test, is_test=True)
                self._suite(branch.body, place)
                branch = branch.orelse
            if branch is not None:
                self._suite(branch.body, place)
        else:
            raise Refusal("RI101", "a statement does more than to pass refs on")

    def _body(self, loop: cst.For | cst.While, place: Place) -> None:
        if loop.orelse is not None:
            raise Refusal("RI101", "a loop has an `else`")
        bound = place.bound
        stored = frozenset(name.value for name in names_in(loop) if self.context.scopes.is_store(name))
        if isinstance(loop, cst.For):
            bound = (bound or frozenset()) | stored | self.changed
        self._suite(loop.body, replace(place, bound=bound, varying=place.varying | stored))

    def _suite(self, suite: cst.BaseSuite, place: Place) -> None:
        if not isinstance(suite, cst.IndentedBlock):
            raise Refusal("RI101", "a body stands on one line")
        for statement in suite.body:
            self._statement(statement, place)

    def _for(self, loop: cst.For, place: Place) -> None:
        self._goes_over(loop)
        parts = loop.target.elements if isinstance(loop.target, cst.Tuple) else ()
        for part in [element.value for element in parts] or [loop.target]:
            self._bind(part, Kind())
        self._body(loop, place)

    def _small(self, small: cst.BaseSmallStatement, place: Place) -> None:
        if isinstance(small, cst.Pass) or self._gets(small, place):
            return
        if isinstance(small, cst.Assign) and len(small.targets) == 1:
            self._assign(small.targets[0].target, small.value, place)
        elif isinstance(small, cst.AnnAssign) and small.value is not None:
            self._assign(small.target, small.value, place)
        elif isinstance(small, cst.AugAssign) and is_count(small, self.context):
            self._plain(small.value)
            self._bind(small.target, Kind())
        elif isinstance(small, cst.Expr) and is_submission(small.value, self.context):
            self._kind(small.value, place)
        elif isinstance(small, cst.Expr) and isinstance(small.value, cst.Call):
            self._grow(small.value, place)
        else:
            raise Refusal("RI101", "a statement does more than to pass refs on")

    def _gets(self, small: cst.BaseSmallStatement, place: Place) -> bool:
        """Take in a last statement that begins with `ray.get` of one of the refs, or of a list of them."""
        line = place.stmt
        if line is not self.statements[-1] or not isinstance(line, cst.SimpleStatementLine) or len(line.body) > 1:
            return False
        call = first_get(small, self.context)
        taken = awaits(call, self.context) if call is not None else None
        if taken is None or not self._may_be_ref(taken):
            return False
        kind = self._kind(taken, place)
        inside = {id(name) for name in walk(taken)}
        if kind.what not in (REF, LIST) or any(id(name) not in inside for name in self._refs_in(small)):
            raise Refusal("RI101", "a statement does more than to get refs")
        self.got = taken, kind
        return True

    def _assign(self, target: cst.BaseExpression, value: cst.BaseExpression, place: Place) -> None:
        several = target if isinstance(target, cst.Tuple | cst.List) else None
        if several is not None and isinstance(value, cst.Call) and is_submission(value, self.context):
            self._take_apart(several, value, place)
            return
        pairs = kinds.pairs(target, value)
        named = (replace(place, name=part.value if isinstance(part, cst.Name) else None) for part, _ in pairs)
        given_kinds = [self._kind(given, at) for (_, given), at in zip(pairs, named, strict=True)]
        for (part, _), kind in zip(pairs, given_kinds, strict=True):
            self._give(part, kind, place)

    def _take_apart(self, target: cst.Tuple | cst.List, call: cst.Call, place: Place) -> None:
        """`a, b = f.remote(x)`: what takes one of several results cannot be a group of their lists."""
        parts = kinds.parts(target)
        name = ", ".join(self.context.source.code(part) for part in parts)
        kind = self._site(call, replace(place, name=name), apart=True)
        for number, part in enumerate(parts):
            self._give(part, replace(kind, what=REF, part=str(number)), place)
        self.links[-1] = self.links[-1] or place.loops

    def _give(self, target: cst.BaseExpression, kind: Kind, place: Place) -> None:
        if isinstance(target, cst.Subscript):
            self._put(target, kind, place)
        else:
            self._bind(target, kind)

    def _bind(self, target: cst.BaseExpression, kind: Kind) -> None:
        if not isinstance(target, cst.Name) or self.context.names.is_shared(target):
            raise Refusal("RI101", "something else than a name of this function is assigned to")
        if kind.what == ROW:
            raise Refusal("RI101", "a name stands for several refs")
        name = self.context.scopes.spelling(target)
        before = self.kinds.get(name)
        if kind.what == PLAIN and before is None:
            return
        if kind.what != PLAIN:
            self.bound[-1].add(name)
        if before is None and self._is_from_before(name):
            kind = replace(kind, other=True)
            if kind.what in (LIST, HOLDER):
                kind = replace(kind, earlier=True)
                self.earlier_lists.add(name)
        self.kinds[name] = kinds.either(before, kind)

    def _grow(self, call: cst.Call, place: Place) -> None:
        """`refs.append(ref)`, `refs.extend(list)`, or `refs.setdefault(key, []).append(ref)`."""
        func = call.func
        if not isinstance(func, cst.Attribute) or len(call.args) != 1 or call.args[0].star or call.args[0].keyword:
            raise Refusal("RI101", "a statement does more than to pass refs on")
        started_at = kinds.setdefault_of(func.value, self.context)
        name = func.value
        if started_at is not None:
            name, key = started_at
            self._plain(key)
        if not isinstance(name, cst.Name) or func.attr.value not in ("append", "extend"):
            raise Refusal("RI101", "a statement does more than to pass refs on")
        item = self._kind(call.args[0].value, replace(place, name=name.value))
        if item.what == PLAIN and func.attr.value == "append":
            # It may be read from what is seen to be a list of refs only further down.
            self.unsure = True
            item = Kind(REF, other=True)
        grown, appends = kinds.grown(item, func.attr.value, started_at is not None), func.attr.value == "append"
        self._fill(name, grown, item, place, appends)

    def _put(self, target: cst.Subscript, kind: Kind, place: Place) -> None:
        """`refs[key] = ref`, in a dict."""
        if not isinstance(target.value, cst.Name) or self._of(target.value).what != HOLDER or len(target.slice) != 1:
            raise Refusal("RI101", "something else than a name of this function is assigned to")
        index = target.slice[0].slice
        if not isinstance(index, cst.Index) or has_effect(target, self.context.names):
            raise Refusal("RI103", "a key may run code of this file")
        self._plain(index.value)
        self._fill(target.value, replace(kinds.holding(kind), what=HOLDER), kind, place)

    def _fill(self, name: cst.Name, grown: Kind, item: Kind, place: Place, appends: bool = False) -> None:
        """Notes that a container gets an item, in a loop perhaps one of several kinds, or a list of its own."""
        spelling = self.context.scopes.spelling(name)
        if self._of(name).what not in (LIST, HOLDER):
            raise Refusal("RI101", "something else than a list or dict of this function grows")
        self.changed.add(spelling)
        self.bound[-1].add(spelling)
        self.kinds[spelling] = kinds.either(self.kinds[spelling], grown)
        if place.loops:
            tasks = self.filled.setdefault(spelling, set())
            made = [site for site in self.sites if id(site.call) in item.sites]
            tasks.update(site.callee.task for site in made)
            # A list of what one task gives, list by list, is a group.
            rows = len(made) == 1 and made[0].callee.several and appends
            holds = item.what == LIST and bool(item.sites)
            self.links[-1] = self.links[-1] or (holds and not rows) or len(tasks) > 1
