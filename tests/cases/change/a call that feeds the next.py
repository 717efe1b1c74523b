import ray


@ray.remote
def step(x):
    return x + 1


state = step.remote(0)
for _ in range(3):
    state = step.remote(state)
print(ray.get(state))
