import sys
import types

import ray

module = types.ModuleType("elsewhere")
sys.modules["elsewhere"] = module


@ray.remote
def f(x):
    return x


module.task = f

from elsewhere import task  # noqa: E402

print(ray.get([task.remote(i) for i in range(2)]))
