import ray


@ray.remote
def f(x):
    return x


class Box:
    pass


box = Box()
for box.item in range(3):
    f.remote(box.item)
for i in range(2):
    f.remote(i)
else:
    print("else")
while box.item:
    f.remote(box.item)
    box.item -= 1
print(box.item)
