import ray


def double(x):
    return 2 * x


class Box:
    def __init__(self, i):
        self.i = i

    def read(self):
        return self.i


print([double(i) for i in range(2)])
double = ray.remote(num_cpus=0.5)(double)
Box = ray.remote(Box)
shared = double.remote(4)
print(ray.get([double.remote(i) for i in range(3)]))
print(ray.get([double.remote(shared) for _ in range(2)]))
boxes = [Box.remote(i) for i in range(2)]
print(ray.get([box.read.remote() for box in boxes]))


@ray.remote
def double(x):
    return 20 * x


print(ray.get([double.remote(i) for i in range(3)]))
