import ray


@ray.remote
class Progress:
    def __init__(self):
        self.done = 0

    def tick(self):
        self.done += 1

    def read(self):
        return self.done


@ray.remote
def work(progress, i):
    ray.get(progress.tick.remote())
    return i


progress = Progress.remote()
refs = []
for i in range(3):
    refs.append(work.remote(progress, i))
    while ray.get(progress.read.remote()) < i + 1:
        pass
print(ray.get(refs))
