import ray


@ray.remote
def count(refs):
    return len(refs)


refs = []
for _ in range(3):
    refs.append(count.remote(refs))
seen = []
for _ in range(3):
    seen.append(count.remote([1]))
    if len(seen) > 2 and seen[-1]:
        break
print(ray.get(refs), ray.get(seen))
