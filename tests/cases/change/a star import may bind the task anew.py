import ray


@ray.remote
def product(*values):
    return values


from itertools import *  # noqa: E402, F403

print([list(p) for p in product([1, 2])], [len(str(p)) > 0 for p in [product]])
try:
    print([product.remote(i) for i in range(2)])
except AttributeError as error:
    print(str(error)[-30:])
