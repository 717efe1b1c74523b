import ray


@ray.remote
def numbers(n):
    for i in range(n):
        yield i


streams = [numbers.remote(i) for i in range(3)]
print([[ray.get(ref) for ref in stream] for stream in streams])
