import ray


@ray.remote
def f(x):
    return x


@ray.remote
def inside(box):
    return ray.get(box[0]) if isinstance(box[0], ray.ObjectRef) else "value"


first = [ray.put(i) for i in range(3)]
nested = [inside.remote([f.remote(i)]) for i in range(2)]
print(ray.get(nested), ray.get(first))
