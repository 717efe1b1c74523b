"""A progress bar prints when it likes: what it goes over is looked at when the program runs."""

import ray
from tqdm import tqdm
from tqdm.auto import trange


@ray.remote
def f(x):
    return x * 2


def append_loop(items):
    refs = []
    for item in tqdm(items, desc="submitted"):
        refs.append(f.remote(item))
    return ray.get(refs)


def by_index(items):
    refs = {}
    for i in trange(len(items)):
        refs[i] = f.remote(items[i])
    return {key: ray.get(ref) for key, ref in refs.items()}


def enumerated(items):
    return ray.get([f.remote((i, item)) for i, item in enumerate(tqdm(items))])


def serially(items):
    out = []
    for item in tqdm(items):
        out.append(ray.get(f.remote(item)))
    return out


print(append_loop([3, 1, 2]), by_index([3, 1, 2]), enumerated("ab"), serially([3, 1, 2]))
print(append_loop(iter([3, 1])), enumerated(x for x in "ab"))
