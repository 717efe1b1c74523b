"""Functions of the file make arguments, conditions and options, and only compute them."""

import ray

SCALE = 3
NAMES = ("a", "b")


def scaled(x):
    return [x * SCALE, NAMES[x % 2]]


def described(x):
    parts = []
    for item in scaled(x):
        parts.append(str(item))
    total = 0
    for part in parts:
        total += len(part)
    return {"text": "-".join(parts), "length": total}


def is_wanted(x):
    if x < 0:
        raise ValueError(f"{x} is negative")
    return x % 3 != 0


def options_for(x):
    options = {"num_cpus": 0.5}
    options["max_retries"] = x
    return options


@ray.remote
def show(x):
    return x


def main(count):
    print(ray.get([show.remote(scaled(x)) for x in range(count) if is_wanted(x)]))
    refs = []
    for x in range(count):
        text = described(x)
        refs.append(show.options(**options_for(x)).remote(text))
    print(ray.get(refs))
    try:
        print(ray.get([show.remote(x) for x in (2, 1, -1) if is_wanted(x)]))
    except ValueError as error:
        print(error)


main(5)
