import ray

@ray.remote
def f(x, y=0):
    print("f", x, y)
    return x

@ray.remote
class A:
    def __init__(self):
        self.seen = []
    def add(self, x, y=0):
        self.seen.append((x, y))
    def read(self):
        return self.seen

def main(xs, flag):
    a, b = A.remote(), A.remote()
    table = {0: a, 1: b}
    for x in xs:
        table[x % 2].add.remote(x, y=1) if x % 2 else table[x % 2].add.remote(x)
        table[x % 2].add.remote(x) if x > 1 else None
    if flag:
        ports = [1, 2, 3]
    try:
        for i, x in enumerate(xs):
            table[x % 2].add.remote(ports[i])
    except NameError as error:
        print(type(error).__name__, error)
    return ray.get([a.read.remote(), b.read.remote()])
print(main([1, 2, 3], False), main([1, 2, 3], True), main([], False))
