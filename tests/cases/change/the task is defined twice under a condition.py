import sys

import ray

if sys.platform == "nowhere":

    @ray.remote
    def f(x):
        return x

else:

    @ray.remote
    def f(x):
        return x + 1


print(ray.get([f.remote(i) for i in range(3)]))
