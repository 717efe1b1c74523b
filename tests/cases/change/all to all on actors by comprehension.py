import ray as r


@r.remote
def part(i, n):
    return [i * n + k for k in range(n)]


@r.remote
class Reducer:
    def __init__(self, index):
        self.index = index
        self.seen = []

    def reduce(self, *parts):
        self.seen.append(sum(p[self.index] for p in parts))

    def result(self):
        return self.seen


def main(width=3, ticks=4):
    reducers = [Reducer.remote(i) for i in range(width)]
    for _ in range(ticks):
        parts = [part.remote(i, width) for i in range(5)]
        [red.reduce.remote(*parts) for red in reducers]
    print(r.get([red.result.remote() for red in reducers]))


main()
