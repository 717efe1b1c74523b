import ray


@ray.remote
def load(name):
    return len(name)


@ray.remote
def double(x):
    return 2 * x


@ray.remote
def store(name, x):
    print("stored", name, x)
    return name


@ray.remote
class Progress:
    def __init__(self):
        self.seen = []

    def add(self, name, x):
        self.seen.append((name, x))

    def read(self):
        return self.seen


def main(names):
    progress = Progress.remote()
    done, total = [], 0
    for name in names:
        size = ray.get(load.remote(name))
        twice = ray.get(double.remote(size))
        progress.add.remote(name, twice)
        done.append(ray.get(store.options(num_cpus=1).remote(name, twice)))
        total += ray.get(double.remote(len(name)))
    refs = []
    for name in names:
        refs.append(double.remote(ray.get(load.remote(name))))
    for name in names:
        size = ray.get(load.remote(name))
        parts = ray.get([double.remote(k) for k in range(size)])
        done.append(sum(parts))
    return done, total, ray.get(refs), ray.get(progress.read.remote())


ray.init()
print(main(["a", "bcd", ""]))
