import ray


@ray.remote
def f(x):
    return x


@ray.remote
class Counter:
    def __init__(self, n=0):
        self.n = n

    def add(self, k=1):
        self.n += k
        return self.n


def main():
    actors = dict(a=Counter.remote(), b=Counter.remote(1))
    first = {name: actors[name].add.remote() for name in actors}
    second = {name: actor.add.remote() for name, actor in actors.items()}
    third = {actor: actor.add.remote() for actor in actors.values()}
    return ray.get(list(first.values())), ray.get(list(second.values())), ray.get(list(third.values()))


print(main())
