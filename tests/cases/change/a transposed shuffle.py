import ray


@ray.remote
def split(block, k):
    return [[x for x in block if x % k == i] for i in range(k)]


@ray.remote(num_returns=2)
def halves(block):
    return block[: len(block) // 2], block[len(block) // 2 :]


@ray.remote
def merge(*pieces):
    return sorted(sum(pieces, []))


@ray.remote
def look(refs, tag):
    return tag, [type(ref).__name__ for ref in refs], sum(ray.get(list(refs)), [])


def main(n, k):
    maps = [split.options(num_returns=k).remote(list(range(i, 3 * n, n)), k) for i in range(n)]
    ranges = [merge.remote(*[pieces[i] for pieces in maps]) for i in range(k)]
    columns = [merge.remote(*column) for column in zip(*maps)]
    pairs = []
    for i in range(n):
        block = list(range(i, i + 4))
        pairs.append(halves.remote(block))
    outputs = []
    for i in range(2):
        outputs.append(look.remote([pair[i] for pair in pairs], tag=i))
    for column in zip(*pairs):
        outputs.append(look.remote(list(column), tag="column"))
    return ray.get(ranges), ray.get(columns), ray.get(outputs)


print(main(3, 2), main(1, 3), main(0, 2))
