"""One file: its code blocks, what was inferred in each, and every submission that was left alone."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from rayinfer.build.block import BlockResult, Refused, infer
from rayinfer.build.suppressions import LEFT, PASSED, UNUSED, Suppressions
from rayinfer.facts.flow import analyse
from rayinfer.facts.hidden import find_hooks
from rayinfer.facts.lifetimes import Lifetimes, lifetimes
from rayinfer.facts.names import Names
from rayinfer.facts.patched import own_module, patched
from rayinfer.facts.quiet import QuietFunctions
from rayinfer.facts.ray_names import drives
from rayinfer.facts.scopes import Scopes, resolve
from rayinfer.facts.stars import Files
from rayinfer.facts.tells import find_listeners
from rayinfer.facts.walk import children, walk
from rayinfer.ir.nodes import All, Broadcast, Refs, dependencies, known, slots_of
from rayinfer.ir.remarks import Remark, remark
from rayinfer.patterns.callee import is_submission
from rayinfer.patterns.context import Context
from rayinfer.source.module import Source
from rayinfer.source.suppressions import Directives

REWRITTEN = "rayinfer.inferred"
_DEPENDS = {
    "one-to-one": "one-to-one over",
    "group": "over members of",
    "recurrence": "taking earlier members of",
    "broadcast": "sharing",
    "all-to-all": "each taking all of",
    "column": "each taking one result of every member of",
}


@dataclass(frozen=True)
class RefusedReport:
    """A submission that stays as it is, as `explain` lists it."""

    line: int
    node: str
    name: str | None
    task: str


@dataclass(frozen=True)
class Inferred:
    """The result for one file."""

    blocks: tuple[BlockResult, ...]
    refused: tuple[RefusedReport, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class _Whole:
    """What is true of a file as a whole, and may leave all of its submissions alone.

    `dynamic` says that it reads or writes names by `exec`, `globals` or the like; `changed` is what may change an
    attribute of Ray's, or of another module that the analysis knows.
    """

    rewritten: bool
    uses_ray: bool
    dynamic: bool
    changed: cst.CSTNode | None

    def why_left(
        self, block: cst.Module | cst.FunctionDef | None, scopes: Scopes, source: Source
    ) -> tuple[str, str] | None:
        """The code and the message with which a submission of a block is left as it is; None for one to look at."""
        if self.rewritten:
            return "RI201", "the file is already rewritten"
        if not self.uses_ray:
            return "RI203", "the file does not import ray, so this may be no call of Ray's"
        if self.dynamic:
            return "RI110", "the file reads or writes names by exec, eval, globals() or the like"
        if block is not None and scopes.scope_of(block) in scopes.read_whole:
            return "RI110", "the function reads all of its names by locals() or vars()"
        if self.changed is not None:
            line = source.span(self.changed).line
            return "RI115", f"`{source.shown(self.changed)}` on line {line} changes what the analysis relies on"
        if block is None:
            return "RI104", "the submission stands in a class body, a default value or a decorator"
        return None


def infer_module(source: Source, said: Directives, uses_ray: bool = True, files: Files | None = None) -> Inferred:
    """Infers the groups of every code block of a file.

    `said` are its comments that speak to rayinfer; `files` tells what it imports from other files.
    """
    parents, nodes = _parents(source.module)
    scopes = resolve(source.module)
    names = Names(source.module, scopes, files)
    probe = Context(source, names, scopes, None, parents)  # type: ignore[arg-type]
    # Not by isinstance, which takes long for the many nodes of other kinds.
    sites = [node for node in nodes if type(node) is cst.Call and is_submission(node, probe)]
    if sites:
        find_hooks(nodes, parents, names)
        find_listeners(nodes, names)
    suppressions = Suppressions(said, source, parents)
    by_block: dict[int, list[cst.Call]] = {}
    refused: list[Refused] = []
    ours = tuple(f"{REWRITTEN}.{name}" for name in ("evaluate", "get", "passed", "passed_each"))
    rewritten = any(names.dotted(node) in ours for node in nodes if type(node) is cst.Attribute)
    changed = patched(nodes, parents, names) if sites else None
    dynamic = scopes.uses_dynamic_names or (bool(sites) and own_module(nodes, parents, names) is not None)
    if not dynamic and not changed:
        names.is_quiet = QuietFunctions(names)
    whole = _Whole(rewritten, uses_ray, dynamic, changed)
    for site in sites:
        assert isinstance(site, cst.Call)
        block = _block_of(site, parents)
        why = whole.why_left(block, scopes, source)
        if why is not None:
            refused.append(Refused(site, *why))
        else:
            by_block.setdefault(id(block), []).append(site)
    blocks: list[BlockResult] = []
    remarks: list[Remark] = []
    first_id = 0
    lived = lifetimes(nodes, parents, names) if by_block else Lifetimes()
    blocks_of_code: list[cst.Module | cst.FunctionDef] = [source.module]
    blocks_of_code.extend(node for node in nodes if type(node) is cst.FunctionDef)
    for code in blocks_of_code:
        own = sorted(by_block.get(id(code), ()), key=source.offsets)
        if not own:
            continue
        script = isinstance(code, cst.Module) and _is_script(code, names)
        flow = analyse(code, scopes, exit_live=frozenset() if script else None)
        exported = isinstance(code, cst.Module) and not script
        context = Context(source, names, scopes, flow, parents, exported, lived)
        name = code.name.value if isinstance(code, cst.FunctionDef) else "<module>"
        result = infer(code, name, own, first_id, context, lambda site, kind: suppressions.hides(kind, site))
        first_id += len(result.groups)
        blocks.append(result)
        refused.extend(result.refused)
        remarks.extend(_passed(result, source, suppressions))
        named = next((candidate.site for candidate, _, group in result.groups if group.name), None)
        if script and named is not None and not suppressions.hides("RI202", named):
            message = "this file drives Ray itself, so it is taken for a script"
            remarks.append(_remark("RI202", named, message, source))
    remarks.extend(
        _remark(one.code, one.site, one.message, source)
        for one in refused
        if one.code == LEFT or (one.code != PASSED and not suppressions.hides(one.code, one.site))
    )
    remarks.extend(
        _remark("RI116", node, f"`{source.code(node)}` is handed on, and called elsewhere", source)
        for node in nodes
        if changed is None and _is_handed_on(node, parents, names) and not suppressions.hides("RI116", node)
    )
    remarks.extend(one for one in suppressions.remarks() if not rewritten or one.code != UNUSED)
    reports = tuple(_report(one, source, parents) for one in refused)
    return Inferred(tuple(blocks), reports, tuple(sorted(remarks, key=lambda one: (one.line, one.column, one.code))))


def _parents(module: cst.Module) -> tuple[dict[int, cst.CSTNode], list[cst.CSTNode]]:
    parents: dict[int, cst.CSTNode] = {}
    nodes: list[cst.CSTNode] = []
    stack: list[cst.CSTNode] = [module]
    while stack:
        node = stack.pop()
        nodes.append(node)
        below = children(node)
        for child in below:
            parents[id(child)] = node
        below.reverse()
        stack += below
    return parents, nodes


def _block_of(site: cst.CSTNode, parents: dict[int, cst.CSTNode]) -> cst.Module | cst.FunctionDef | None:
    """The code block that runs a node; None in a class body, a decorator, a default value or an annotation."""
    node = site
    while (parent := parents.get(id(node))) is not None:
        if isinstance(parent, cst.FunctionDef):
            return parent if node is parent.body else None
        if isinstance(parent, cst.ClassDef):
            return None
        if isinstance(parent, cst.Module):
            return parent
        node = parent
    return None


def _is_script(module: cst.Module, names: Names) -> bool:
    """Whether module code runs as a program: it drives Ray itself, and so nobody imports the names of its groups."""
    driving = False
    for node in walk(module, lambda node: type(node) not in (cst.FunctionDef, cst.ClassDef)):
        if type(node) is cst.Call and drives(names.dotted(node.func) or ""):
            driving = True
        elif type(node) is cst.AssignTarget and isinstance(node.target, cst.Name) and node.target.value == "__all__":
            return False
    return driving


def _passed(result: BlockResult, source: Source, suppressions: Suppressions) -> list[Remark]:
    found: list[Remark] = []
    names = {group.id: f"`{group.name}`" if group.name else f"%{group.id}" for _, _, group in result.groups}
    for candidate, details, group in result.groups:
        joins = "takes in a" if candidate.taken_in else "is"
        what = f"`{group.name}` {joins} " if group.name else ""
        text = f"{what}{type(group).__name__} of `{' '.join(str(group.task).split())}`"
        columns = [known(slot.groups) for slot in slots_of(group) if isinstance(slot, All | Refs) and slot.part]
        for dependency in dependencies(group):
            if dependency.groups:
                kind = "column" if dependency.groups in columns else dependency.kind
                on = " or ".join(dict.fromkeys(names[number] for number in dependency.groups))
                depends = _DEPENDS[kind]
                text += f", {depends.removeprefix('each ') if isinstance(group, Broadcast) else depends} {on}"
        if candidate.tiled:
            text += ", and may run in tiles"
        if candidate.form == "ahead":
            text += ", whose calls are made ahead of their turn and got in order"
        found.extend(_remark("RI001", site, text, source) for site in candidate.sites)
        for site in candidate.sites if details.assumed else ():
            if not suppressions.hides("RI206", site):
                found.append(_remark("RI206", site, f"{details.assumed}; otherwise plain Ray is called", source))
    for one in result.passed:
        to = ", ".join(f"`{name}`" for name in one.to)
        what = f"what this gives goes to {to} alone: once it was got, a large value is passed on by its ref"
        found.append(_remark(PASSED, one.site, what, source))
    return found


def _is_handed_on(node: cst.CSTNode, parents: dict[int, cst.CSTNode], names: Names) -> bool:
    """Whether a node is the `remote` of a task or actor class of this file, and not called where it stands."""
    if not isinstance(node, cst.Attribute) or node.attr.value != "remote":
        return False
    parent = parents.get(id(node))
    called = isinstance(parent, cst.Call) and parent.func is node
    return not called and names.remote_definition(node.value) is not None


def _remark(code: str, site: cst.CSTNode, message: str, source: Source) -> Remark:
    span = source.span(site)
    return remark(code, span.line, span.column, message)


def _report(refused: Refused, source: Source, parents: dict[int, cst.CSTNode]) -> RefusedReport:
    site = refused.site
    assert isinstance(site.func, cst.Attribute)
    holder = parents.get(id(site))
    node = "Map" if isinstance(holder, cst.ListComp | cst.GeneratorExp | cst.SetComp | cst.DictComp) else "Call"
    assign = parents.get(id(holder)) if isinstance(holder, cst.ListComp) else holder
    name = None
    if isinstance(assign, cst.Assign) and isinstance(assign.targets[0].target, cst.Name):
        name = assign.targets[0].target.value
    return RefusedReport(source.span(site).line, node, name, source.shown(site.func.value))
