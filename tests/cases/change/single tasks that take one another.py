import ray


@ray.remote
def start(x):
    return [x]


@ray.remote
def step(state, n=1):
    state.append(n)
    return state


@ray.remote
def both(a, b):
    return a + b


def straight():
    a = start.remote(3)
    b = step.remote(a)
    c = both.remote(a, step.remote(b, n=5))
    return ray.get([b, c])


def folded(n):
    total = start.remote(0)
    for i in range(1, n):
        total = both.remote(total, start.remote(i))
    return ray.get(total)


def carried(rounds):
    state = [0]
    for n in range(rounds):
        if n % 2:
            state = step.remote(state, n)
        else:
            before, after = state, step.remote(state, n)
            state = both.remote(before, after)
    return state if rounds == 0 else ray.get(state)


for n in (0, 1, 4):
    print(straight(), folded(n), carried(n))
