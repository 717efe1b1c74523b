"""What names stand for in a run of statements that only pass the refs of single tasks on: refs, or lists of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import libcst as cst

from rayinfer.facts.effects import describe_effect, has_effect, impure_part, impure_test
from rayinfer.facts.hooks import FINALISER, KEYS
from rayinfer.facts.syntax import clauses
from rayinfer.facts.walk import walk
from rayinfer.patterns import kinds
from rayinfer.patterns.awaited import awaits, first_get
from rayinfer.patterns.callee import callee_of, is_submission, names_in
from rayinfer.patterns.context import Callee, Context, Refusal
from rayinfer.patterns.kinds import HOLDER, LIST, PLAIN, REF, ROW, Kind, Place, Site

_ROUNDS = 6


@dataclass
class Symbols:
    """A run of statements, read. `passed` has, for each argument that is a ref, whose it may be and whether another's.

    Raises:
        Refusal: when the statements do anything else than submit tasks and pass their refs on.
    """

    statements: Sequence[cst.CSTNode]
    context: Context
    kinds: dict[str, Kind] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)
    passed: dict[int, tuple[frozenset[int], bool]] = field(default_factory=dict)
    # What its loops go over, where that may run code of the program.
    yielding: list[cst.BaseExpression] = field(default_factory=list)
    # The names that may hold a list from before, and those whose list is changed.
    earlier_lists: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    # By statement: the names with refs that it binds, those that it reads, and whether a task takes another's ref.
    bound: list[set[str]] = field(default_factory=list)
    used: list[set[str]] = field(default_factory=list)
    links: list[bool] = field(default_factory=list)
    # What the last statement gets of them, in its middle.
    got: tuple[cst.BaseExpression, Kind] | None = None
    # What fills each container in the statement that is read.
    filled: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.context.names.hooks.on_any(FINALISER | KEYS):
            raise Refusal("RI101", "an object that is dropped, or a key, may run code of this file")
        for _ in range(_ROUNDS):
            before = dict(self.kinds)
            self.sites, self.passed, self.yielding, self.got = [], {}, [], None
            self.bound, self.used, self.links = [], [], []
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
        if self.changed & self.earlier_lists:
            raise Refusal("RI101", "a list of the program's own is changed")
        if self.got is not None and self.live():
            raise Refusal("RI101", "refs are read behind the statement that gets some of them")

    def live(self) -> list[str]:
        """The names, of those that may hold refs, that are read afterwards."""
        live = self.context.flow.live_after(self.statements[-1])
        return [name for name in self.kinds if name in live]

    def _is_from_before(self, name: str) -> bool:
        """Whether the statements may read what a name holds before the first of them."""
        flow, first = self.context.flow, self.statements[0]
        before = any(one.kind not in ("entry", "del") for one in flow.reaching_before(first, name))
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

    def _goes_over(self, loop: cst.For | cst.CompFor) -> None:
        if loop.asynchronous is not None:
            raise Refusal("RI112", "a loop is asynchronous")
        self._plain(loop.iter)
        if not self.context.is_plain_iterable(loop.iter):
            self.yielding.append(loop.iter)

    def _small(self, small: cst.BaseSmallStatement, place: Place) -> None:
        if isinstance(small, cst.Pass) or self._gets(small, place):
            return
        if isinstance(small, cst.Assign) and len(small.targets) == 1:
            self._assign(small.targets[0].target, small.value, place)
        elif isinstance(small, cst.AnnAssign) and small.value is not None:
            self._assign(small.target, small.value, place)
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
        pairs = kinds.pairs(target, value)
        named = (replace(place, name=part.value if isinstance(part, cst.Name) else None) for part, _ in pairs)
        given_kinds = [self._kind(given, at) for (_, given), at in zip(pairs, named, strict=True)]
        for (part, _), kind in zip(pairs, given_kinds, strict=True):
            if isinstance(part, cst.Subscript):
                self._put(part, kind, place)
            else:
                self._bind(part, kind)

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
        self._fill(name, kinds.grown(item, func.attr.value, started_at is not None), item, place)

    def _put(self, target: cst.Subscript, kind: Kind, place: Place) -> None:
        """`refs[key] = ref`, in a dict."""
        if not isinstance(target.value, cst.Name) or self._of(target.value).what != HOLDER or len(target.slice) != 1:
            raise Refusal("RI101", "something else than a name of this function is assigned to")
        index = target.slice[0].slice
        if not isinstance(index, cst.Index) or has_effect(target, self.context.names):
            raise Refusal("RI103", "a key may run code of this file")
        self._plain(index.value)
        self._fill(target.value, replace(kinds.holding(kind), what=HOLDER), kind, place)

    def _fill(self, name: cst.Name, grown: Kind, item: Kind, place: Place) -> None:
        """Notes that a container gets an item, in a loop perhaps one of several kinds, or a list of its own."""
        spelling = self.context.scopes.spelling(name)
        if self._of(name).what not in (LIST, HOLDER):
            raise Refusal("RI101", "something else than a list or dict of this function grows")
        self.changed.add(spelling)
        self.bound[-1].add(spelling)
        self.kinds[spelling] = kinds.either(self.kinds[spelling], grown)
        if place.loops:
            tasks = self.filled.setdefault(spelling, set())
            tasks.update(site.callee.task for site in self.sites if id(site.call) in item.sites)
            self.links[-1] = self.links[-1] or item.what == LIST or len(tasks) > 1

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
            left, right = (self._added(part, place) for part in (node.left, node.right))
            if left.what == right.what == LIST:
                return kinds.either(left, right) if left.sites | right.sites else Kind()
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

    def _choice(self, node: cst.IfExp, place: Place) -> Kind:
        """A conditional expression: the ref of one submission or of another, or no ref."""
        self._plain(node.test, is_test=True)
        test = " ".join(self.context.source.code(node.test).split())
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

    def _site(self, call: cst.Call, place: Place) -> Kind:
        """One submission; its arguments are plain, or refs."""
        assert isinstance(call.func, cst.Attribute)
        callee, actors = self._callee(call, place)
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
                self.passed[id(arg)] = sites, kind.other
                self._link(arg.value, place)
            else:
                self._plain(arg, clocks=True)
                if arg.star and has_effect(arg, self.context.names):
                    raise Refusal("RI103", "taking an argument apart may run code of this file")
        self.sites.append(Site(call, callee, place.stmt, place.holder, place.name, place.choices, actors))
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
        if callee.several or not (own or place.loops):
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
            raise Refusal("RI103", describe_effect(effect, self.context.names, self.context.source.code))
