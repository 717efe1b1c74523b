import ray


@ray.remote
def f(x):
    return x


def shared():
    global g
    for g in range(3):
        f.remote(g)


def closed():
    def read():
        return n

    for n in range(3):
        f.remote(n)
    return read()


shared()
print(g, closed())
