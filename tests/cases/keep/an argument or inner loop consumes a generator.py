import ray


@ray.remote
def f(*args):
    return args


@ray.remote
class Log:
    def __init__(self):
        self.entries = []

    def add(self, entry):
        self.entries.append(entry)
        return len(self.entries)

    def read(self):
        return self.entries


def numbers(log, n):
    for i in range(n):
        log.add.remote(i)
        yield i


def main(log):
    sums = [f.remote(sum(each)) for each in [numbers(log, 2), numbers(log, 3)]]
    flat = [f.remote(x) for each in [numbers(log, 2), numbers(log, 2)] for x in each]
    some = [f.remote(i) for i in range(2) if i in list(numbers(log, 2))]
    star = [f.remote(*each) for each in [numbers(log, 2)]]
    return ray.get(sums), ray.get(flat), ray.get(some), ray.get(star)


log = Log.remote()
print(main(log), ray.get(log.read.remote()))
