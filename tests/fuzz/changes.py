"""Statements that bind plain values, and that change what tasks were given."""

from __future__ import annotations

from tests.fuzz.expressions import ref, refs, small, submission, value
from tests.fuzz.state import ARRAY, DICT, ITERATOR, LIST, REFS, SMALL, TASK, VALUE, State
from tests.fuzz.syntax import Line, Statement


def alias_task(s: State) -> list[Statement]:
    """Another name for a task."""
    source = s.pick(["f", "add", "tools['add']", "f.options(num_cpus=1)", "scale"])
    return [Line(f"{s.new(TASK)} = {source}")]


def change(s: State) -> list[Statement]:
    """Something that is passed to tasks is changed: lists, dicts and arrays, also through another name."""
    name = s.some(LIST, DICT, ARRAY, REFS)
    if name is None or (name in s.kept and s.chance(50)):
        return assign_plain(s)
    kind = s.names[name]
    if s.chance(15):
        alias = s.fresh("same")
        return [Line(f"{alias} = {name}"), *_changed(s, alias, kind)]
    return _changed(s, name, kind)


def _changed(s: State, name: str, kind: str) -> list[Statement]:
    if kind == LIST:
        forms = [f"{name}.append({small(s)})", f"{name}.insert(0, 5)", f"{name}.extend([1])", f"{name}.reverse()"]
        forms += [f"{name}[:1] = [4]", f"{name}.sort()", f"tick({name})", f"{name}[:] = [{small(s)}]"]
        forms += [f"{name} += [{small(s)}]"] * 2 if name not in s.kept else []
        forms += [f"{name}.pop()", f"{name}[0] = {small(s)}", f"del {name}[0]"] if s.risky else []
        forms += [f"{name} and {name}.pop()"]
    elif kind == DICT:
        forms = [
            f"{name}['b'] = {small(s)}",
            f"{name}.update(a={small(s)})",
            f"{name}.pop('a', None)",
            f"{name}.clear()",
        ]
        forms += [f"{name}.setdefault('c', []).append(1)", f"{name}['a'] = [1]"]
    elif kind == REFS:
        one, other = ref(s) or "ray.put(5)", refs(s) or "[]"
        forms = [f"{name}.append({one})", f"{name}.append({submission(s)})", f"{name}.reverse()", f"{name}.clear()"]
        # A list that a loop goes over would double for ever.
        forms += [f"{name}.extend({other})"] if not s.in_loop else []
        forms += [f"{name}.insert(0, {one})", f"{name}[:0] = [{one}]", f"del {name}[1:]"]
        forms += [f"{name} += {other}"] if name not in s.kept and not s.in_loop else []
        forms += [f"{name} += [{submission(s)}]"] if name not in s.kept else []
        forms += [f"{name}[0] = {one}", f"{name}.pop()"] if s.risky else []
    else:
        forms = [f"{name}[:] = {small(s)}", f"{name}[:1] += 3", f"{name}[:1] = {small(s)}", f"{name}.sort()"]
        forms += [f"{name} += 1", f"{name} *= 2"] if name not in s.kept else []
        forms += [f"np.add({name}, 1, out={name})", f"{name}.fill(2)"]
    return [Line(s.pick(forms))]


def assign_plain(s: State) -> list[Statement]:
    """A name for a plain value."""
    kind = s.weighted([(5, SMALL), (5, LIST), (2, DICT), (3, ARRAY), (2, VALUE), (1, ITERATOR)])
    number = small(s)
    text = {
        SMALL: number, LIST: s.pick([f"[{number}, 1, 3]", "[2, 1]", "list(range(3))", "[]"]),
        DICT: s.pick([f"{{'a': {number}}}", f"dict(a={number}, b=[1])", "{'a': [1]}"]),
        ARRAY: s.pick(["np.arange(3)", "np.zeros(2)", f"np.full(2, {number})", "np.arange(4)[1:]"]),
        VALUE: value(s),
        ITERATOR: s.pick(["pulled(2)", "iter([1, 2])", "(w + 1 for w in [0, 1])", "map(abs, [2, 1])", "pulled(3)"]),
    }[kind]  # fmt: skip
    return [Line(f"{s.new(kind)} = {text}")]
