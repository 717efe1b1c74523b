import ray


@ray.remote
def f(*args):
    return args


@ray.remote
class Counter:
    def __init__(self):
        self.seen = []

    def add(self, x):
        self.seen.append(x)
        return len(self.seen)

    def read(self):
        return self.seen


def numbered(names):
    refs, numbers, count = [], {}, 0
    for name in names:
        if not name:
            continue
        assert isinstance(name, str), name
        count += 1
        numbers[name] = count
        refs.append(f.remote(name, count, numbers[name]))
    return ray.get(refs), numbers, count


def dropped(actors, names):
    sent = {}
    for actor in actors:
        number = len(names)
        actor.add.remote(number)
        sent[number] = "sent"
    return sent, ray.get([actor.read.remote() for actor in actors])


def until(limit):
    refs = []
    total = 0
    for i in range(8):
        if total > limit:
            break
        if i < 0:
            raise ValueError("never")
        refs.append(f.remote(i))
        total += 1
    return ray.get(refs)


def stopped(limit):
    refs = []
    for i in range(4):
        if i == limit:
            raise ValueError(f"{i}")
        refs.append(f.remote(i))
    return ray.get(refs)


def two_steps(xs):
    first = [f.remote(x) for x in xs]
    taken, second = [], []
    for ref in first:
        if len(taken) > 1:
            continue
        taken.append(len(taken))
        second.append(f.remote(ref))
    return ray.get(second), taken


print(numbered(["a", "", "b"]))
print(dropped([Counter.remote() for _ in range(2)], "ab"))
print(until(2))
for limit in (9, 2):
    try:
        print(stopped(limit))
    except ValueError as error:
        print("stopped", error)
print(two_steps(range(4)))
