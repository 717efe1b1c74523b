"""Remarks on what is called and with what: callees, options, arguments."""

from __future__ import annotations

from rayinfer.ir.rules.rule import ACTOR, TASK, Rule

RULES = (
    Rule(
        code="RI102",
        kind="missed",
        title="callee not known",
        explanation=(
            "What is called here is computed by a call whose effect is not known: it could wait for an earlier member. "
            "A single call is left as it is, too, when its callee is not defined in this file. RI206 is about groups "
            "whose callee, of all members or of each, is only seen when the program runs."
        ),
        example=TASK
        + """\
def main(tasks):
    return ray.get([tasks.pop().remote(i) for i in range(8)])
""",
        hint="Find the callees before the loop, in a list, and go over them; or bind the one callee to a name.",
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
            "Each call gives a generator of refs, or several refs that no list takes call by call: the task or the "
            "options set `num_returns` to something other than 1, or the function yields. A group of tasks with "
            "several results each is a list of lists, of which later calls may take a column."
        ),
        example="""\
import ray


@ray.remote(num_returns=2)
def halves(xs):
    return xs[: len(xs) // 2], xs[len(xs) // 2 :]


def main(lists):
    pairs = {name: halves.remote(xs) for name, xs in lists.items()}
    return {name: ray.get(pair) for name, pair in pairs.items()}
""",
        hint="Put what each call gives into a list, or return one tuple and take it apart where it is used.",
    ),
    Rule(
        code="RI107",
        kind="missed",
        title="options not known",
        explanation=(
            "An option of these submissions is computed by a call whose effect is not known, between two submissions, "
            "or the options are given in a way that Ray does not take. What computes an option could read what an "
            "earlier member did, which plain Ray has submitted by then and a group has not."
        ),
        example=TASK
        + """\
def main(cluster):
    return ray.get([square.options(num_cpus=cluster.idle()).remote(i) for i in range(8)])
""",
        hint="Compute the options first, and write them as keyword arguments or as `**options`.",
    ),
    Rule(
        code="RI117",
        kind="missed",
        title="calls on one actor",
        explanation=(
            "This is a call on one actor that is no part of a group: it stands alone, or its result is awaited before "
            "the next call is made. The actor takes its calls one by one, so making them ahead of their turn gains "
            "nothing that could not be seen."
        ),
        example=ACTOR
        + """\
def main(name):
    counter = ray.get_actor(name)
    for i in range(8):
        print(ray.get(counter.add.remote(i)))
""",
        hint="Call in a comprehension and get the list once: `ray.get([actor.m.remote(x) for x in xs])`.",
    ),
    Rule(
        code="RI206",
        kind="analysis",
        title="checked when it runs",
        explanation=(
            "The file does not show what is called here: the task, the class or the actor comes by a parameter, an "
            "attribute, an import, or a name that is bound several times. It is taken to be Ray's, with one result a "
            "call. The rewritten program looks at what it is before a call is deferred; what turns out to be anything "
            "else is called at once and in order, exactly as plain Ray does, and that is logged once (RI401 "
            "to RI404). So it is for a name that is taken for a list while tasks that take one another are added to "
            "it, such as a parameter (RI406)."
        ),
        example="""\
import ray


def main(task):
    return ray.get([task.remote(i) for i in range(8)])
""",
        hint="Nothing is to be done; a task that the file defines and binds once needs no check.",
        finding=False,
    ),
)
