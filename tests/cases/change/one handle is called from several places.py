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


@ray.remote
def from_a_task(log, k):
    for i in range(2):
        log.add.remote(("task", k, i))
    return ray.get(log.add.remote(("task", k, "end")))


@ray.remote
class Caller:
    def __init__(self, logs):
        self.logs = logs

    def call(self, k):
        refs = [log.add.remote(("actor", k)) for log in self.logs]
        for log in self.logs:
            log.add.remote(("actor", k, "after"))
        return len(ray.get(refs))


def by(entries, who):
    return [each for each in entries if each[0] == who]


def main():
    logs = [Log.remote() for _ in range(2)]
    callers = [Caller.remote(logs) for _ in range(1)]
    first = logs[0]
    for log in logs:
        log.add.remote(("driver", 1))
    first.add.remote(("driver", 2))
    tasks = [from_a_task.remote(log, k) for k, log in enumerate(logs)]
    calls = [caller.call.remote(7) for caller in callers]
    for log in logs:
        log.add.remote(("driver", 3))
    ray.get(tasks + calls)
    first.add.remote(("driver", 4))
    found = ray.get([log.read.remote() for log in logs])
    return [(by(entries, "driver"), by(entries, "task"), by(entries, "actor")) for entries in found]


print(main())
