import ray


@ray.remote
def total(*values):
    return sum(values)


def main(given):
    held = list(given)
    print(ray.get(total.remote(*held)))
    sum_of_all = total.remote(*given)
    refs = [total.remote(1), total.remote(2)]
    both = ray.get(total.remote(*refs)) if refs else None
    return ray.get(sum_of_all), both


print(main([ray.put(1), ray.put(2)]))
