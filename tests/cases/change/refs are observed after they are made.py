import ray


@ray.remote
def f(x):
    return x


def main():
    refs = [f.remote(i) for i in range(3)]
    where = {ref: i for i, ref in enumerate(refs)}
    print([isinstance(ref, ray.ObjectRef) for ref in refs], type(refs) is list)
    print([where[ref] for ref in reversed(refs)], refs[0] == refs[0], refs[0] == refs[1])
    print(len(refs[0].hex()) == len(refs[1].hex()), refs[:1] + refs[1:] == refs)


main()
