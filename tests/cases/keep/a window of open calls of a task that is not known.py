import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(task):
    pending, done = [task], []
    waiting = list(range(4))
    pending = []
    while waiting or pending:
        while waiting and len(pending) < 2:
            pending.append(task.remote(waiting.pop()))
        ready, pending = ray.wait(pending)
        done += ray.get(ready)
    return sorted(done)


print(main(f), main(g))
