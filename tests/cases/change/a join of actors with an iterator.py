import ray


@ray.remote
class A:
    def __init__(self, i):
        self.i = i

    def add(self, k=0):
        return self.i + k


def main(fresh, given):
    if fresh:
        actors = [A.remote(i) for i in range(2)]
    else:
        actors = iter(given)
    return ray.get([a.add.remote() for a in actors])


def splat(refs):
    if refs is None:
        refs = [ray.put(i) for i in range(2)]
        values = [A.remote(i) for i in range(2)]
        refs = [v.add.remote() for v in values]
    else:
        refs = iter(refs)
    takers = [A.remote(i) for i in range(2)]
    return ray.get([t.add.remote(*refs) for t in takers][:1]) if refs is None else "iterator"


made = [A.remote(10 + i) for i in range(2)]
print(main(True, made), main(False, made), splat([]), splat(None))
