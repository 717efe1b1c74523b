"""Remarks on a whole file: what keeps it from being analysed, and what was assumed."""

from __future__ import annotations

from rayinfer.ir.rules.rule import TASK, Rule

RULES = (
    Rule(
        code="RI110",
        kind="missed",
        title="names cannot be followed",
        explanation=(
            "The file uses `exec`, `eval`, `globals()`, `locals()`, `vars()`, `sys.modules[...]` or the like. Such "
            "code "
            "can bind any name to anything at any time, also the names of tasks, of lists of refs, and `ray` itself, "
            "so nothing in the file can be followed with certainty."
        ),
        example=TASK
        + """\
def main(settings):
    globals().update(settings)
    return ray.get([square.remote(i) for i in range(8)])
""",
        hint="Keep exec, eval, globals() and locals() out of the files where groups are made.",
    ),
    Rule(
        code="RI115",
        kind="missed",
        title="ray or a builtin is changed",
        explanation=(
            "The file assigns to an attribute of ray, of a builtin or of another module that the analysis relies on, "
            "or "
            "to the `remote` of some object, or hands one of them to `setattr`, `mock.patch` and the like. From then "
            "on "
            "`ray.get` or `f.remote` may do something else than their text says, so no submission of the file is "
            "touched."
        ),
        example=TASK
        + """\
ray.get = print


def main():
    return [square.remote(i) for i in range(8)]
""",
        hint="Patch ray in another file than the one in which groups are made.",
    ),
    Rule(
        code="RI201",
        kind="analysis",
        title="already rewritten",
        explanation=(
            "The file imports rayinfer.inferred and evaluates groups with it: it is the output of `rayinfer rewrite`. "
            "Rewriting is done once; the output is never rewritten again, so it stays the same however often the "
            "command is run."
        ),
        example="""\
import ray
import rayinfer.inferred as ri


@ray.remote
def square(x):
    return x * x


def main():
    refs = ri.evaluate(ri.Map(square, None, (ri.call(i) for i in range(8))))
    return ray.get(refs + [square.remote(8)])
""",
        hint="Change and rewrite the plain program instead.",
        finding=False,
    ),
    Rule(
        code="RI202",
        kind="analysis",
        title="module code taken for a script",
        explanation=(
            "The module's own code drives Ray (it calls `ray.init`, `ray.get`, `ray.wait` or `ray.shutdown`), so the "
            "file is taken for a program that is run, not for a module that others import. Names of its groups that "
            "the file itself does not read any more are taken to be read by nobody. A module that is imported while it "
            "runs must name what it exports in `__all__`, or make its groups in functions."
        ),
        example=TASK
        + """\
ray.init()
refs = [square.remote(i) for i in range(8)]
print(ray.get(refs))
""",
        hint="If other modules read the lists of this one, make them in a function, or define `__all__`.",
        finding=False,
    ),
    Rule(
        code="RI203",
        kind="analysis",
        title="ray is not imported",
        explanation=(
            "The file calls a method named `remote`, but does not import ray. The object may be a remote function or "
            "an "
            "actor that was handed over, or something else altogether, such as torch.distributed.rpc. Nothing in "
            "such a "
            "file is rewritten."
        ),
        example="""\
def main(workers):
    return [worker.step.remote() for worker in workers]
""",
        hint="Import ray in the file if these are calls of Ray's.",
        finding=False,
    ),
    Rule(
        code="RI204",
        kind="analysis",
        title="syntax that cannot be analysed",
        explanation=(
            "The running Python accepts this file, but LibCST, the parser that rayinfer builds on, does not understand "
            "it or cannot write it back byte for byte. That happens with syntax that is newer than the installed "
            "LibCST, with a few rare layouts, and where Python takes two spellings of a name for the same (it brings "
            "names to Unicode's normal form NFKC, so that a ligature or a wide letter is read as plain ones). The file "
            "is left as it is; `rayinfer run` runs it as plain Ray."
        ),
        example=TASK
        + """\
\\
LIMIT = 8


def main():
    return ray.get([square.remote(i) for i in range(LIMIT)])
""",
        hint="Upgrade libcst, move the new syntax to another file, or spell the name as Python reads it.",
    ),
    Rule(
        code="RI205",
        kind="analysis",
        title="nested too deeply to be analysed",
        explanation=(
            "Some expression or block of the file is nested so deeply (hundreds of parentheses, branches, or terms of "
            "one sum) that the analysis would exhaust Python's stack. Python itself can still run the file; it is left "
            "as it is. Such code is mostly generated."
        ),
        example=TASK
        + """\
def main():
    return ray.get([square.remote(i) for i in range(8)])


"""
        + f"TOTAL = {' + '.join(['1'] * 500)}\n",
        hint="Move the generated part to a file of its own.",
    ),
)
