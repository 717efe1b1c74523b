"""The rounds of a loop with a get in each: whether a later round's call could see what an earlier round does."""

from __future__ import annotations

import libcst as cst

from rayinfer.facts.effects import impure_part, impure_test, takes_apart
from rayinfer.facts.hooks import ARITHMETIC, CONVERSIONS, FINALISER, ITEMS, KEYS
from rayinfer.facts.quiet import looks
from rayinfer.facts.syntax import elements
from rayinfer.facts.tells import only_tells
from rayinfer.facts.walk import walk
from rayinfer.patterns.awaited import awaits
from rayinfer.patterns.callee import callee_of, classes_of, is_submission, names_in
from rayinfer.patterns.context import Context, Refusal
from rayinfer.patterns.owned import CHANGING, is_own, is_scalar

_CODE = "RI118"
# Modules by which code of the program may run while the loop waits.
_THREADS = ("_thread", "asyncio", "concurrent", "multiprocessing", "threading")


def check_rounds(
    holder: cst.For | cst.BaseComp, loop: cst.For | cst.CompFor, site: cst.Call, get: cst.Call, context: Context
) -> None:
    """Looks through all that a loop does besides the call `site` and the `get` that takes its ref.

    Raises:
        Refusal: when a round may end the loop, has an effect that is not known, or changes what a later call takes.
    """
    rounds = _Rounds(holder, site, get, context)
    if isinstance(holder, cst.For):
        for statement in holder.body.body:
            rounds.statement(statement)
    else:
        for part in elements(holder):
            rounds.expression(part)
    taken = {name.value: name for arg in site.args for name in names_in(arg.value)}
    over = {name.value: name for name in names_in(loop.iter)}
    for name, use in taken.items():
        if name in rounds.bound:
            when = "in the same round" if _is_fresh(use, holder, context) else "in an earlier round"
            raise Refusal(_CODE, f"`{name}`, which the call takes, is bound {when}")
    for name, at in rounds.changed.items():
        if name in taken or name in over:
            raise Refusal(_CODE, f"an earlier round changes `{name}`, which the call takes")
        if not is_own(at, holder, context):
            raise Refusal(_CODE, f"an earlier round changes `{name}`, which may be part of what the call takes")


def _is_fresh(use: cst.Name, holder: cst.CSTNode, context: Context) -> bool:
    """Whether a name that a call takes is bound before it in each round."""
    begin, end = context.source.offsets(holder)[0], context.source.offsets(use)[0]
    reaching = context.flow.reaching(use)
    return bool(reaching) and all(
        each.stmt is not None and begin < context.source.offsets(each.node)[0] < end for each in reaching
    )


class _Rounds:
    """What the rounds of a loop bind and change."""

    def __init__(self, holder: cst.For | cst.BaseComp, site: cst.Call, get: cst.Call, context: Context) -> None:
        self.holder, self.site, self.get, self.context = holder, site, get, context
        self.bound: set[str] = set()
        # The names whose objects are changed, each with one read of it.
        self.changed: dict[str, cst.Name] = {}
        self.called = False
        # The parts `f.options(...)` of other submissions.
        self.options: set[int] = set()

    def statement(self, node: cst.CSTNode) -> None:
        """Takes in one statement; raises a refusal for what is not known to be harmless."""
        if isinstance(node, cst.SimpleStatementLine | cst.SimpleStatementSuite | cst.IndentedBlock):
            for inner in node.body:
                self.statement(inner)
        elif isinstance(node, cst.Assign):
            self.expression(node.value)
            for each in node.targets:
                self._taken_apart(each.target, node.value)
                self._target(each.target)
        elif isinstance(node, cst.AnnAssign):
            self.expression(node.annotation.annotation)
            if node.value is not None:
                self.expression(node.value)
            self._target(node.target)
        elif isinstance(node, cst.AugAssign):
            self.expression(node.value)
            self._hooked(node, ARITHMETIC | CONVERSIONS)
            if not (isinstance(node.target, cst.Name) and is_scalar(node.target, self.context)):
                self._goes_over(node.value)
            if isinstance(node.target, cst.Subscript):
                # What stands there may be changed in place, and may be part of what a call takes.
                raise Refusal(_CODE, f"a round changes `{self.context.source.code(node.target)}`")
            if isinstance(node.target, cst.Name):
                self.bound.add(node.target.value)
                self.changed[node.target.value] = node.target
            else:
                self._target(node.target)
        elif isinstance(node, cst.Expr):
            self._bare(node.value)
        elif isinstance(node, cst.If):
            self.expression(node.test, is_test=True)
            self.statement(node.body)
            self._orelse(node.orelse)
        elif isinstance(node, cst.For) and node.asynchronous is None:
            self.expression(node.iter)
            self._goes_over(node.iter)
            self._apart(node)
            self._target(node.target)
            self.statement(node.body)
            self._orelse(node.orelse)
        elif isinstance(node, cst.Else | cst.Finally):
            self.statement(node.body)
        elif isinstance(node, cst.Try):
            self._try(node)
        elif isinstance(node, cst.Continue):
            if not self.called:
                raise Refusal(_CODE, "not every round of the loop makes this call")
        elif not isinstance(node, cst.Pass):
            text = self.context.source.code(node).split("\n")[0]
            raise Refusal(_CODE, f"a round may end the loop, or do more than bind names: `{text}`")

    def _orelse(self, orelse: cst.If | cst.Else | None) -> None:
        if orelse is not None:
            self.statement(orelse)

    def _try(self, node: cst.Try) -> None:
        self.statement(node.body)
        for handler in node.handlers:
            if handler.type is not None:
                self.expression(handler.type)
            if handler.name is not None:
                self._target(handler.name.name)
            self.statement(handler.body)
        for last in (node.orelse, node.finalbody):
            if last is not None:
                self.statement(last)

    def _bare(self, value: cst.BaseExpression) -> None:
        """A statement that is an expression: a method may change a container of the loop's own."""
        func = value.func if isinstance(value, cst.Call) else None
        if isinstance(func, cst.Attribute) and isinstance(func.value, cst.Name) and func.attr.value in CHANGING:
            assert isinstance(value, cst.Call)
            self.changed[func.value.value] = func.value
            if func.attr.value not in ("append", "appendleft"):
                self._hooked(value, ITEMS)
            for arg in value.args:
                self.expression(arg.value)
                if func.attr.value in ("extend", "update") or arg.star:
                    self._goes_over(arg.value)
        else:
            self.expression(value)

    def _target(self, target: cst.BaseExpression) -> None:
        if isinstance(target, cst.Name):
            self.bound.add(target.value)
        elif isinstance(target, cst.Tuple | cst.List):
            for element in target.elements:
                self._target(element.value)
        elif isinstance(target, cst.Subscript) and isinstance(target.value, cst.Name):
            self.changed[target.value.value] = target.value
            # Of an array, what is stored is converted.
            self._hooked(target, ITEMS | CONVERSIONS)
            for part in target.slice:
                for index in walk(part.slice):
                    if isinstance(index, cst.Index):
                        self.expression(index.value)
        else:
            raise Refusal(_CODE, f"a round changes `{self.context.source.code(target)}`")

    def expression(self, node: cst.BaseExpression, is_test: bool = False) -> None:
        """Takes in one expression, or one that is tested; raises a refusal when its effect is not known."""
        effect = (impure_test if is_test else impure_part)(node, self.context.names, passing=self._passes)
        if effect is not None:
            reason = self.context.describe(effect)
            raise Refusal(_CODE, f"in a round of the loop, {reason}")
        for part in walk(node):
            if isinstance(part, cst.CompFor):
                self._apart(part)

    def _passes(self, call: cst.Call) -> bool:
        if call is self.get or call is self.site:
            self.called = True
            return True
        if id(call) in self.options or self._is_other(call):
            return True
        names = self.context.names
        return looks(call, names) or only_tells(call, names)

    def _is_other(self, call: cst.Call) -> bool:
        """Whether this is another submission of the round, or another get: of the driver, neither changes anything.

        Raises:
            Refusal: when what is submitted is not known, or code of the program may run meanwhile.
        """
        context, hooks = self.context, self.context.names.hooks
        if awaits(call, context) is None:
            if context.names.dotted(call.func) == "ray.get":
                raise Refusal(_CODE, "another get of the round waits for so long only")
            if not is_submission(call, context):
                return False
            self._check_known(call)
        if hooks.pickling or hooks.on_any(KEYS | FINALISER):
            raise Refusal(_CODE, "a value of another call in the round may run code of this file on its way")
        if context.names.imports(*_THREADS):
            raise Refusal(_CODE, "a round awaits another call, and another thread may go on meanwhile")
        return True

    def _check_known(self, site: cst.Call) -> None:
        """Raises a refusal where another submission of a round is of no task or actor that this file shows."""
        context = self.context
        assert isinstance(site.func, cst.Attribute)
        try:
            callee = callee_of(site, context)
        except Refusal as refusal:
            raise Refusal(_CODE, f"of another call in the round, {refusal.message}") from refusal
        made = classes_of(callee.receiver, context) if callee.receiver is not None else []
        known = callee.kind == "task" if callee.receiver is None else all(each is not None for each in made)
        if not known or callee.file is not None or any(each is not None and each.file is not None for each in made):
            text = context.source.shown(site.func)
            raise Refusal(_CODE, f"in a round of the loop, the effect of calling {text} is not known")
        if callee.options is not None:
            self.options.add(id(callee.options))

    def _hooked(self, node: cst.CSTNode, methods: frozenset[str]) -> None:
        if self.context.names.hooks.on_any(methods):
            self._runs_code(node)

    def _goes_over(self, value: cst.BaseExpression) -> None:
        if self.context.names.hooks.iteration and not self.context.is_plain_iterable(value):
            self._runs_code(value)

    def _taken_apart(self, target: cst.BaseExpression, value: cst.BaseExpression) -> None:
        if not self.context.names.hooks.iteration or not isinstance(target, cst.Tuple | cst.List):
            return
        names = all(isinstance(element.value, cst.Name) for element in target.elements)
        if not (names and isinstance(value, cst.Tuple | cst.List)):
            self._runs_code(value)

    def _apart(self, loop: cst.For | cst.CompFor) -> None:
        if takes_apart(loop.target, loop.iter, self.context.names):
            self._runs_code(loop.target)

    def _runs_code(self, node: cst.CSTNode) -> None:
        text = self.context.source.shown(node)
        raise Refusal(_CODE, f"in a round of the loop, `{text}` may run code of this file")
