import collections

import ray


@ray.remote
def f(*args):
    return args


def lookups(words):
    table = collections.defaultdict(list)
    for number, word in enumerate(words):
        table[word].append(number)
    refs = []
    for word in words:
        refs.append(f.remote(word, table[word], table[word + "s"]))
    return ray.get(refs), sorted(table)


def counts(words):
    seen: dict[str, int] = collections.defaultdict(int)
    for word in words:
        seen[word] += 1
    return ray.get([f.remote(word, seen[word], seen["none"]) for word in words]), len(seen), dict(seen.items())


def texts(names):
    refs = [f.remote(name.strip().upper(), name.split(" "), name.startswith("a")) for name in names]
    return ray.get(refs)


print(lookups(["a", "b", "a"]))
print(counts(["a", "b", "a"]))
print(texts([" a b", "c "]))
