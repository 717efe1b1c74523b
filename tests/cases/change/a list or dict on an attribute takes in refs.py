import ray


@ray.remote
def f(x, y=0):
    return x, y


@ray.remote
class Log:
    def __init__(self, first):
        self.seen = [first]

    def add(self, x):
        self.seen.append(x)
        return len(self.seen)


class Runner:
    def __init__(self, scale):
        self.refs, self.logs, self.__sizes = [], [], {}
        self.state = State()
        self.scale = scale

    def fill(self, names):
        for name in names:  # in order
            # the length counts
            size = len(name)
            self.refs.append(f.remote(name, size * self.scale))
        for i, name in enumerate(names):
            self.state.table[name] = f.remote(i)
        for name in names:
            ref = f.remote(name)
            self.state.names[ref] = name
        for i in range(2):
            self.logs.append(Log.remote(i))
        for log in self.logs:
            self.__sizes[log] = log.add.remote(1)
        for number in 1, 2:
            if number > 1:
                self.refs.append((number, f.remote(number)))
        return ray.get(list(self.__sizes.values()))

    def given(self, tasks, rows):
        try:
            for task in tasks:
                for first, second in rows:
                    self.refs.append(task.options(num_cpus=1).remote(first, second))
        except ValueError as error:
            print("left", len(self.refs), type(error).__name__)
        finally:
            print(ray.get(self.refs[0]), len(self.refs))


class State:
    table, names = {}, {}


def main():
    runner = Runner(3)
    print(runner.fill(["a", "bc", "def"]), len(runner.refs))
    print(ray.get(list(State.table.values())), sorted(State.names.values()), ray.get(runner.refs[-1][1]))
    more = Runner(1)
    more.given([f, f], [(1, 2), (3, 4)])
    more.given([f], [(5, 6), (7,), (8, 9)])
    print(ray.get(more.refs))
    squares = [f.remote(i) for i in range(3)]
    for square in squares:
        more.state.table[square] = f.remote(square)
    print(ray.get([more.state.table[square] for square in squares]))


ray.init()
main()
