import ray


@ray.remote
def step(x):
    return x


@ray.remote
class Worker:
    def run(self, x):
        return x


def made(xs):
    out = []
    for x in xs:
        worker = Worker.remote()
        out.append(ray.get(step.remote(x)))
        out.append(ray.get(worker.run.remote(x)))
    return out


def waited(xs):
    out = []
    for x in xs:
        out.append(ray.get(step.remote(x)))
        ready, rest = ray.wait([step.remote(x)], timeout=1)
        out.append(len(ready))
    return out


def timed(xs):
    out = []
    for x in xs:
        a = ray.get(step.remote(x))
        out.append(ray.get(step.remote(a), timeout=60) + a)
    return out


def handed(xs, task, workers):
    out = []
    for x in xs:
        out.append(ray.get(step.remote(x)))
        out.append(ray.get(task.remote(x)))
    for x in xs:
        out.append(ray.get(step.remote(x)))
        out.append(ray.get(workers[x].run.remote(x)))
    return out


print(made([1, 2]), waited([1, 2]), timed([1, 2]), handed([0], step, [Worker.remote()]))
