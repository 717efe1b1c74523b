import collections

import ray


@ray.remote
def f(*args):
    return args


def given():
    table = collections.defaultdict(list)
    return ray.get([f.remote(table, table[i]) for i in range(3)])


def put_away(kept):
    table = collections.defaultdict(list)
    kept.append(table)
    return ray.get([f.remote(kept, table[i]) for i in range(3)])


def seen_by_a_nested_function():
    table = collections.defaultdict(list)

    def size():
        return table

    held = size()
    return ray.get([f.remote(held, table[i]) for i in range(3)])


def made_by_code_of_the_program():
    def item():
        print("missing")
        return 0

    table = collections.defaultdict(item)
    return ray.get([f.remote(table[i]) for i in range(3)])


def a_view():
    table = collections.defaultdict(list)
    view = [table.items()]
    return ray.get([f.remote(len(view[0]), table[i]) for i in range(3)])


print(given())
print(put_away([]))
print(seen_by_a_nested_function())
print(made_by_code_of_the_program())
print(a_view())
