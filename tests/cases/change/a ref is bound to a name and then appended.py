import ray


@ray.remote
def f(x):
    return x


@ray.remote
class Worker:
    def __init__(self, i):
        self.i = i

    def run(self, x):
        return self.i * x


def main(n):
    refs = []
    for i in range(n):
        ref = f.remote(i)  # one each
        refs.append(ref)
    workers = []
    for i in range(n):
        worker: object = Worker.options(num_cpus=0).remote(i)
        workers.append(worker)
    results = {}
    for i in range(2 * n):
        result = workers[i % n].run.remote(i)
        results[i] = result
    pairs = []
    for i, worker in enumerate(workers):
        future = worker.run.remote(i)
        pairs.append((i, future))
    return ray.get(refs), ray.get(list(results.values())), [(i, ray.get(ref)) for i, ref in pairs]


print(main(3), main(0))
