import ray


@ray.remote
def f(x):
    return x


def replace():
    global f

    @ray.remote
    def f(x):
        return x * 100


print(ray.get([f.remote(i) for i in range(3)]))
replace()
print(ray.get([f.remote(i) for i in range(3)]))
