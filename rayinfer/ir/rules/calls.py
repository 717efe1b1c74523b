"""Remarks on what is called and with what: callees, options, arguments."""

from __future__ import annotations

from rayinfer.ir.rules.rule import TASK, Rule

RULES = (
    Rule(
        code="RI102",
        kind="missed",
        title="callee not known",
        explanation=(
            "What is called here is not known to be one remote function, one actor class, or a method of the actors of "
            "one list: its name is bound several times, comes from elsewhere, or may not be bound yet. Calls of "
            "different callees are no group, and an object of another kind may have a `.remote` of its own that does "
            "something else."
        ),
        example=TASK
        + """\
def main(tasks):
    return ray.get([tasks[i % 2].remote(i) for i in range(8)])
""",
        hint="Define the task or actor in this file, and bind its name once.",
    ),
    Rule(
        code="RI103",
        kind="missed",
        title="argument has an unknown effect",
        explanation=(
            "An argument, a condition or an inner iterable of this group is computed by a call whose effect is not "
            "known, between two submissions. It could read a clock, wait for an earlier member, or change an object "
            "that an earlier member was given: plain Ray has submitted that member by then, a group has not."
        ),
        example=TASK
        + """\
def main(queue):
    return ray.get([square.remote(queue.pop()) for _ in range(8)])
""",
        hint="Compute the arguments first, in a list of their own: `args = [queue.pop() for _ in range(8)]`.",
    ),
    Rule(
        code="RI105",
        kind="missed",
        title="ref inside a container",
        explanation=(
            "Ray waits for a ref that is an argument of its own and gives the task its value; a ref inside a list, a "
            "dict or an expression is handed over as a ref. Here a member of an earlier group stands inside a larger "
            "argument, or an actor is an argument of its own call, so it must be a real ref or handle when the "
            "argument is computed."
        ),
        example=TASK
        + """\
def main():
    refs = [square.remote(i) for i in range(8)]
    return ray.get([square.remote([ref]) for ref in refs])
""",
        hint="Pass the ref itself as an argument, not inside a container.",
    ),
    Rule(
        code="RI106",
        kind="missed",
        title="several returns",
        explanation=(
            "Each call gives several refs, or a generator of refs: the task or the options set `num_returns` to "
            "something other than 1, or the function yields. The slots of the list are then no single refs, which the "
            "IR's nodes cannot express."
        ),
        example="""\
import ray


@ray.remote(num_returns=2)
def halves(xs):
    return xs[: len(xs) // 2], xs[len(xs) // 2 :]


def main(lists):
    pairs = [halves.remote(xs) for xs in lists]
    return [ray.get(pair) for pair in pairs]
""",
        hint="Return one tuple, and take it apart where it is used.",
    ),
    Rule(
        code="RI107",
        kind="missed",
        title="options not known",
        explanation=(
            "A group's options are evaluated once, where the group starts. These options are computed by a call, "
            "unpacked from a dict, or differ from member to member, so evaluating them once could give a member other "
            "resources, another name or another placement than it asked for."
        ),
        example=TASK
        + """\
def main():
    return ray.get([square.options(num_cpus=i % 2).remote(i) for i in range(8)])
""",
        hint="Write options that are the same for all members as plain keyword arguments.",
    ),
)
