import ray


@ray.remote
def f(values, k):
    return list(values), k


def main():
    weights = [0, 0]
    table = {"a": 1}
    refs = [f.remote(weights, k) for k in range(2)]
    weights.append(7)
    weights[0] = 5
    again = [f.remote(weights, table["a"]) for _ in range(2)]
    table["a"] = 2
    weights += [1]
    print(ray.get(refs), ray.get(again), weights)


main()
