import ray


@ray.remote
def f(x, y=0):
    return x, y


class Runner:
    def __init__(self):
        self.refs, self.table = [], {}

    @property
    def size(self):
        return len(self.refs)

    def fill(self, names):
        for name in names:
            self.refs.append(f.remote(name, len(self.refs)))
        for name in names:
            self.table[name] = f.remote(name, str(self)[:0])
        for name in names:
            self.table[name] = f.remote(name)
            print(len(self.table))
        for name in names:
            self.refs.append(f.remote(name, self.size))
        for i in range(9):
            if i > 1:
                break
            self.refs.append(f.remote(i))
        for one in [self]:
            one.refs.append(f.remote(0))
        return ray.get(self.refs), ray.get(list(self.table.values()))


ray.init()
print(Runner().fill("ab"))
