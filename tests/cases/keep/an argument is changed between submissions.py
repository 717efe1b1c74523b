import ray


@ray.remote
def f(values):
    return list(values)


values = []
refs = []
for k in range(3):
    values.append(k)
    refs.append(f.remote(values))
slots = [0, 0]
more = []
for k in range(2):
    slots[k] = k + 1
    more.append(f.remote(slots))
last = []
for k in range(2):
    slots += [k]
    last.append(f.remote(slots))
print(ray.get(refs), ray.get(more), ray.get(last))
