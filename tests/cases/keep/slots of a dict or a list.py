import collections

import ray


@ray.remote
def f(x):
    return x


table = collections.defaultdict(list)
for i in range(4):
    table[i % 2].append(f.remote(i))
slots = [None] * 3
for i in range(3):
    slots[i] = f.remote(i)
by_name = {}
for name in ["a", "b"]:
    by_name[name] = f.remote(name)
print(ray.get(table[0]), ray.get(slots), ray.get(by_name["b"]))
