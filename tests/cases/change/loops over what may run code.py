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


class Feed:
    def __init__(self, log):
        self.log = log

    def __iter__(self):
        for i in range(2):
            self.log.add.remote(i)
            yield i


def stream(log):
    for i in range(2):
        yield i
        log.add.remote(("after", i))


def over(feed, log):
    refs = []
    for k in feed:
        refs.append(log.add.remote(("loop", k)))
    more = [log.add.remote(("one", k)) for k in range(1)]
    for i, k in enumerate(feed):
        refs.append(log.add.remote(("enumerated", i, k)))
    return ray.get(refs)


def spanned(items):
    first = [f.remote(i) for i in range(2)]
    grown = []
    for item in items:
        grown.append(f.remote(item))
    kept = [f.remote(x) for x in items]
    for item in items:
        f.remote(item)
    known = [1, 2]
    last = []
    for item in known:
        last.append(f.remote(item))
    return [len(ray.get(each)) for each in (first, grown, kept, last)]


log = Log.remote()
print(over(Feed(log), log), over(stream(log), log), ray.get(log.read.remote()))
print(spanned([1, 2, 3]), spanned({1: 2}), spanned(Feed(log)), spanned(stream(log)), spanned(range(2)))
print(ray.get(log.read.remote()))
