import ray


@ray.remote
def square(x):
    return x * x


@ray.remote
def total(*values, start=0):
    return sum(values, start)


@ray.remote
def look(refs):
    return [type(ref).__name__ for ref in refs], ray.get(refs)


def last(n):
    refs = []
    for i in range(n):
        refs.append(square.remote(i))
    return total.remote(*refs)


def main(n):
    refs = [square.remote(i) for i in range(n)]
    sum_of_all = total.remote(*refs, start=1)
    seen = look.remote(refs)
    print(ray.get(sum_of_all), ray.get(seen))
    more = [square.remote(i) for i in range(n)]
    print(ray.get(total.options(num_cpus=1).remote(*more)))
    print(ray.get(last(n)))


main(3)
main(1)
main(0)
