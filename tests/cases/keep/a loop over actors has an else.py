import ray


@ray.remote
class A:
    def __init__(self):
        self.n = 0

    def add(self, k):
        self.n += k
        return self.n


def main(actors):
    for actor in actors:
        actor.add.remote(1)
    else:
        print("all")
    return ray.get([*iter(map(lambda actor: actor.add.remote(0), actors))])


print(main([*iter(map(lambda _: A.remote(), range(2)))]))
