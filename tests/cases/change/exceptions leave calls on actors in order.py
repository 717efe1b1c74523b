import ray


@ray.remote
class Log:
    def __init__(self):
        self.seen = []

    def add(self, k):
        self.seen.append(k)

    def read(self):
        return self.seen


def work(logs, divisor):
    [log.add.remote(1) for log in logs]
    y = 10 // divisor
    [log.add.remote(y) for log in logs]


def own(divisor):
    logs = [Log.remote() for _ in range(2)]
    try:
        [log.add.remote(1) for log in logs]
        y = 10 // divisor
        [log.add.remote(y) for log in logs]
    except ZeroDivisionError:
        logs[0].add.remote("handler")
    return ray.get([log.read.remote() for log in logs])


def loop(numbers):
    logs = [Log.remote() for _ in range(2)]
    try:
        for n in numbers:
            for log in logs:
                log.add.remote(6 // n)
    except ZeroDivisionError:
        logs[0].add.remote("handler")
    return ray.get([log.read.remote() for log in logs])


first = [Log.remote() for _ in range(2)]
for d in (5, 0):
    try:
        work(first, d)
    except ZeroDivisionError:
        first[0].add.remote("caught")
    print(ray.get([log.read.remote() for log in first]), own(d))
print(loop([1, 2, 0, 3]))
