import collections

import ray


@ray.remote
def f(x):
    return x


class Holder:
    def fill(self, names):
        self.refs = {}
        for name in names:
            self.refs[name] = f.remote(len(self.refs))
        return ray.get(list(self.refs.values()))


def given(out):
    for i in range(2):
        out[i] = f.remote(i)
    return ray.get(out)


table = collections.defaultdict(list)
for i in range(4):
    table[i % 2].append(f.remote(i))
seen = {}
for i in range(3):
    seen[i] = f.remote(i)
    print(len(seen), seen is not None, [key for key in seen])
alias = twice = {}
for i in range(3):
    alias[i] = f.remote(i)
parts = [None] * 4
parts[1:2] = [f.remote(1)]
late = {}
try:
    for i in range(3):
        late[[0, 1][i]] = f.remote(i)
except IndexError:
    print(sorted(late))
print(ray.get(table[0]), ray.get(seen[2]), len(twice), ray.get(parts[1]), Holder().fill("ab"), given([None, None]))
