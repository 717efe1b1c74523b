import ray


@ray.remote
def f(x):
    return x


def later():
    for i in range(3):
        f.remote(i)
    return i


def deleted():
    for k in range(3):
        f.remote(k)
    del k
    return "deleted"


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
print(later(), deleted(), g, closed())
