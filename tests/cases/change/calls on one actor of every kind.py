import ray


@ray.remote
class A:
    def __init__(self):
        self.n = 0

    def add(self, k):
        self.n += k
        return self.n


def named():
    first = A.options(name="first").remote()
    found = ray.get_actor("first")
    return ray.get([found.add.remote(i) for i in range(3)]), ray.get(first.add.remote(0))


def branches(flag):
    if flag:
        actor = A.remote()
    else:
        actor = A.options(num_cpus=0).remote()
    refs = []
    for i in range(3):
        refs.append(actor.add.remote(i))
    for i in range(3):
        actor.add.remote(i)
    return ray.get(refs), ray.get(actor.add.remote(0))


print(named(), branches(True), branches(False))
