"""Remarks that a rewritten program logs while it runs, where a check of RI206 finds something else."""

from __future__ import annotations

from rayinfer.ir.rules.rule import ACTOR, Rule

RULES = (
    Rule(
        code="RI401",
        kind="runtime",
        title="not a task or actor of Ray",
        explanation=(
            "What the program calls here is no object of Ray's: it has a `remote` of its own, or none. The group is "
            "called member by member, in order, as the plain program does it, and raises what the plain program "
            "raises. It is logged as a warning, since it may be a mistake."
        ),
        example="""\
import ray


class Local:
    def remote(self, x):
        return x * x


def main(task):
    return [task.remote(i) for i in range(8)]


print(main(Local()))
""",
        hint="Nothing is to be done if the object is meant to stand for a task.",
    ),
    Rule(
        code="RI402",
        kind="runtime",
        title="one actor takes these calls",
        explanation=(
            "What the program calls here is a method of one actor. The actor takes the calls one by one, so they are "
            "submitted at once and in order, as in plain Ray, together with whatever was pending before them."
        ),
        example=ACTOR
        + """\
def main(counter):
    return ray.get([counter.add.remote(i) for i in range(8)])


print(main([Counter.remote() for _ in range(2)][0]))
""",
        hint="Nothing is to be done.",
    ),
    Rule(
        code="RI403",
        kind="runtime",
        title="several results a call",
        explanation=(
            "What the program calls here gives a generator of refs, or none: by `num_returns`, or since its function "
            "yields; or it is a method that gives several. It is submitted at once and in order, and each slot of the "
            "list is what plain Ray gives."
        ),
        example="""\
import ray


@ray.remote
def spell(word):
    for letter in word:
        yield letter


def main(task):
    streams = [task.remote("ab" * i) for i in range(4)]
    return [[ray.get(letter) for letter in stream] for stream in streams]


print(main(spell))
""",
        hint="Nothing is to be done.",
    ),
    Rule(
        code="RI404",
        kind="runtime",
        title="not to be deferred",
        explanation=(
            "What the program calls here is Ray's, but nothing that a group may put off: an actor that already has a "
            "name, by which others may look it up, tasks and actor classes in one list, or an object of one of Ray's "
            "libraries. It is submitted at once and in order, as in plain Ray."
        ),
        example=ACTOR
        + """\
def main(kind):
    return [kind.remote(i) for i in range(1)]


print(len(main(Counter.options(name="the only one"))))
""",
        hint="Nothing is to be done.",
    ),
    Rule(
        code="RI405",
        kind="runtime",
        title="the container may be seen while it grows",
        explanation=(
            "The refs of this loop go into a list or dict that something else may look at before they are all there: "
            "another name or object holds it, its class or its owner's has code of its own (a property, `__getattr__`, "
            "`__repr__`, a generated `__eq__`), or an argument may lead to it. Each call is submitted when it is made, "
            "and its ref is put into the container at once, as in plain Ray."
        ),
        example="""\
import ray


@ray.remote
def double(x):
    return 2 * x


class Runner:
    def __init__(self, task, refs):
        self.task, self.refs = task, refs

    def go(self):
        for i in range(4):
            self.refs.append(self.task.remote(i))


refs = []
Runner(double, refs).go()
print(ray.get(refs))
""",
        hint="Give the object a container of its own, if these calls are to run as a group.",
    ),
    Rule(
        code="RI406",
        kind="runtime",
        title="not a list",
        explanation=(
            "The tasks that take one another here were inferred for a list, which holds what stands for their refs "
            "until they are submitted. What the program has is of another class: a tuple, an array, or a list of its "
            "own kind, whose code must find refs. Each task is submitted where it stands, as in plain Ray."
        ),
        example="""\
import ray
import collections


@ray.remote
def add(x, y):
    return x + y


def main(values):
    while len(values) > 1:
        values = values[2:] + [add.remote(values[0], values[1])]
    return ray.get(values[0])


print(main(collections.UserList([1, 2, 3])))
""",
        hint="Pass a list, `list(values)`, to have such tasks inferred.",
    ),
)
