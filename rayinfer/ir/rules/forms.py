"""Remarks on how a group is written: single calls, loops, lists that grow, lines."""

from __future__ import annotations

from rayinfer.ir.rules.rule import ACTOR, TASK, Rule

RULES = (
    Rule(
        code="RI101",
        kind="missed",
        title="single call",
        explanation=(
            "One call on its own has no neighbours to be scheduled with, so nothing can be gained over plain Ray, and "
            "holding it back could only make it later. It stays a plain call. A single call is taken when all members "
            "of a later group are given its ref: then it is a broadcast; or when another single call takes its ref, in "
            "statements that do nothing else but pass refs on (`y = g.remote(x)`, `x = f.remote(x)` in a loop, a tree "
            "of sums, `[g.remote(f.remote(x)) for x in xs]`), the last of which may begin with the get of it "
            "(`y = ray.get(g.remote(f.remote(x)))`): then what lies between may run as one task. Actors whose "
            "handles are dropped at once are left alone for the same reason: they end as soon as they are made."
        ),
        example=TASK
        + """\
def main():
    return ray.get(square.remote(3))
""",
        hint="Put calls of one kind in a list, `[f.remote(x) for x in xs]`, and get the list once.",
    ),
    Rule(
        code="RI104",
        kind="missed",
        title="form not recognised",
        explanation=(
            "The compiler knows fan-outs as comprehensions, as loops that append to a list or fill the slots of a dict "
            "or list, and as loops that drop what their calls return; each item may be a tuple, list or dict with "
            "calls in it. This submission stands in another form: inside a lambda, a generator expression that is not "
            "taken whole at once, a conditional expression by itself, in a class body, a default value or a "
            "decorator, or a loop with an `else`; or several calls make one item of what is not assigned to a name, "
            "or in a loop that does more. When and how often such code runs is not plain from the text, so it is left "
            "as it is."
        ),
        example=TASK
        + """\
def main():
    pairs = set((square.remote(i), square.remote(-i)) for i in range(8))
    return [ray.get(list(pair)) for pair in pairs]
""",
        hint="Write the group as a list comprehension of one `.remote` call.",
    ),
    Rule(
        code="RI108",
        kind="missed",
        title="list used before it is complete",
        explanation=(
            "A list that a loop fills with refs becomes a group when it starts empty at one place, is filled by one "
            "kind of call, and is read only when it is complete. A list that holds something already takes in the refs "
            "of a loop when that is over, where nobody can tell: the list is made in this function, nothing else holds "
            "it, and neither the loop nor an exception's handler reads it. Of this list somebody could. A list or dict "
            "on an attribute takes them in where the loop's text shows neither it nor its object in any other way."
        ),
        example=TASK
        + """\
def main():
    refs = []
    for i in range(8):
        refs.append(square.remote(i))
        refs.append(ray.put(i))
    return ray.get(refs)
""",
        hint="Start the list right before the loop that fills it, and fill it with one kind of call.",
    ),
    Rule(
        code="RI109",
        kind="missed",
        title="loop variable used later",
        explanation=(
            "A loop whose whole body is one submission becomes one statement that submits a group. Python leaves the "
            "last value of the loop's variable behind; another function mentions the variable, too, which another "
            "thread may run, and without the loop it would find another value there."
        ),
        example=TASK
        + """\
def main():
    for i in range(8):
        square.remote(i)
    return lambda: i
""",
        hint="Give the loop's variable a name that no other function reads.",
    ),
    Rule(
        code="RI118",
        kind="missed",
        title="result awaited in every round",
        explanation=(
            "A loop that gets each result before it makes the next call runs its tasks one by one. The compiler "
            "submits some calls ahead of their turn where nobody could tell: the task's code is in this file and only "
            "computes, every round makes the call, no argument depends on an earlier round or on what the round got "
            "before, and the rest of a round does nothing but bind names, fill containers of its own, and call other "
            "tasks or actors of this file. Here one of these does not hold, so the calls stay one after the other, as "
            "they are written."
        ),
        example=TASK
        + """\
def main():
    x = 3
    for _ in range(4):
        x = ray.get(square.remote(x))
    return x
""",
        hint="Where the calls are independent, make them all first, and get the list of refs once.",
    ),
    Rule(
        code="RI119",
        kind="missed",
        title="value only passed on",
        explanation=(
            "The result of this task is got, and then used for nothing but arguments of other calls: it is sent to the "
            "driver, and from there to the workers again. Given the ref, Ray takes the value from where it is, and the "
            "driver need not wait for it. The compiler would pass on the ref of a large value (RI002), but what is "
            "called may be something that looks at its arguments, something else may read the name, or the file "
            "has code that could tell."
        ),
        example=TASK
        + """\
def main():
    x = ray.get(square.remote(3))
    ray.shutdown()
    return ray.get([square.remote(x) for _ in range(8)])
""",
        hint="Leave out the get, and pass the ref on: `x = f.remote(3)`, then `g.remote(x)`.",
    ),
    Rule(
        code="RI111",
        kind="missed",
        title="several statements on one line",
        explanation=(
            "The list of this group starts on a line that holds other statements too, joined by semicolons. Evaluation "
            "points are put after whole lines, so the group would end too late for its neighbours on the line."
        ),
        example=TASK
        + """\
def main():
    refs = {}; print("start")
    for i in range(8):
        refs[i] = square.remote(i)
    return ray.get(list(refs.values()))
""",
        hint="Put each statement on its own line.",
    ),
    Rule(
        code="RI112",
        kind="missed",
        title="asynchronous comprehension",
        explanation=(
            "Between two items of an `async for` anything else may run on the event loop, and may look at what was "
            "submitted so far. Plain Ray submits each call when its item arrives; a group would submit them together "
            "at the end."
        ),
        example=TASK
        + """\
async def main(items):
    return [square.remote(i) async for i in items]
""",
        hint="Collect the items first, then submit in a plain comprehension.",
    ),
    Rule(
        code="RI113",
        kind="missed",
        title="loop has an effect",
        explanation=(
            "The loop that fills this list does something else besides submitting: it reads a clock, sleeps, writes a "
            "file, gets, or changes an object. In plain Ray each call is submitted before what comes next in the loop, "
            "and the user, another task or a clock could tell if it was not. Groups are not held back across such a "
            "statement, so each group would have one member."
        ),
        example="import time\n\n"
        + TASK
        + """\
def main():
    refs = []
    for i in range(8):
        refs.append(square.remote(i))
        time.sleep(0.1)
    return ray.get(refs)
""",
        hint="Submit in a loop of its own, and do the rest in a loop before or after it.",
    ),
    Rule(
        code="RI114",
        kind="missed",
        title="list is read by other code",
        explanation=(
            "The list that this loop fills can be seen by code whose time is not known: a nested function, a lambda, a "
            "generator, an exception handler, or a module that imports this one. That code must find a plain list of "
            "refs at any moment, so the list cannot be a group while it grows."
        ),
        example=ACTOR
        + """\
def main():
    counters = []

    def how_many():
        return len(counters)

    for i in range(8):
        counters.append(Counter.remote(i))
    return how_many()
""",
        hint="Fill the list in the code that reads it, outside of any `try`, and hand it over when it is complete.",
    ),
    Rule(
        code="RI116",
        kind="missed",
        title="remote handed on as a value",
        explanation=(
            "The `remote` of a task or of an actor class is bound to a name or given to a call, such as "
            "`pool.map(f.remote, xs)`, instead of being called where it stands. When, how often and with what it is "
            "called is up to the code that takes it, so its calls cannot be a group. A `map` that is taken whole at "
            "once, as in `list(map(f.remote, xs))`, is read as a comprehension, if its task cannot be bound anew "
            "meanwhile and no comment stands in it."
        ),
        example=TASK
        + """\
def main():
    return [ray.get(ref) for ref in map(square.remote, range(8))]
""",
        hint="Call it in a comprehension: `[f.remote(x) for x in xs]`.",
    ),
)
