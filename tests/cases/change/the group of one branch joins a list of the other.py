import ray


@ray.remote
def f(x):
    return x + 1


def main(twice):
    xs = [f.remote(i) for i in range(3)]
    if twice:
        xs = [f.remote(x) for x in xs]
    print(ray.get(xs))


def with_calls_between(twice):
    xs = [f.remote(i) for i in range(3)]
    print("made", len(xs))
    if twice:
        xs = [f.remote(x) for x in xs]
        print("again", len(xs))
    print(len(ray.get(xs)), ray.get(xs))


for flag in (True, False):
    main(flag)
    with_calls_between(flag)
