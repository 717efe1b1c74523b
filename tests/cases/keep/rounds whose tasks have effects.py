import os
import time

import ray

seen = []


@ray.remote
def tell(x):
    print("told", x)
    return x


@ray.remote
def note(x):
    seen.append(x)
    return len(seen)


@ray.remote
def look(path):
    return os.path.exists(path)


@ray.remote
def options(x):
    return os.environ.get("X", x)


@ray.remote(max_calls=1)
def once(x):
    return x


@ray.remote
def plain(x):
    return x


class Progress:
    done = 0

    def update(self):
        self.done += 1


def main():
    progress = Progress()
    for i in range(2):
        ray.get(tell.remote(i))
        print("round", i)
    for i in range(2):
        print(ray.get(note.remote(i)) > 0)
    for i in range(2):
        print(ray.get(look.remote("/nowhere")), ray.get(options.remote(i)))
    for i in range(2):
        print(ray.get(once.remote(i)))
    for i in range(2):
        start = time.time()
        print(ray.get(plain.remote(i)), time.time() >= start)
    for i in range(2):
        ray.get(plain.remote(progress.done))
        progress.update()


main()
