import ray


@ray.remote
def add(a, b):
    return a + b


values = [ray.put(i) for i in range(5)]
while len(values) > 1:
    values = values[2:] + [add.remote(values[0], values[1])]
print(ray.get(values[0]))
