import ray


@ray.remote
def start(i):
    return [i]


@ray.remote
def step(k, values):
    return values + [k]


def main(rounds):
    data = [start.remote(i) for i in range(4)]
    for k in range(rounds):
        data = [step.remote(k, one) for one in data]
    return ray.get(data)


print(main(0), main(3))
