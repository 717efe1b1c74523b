import sys

if sys.version_info > (3,):
    import ray

    @ray.remote
    def f(x):
        return x

    first = [f.remote(i) for i in range(2)]
    print(ray.get(first))

from ray.util import ActorPool  # noqa: E402

print(ActorPool.__name__, ray.get([f.remote(i) for i in range(2)]))
