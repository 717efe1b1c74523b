import ray


@ray.remote
def f(x):
    return x


def main(flag):
    a = [f.remote(i) for i in range(2)]; b = [f.remote(i + 5) for i in range(2)]
    if flag: a = [f.remote(x) for x in a]
    for i in range(2): f.remote(i)
    for i in range(2): f.remote(i);
    return ray.get(a), ray.get(b)


print(main(True), main(False))
