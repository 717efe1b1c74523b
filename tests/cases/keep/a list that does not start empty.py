import ray


@ray.remote
def f(x):
    return x


def load():
    return []


def extended(given):
    for i in range(2):
        given.append(f.remote(i))
    return given


refs = load()
for i in range(2):
    refs.append(f.remote(i))
chained = other = []
for i in range(2):
    chained.append(f.remote(i))
first = [f.remote]
print(ray.get(refs), ray.get(other), ray.get(extended([ray.put(9)])))
