import ray


@ray.remote
class Counter:
    def __init__(self):
        self.n = 0

    def add(self):
        self.n += 1
        return self.n


class Pool:
    def __init__(self, n):
        self.members = [Counter.remote() for _ in range(n)]

    def add(self):
        return ray.get([m.add.remote() for m in self.members])


def add(actors):
    refs = [a.add.remote() for a in actors]
    return ray.get(refs)


pool = Pool(2)
print(pool.add(), add(pool.members), add(iter(pool.members)), add([]))
