import ray


@ray.remote(num_returns=2)
def halves(text):
    return text[: len(text) // 2], text[len(text) // 2 :]


@ray.remote
def join(*parts):
    return "".join(parts)


def main(texts):
    pairs = [halves.remote(text) for text in texts]
    firsts = [join.remote(*[pair[0] for pair in pairs]) for _ in range(2)]
    for left, right in pairs:
        print(ray.get(left), ray.get(right))
    lasts = [join.remote(*[pair[1] for pair in pairs]) for _ in range(2)]
    pairs[0].reverse()
    turned = [join.remote(*column) for column in zip(*pairs)]
    return ray.get(firsts), ray.get(lasts), ray.get(turned)


print(main(["abcd", "efgh"]))
