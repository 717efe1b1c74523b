import ray


@ray.remote
class A:
    def __init__(self, i):
        self.i = i

    def get(self):
        return self.i


for i in range(2):
    A.options(name=f"member-{i}", lifetime="detached").remote(i)
print([ray.get(ray.get_actor(f"member-{i}").get.remote()) for i in range(2)])
for i in range(2):
    ray.kill(ray.get_actor(f"member-{i}"))
