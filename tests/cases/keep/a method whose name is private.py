import ray


@ray.remote
class A:
    def __init__(self):
        self.n = 0

    def add(self, k):
        self.n += k
        return self.n


class Pool:
    def __init__(self, actors):
        self.actors = actors

    def run(self):
        return [a.__add.remote(1) for a in self.actors]


class Local:
    def __init__(self):
        self._Pool__add = self

    def remote(self, k):
        return k


print(Pool([Local(), Local()]).run(), Pool([]).run())
