import ray

ri = "mine"
rayinfer_ri = 1


@ray.remote
def f(x):
    return x


refs = [f.remote(i) for i in range(3)]
print(ri, rayinfer_ri, ray.get(refs))
