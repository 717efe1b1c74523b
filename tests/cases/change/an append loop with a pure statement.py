import ray


@ray.remote
def count(word, size):
    return word, size


def main(words):
    refs = []
    for word in words:
        size = len(word)
        if size > 1:
            refs.append(count.remote(word, size))
    for pair in ray.get(refs):
        print(pair)


main(["a", "bc", "def"])
main([])
