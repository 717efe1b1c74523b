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


def cancelled():
    refs = []
    for k in range(3):
        ref = f.remote(k)
        ray.cancel(ref)
        refs.append(ref)
    return len(refs)


def killed():
    for k in range(2):
        log = Log.remote()
        log.add.remote(k)
        ray.kill(log)
    return k


print(cancelled(), killed())
