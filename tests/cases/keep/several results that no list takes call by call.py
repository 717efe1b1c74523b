import ray


@ray.remote(num_returns=2)
def halves(text):
    return text[: len(text) // 2], text[len(text) // 2 :]


@ray.remote
def letters(text):
    yield from text


@ray.remote
class Half:
    @ray.method(num_returns=2)
    def of(self, text):
        return text[: len(text) // 2], text[len(text) // 2 :]


def main(texts):
    found = {text: halves.remote(text) for text in texts}
    print([ray.get(pair) for pair in found.values()])
    lefts = []
    for text in texts:
        left, right = halves.remote(text)
        print(left is right)
        lefts.append(left)
    print(ray.get(lefts))
    streams = [letters.remote(text) for text in texts]
    print([[ray.get(letter) for letter in stream] for stream in streams])
    optioned = [letters.options(num_returns="streaming").remote(text) for text in texts]
    print([[ray.get(letter) for letter in stream] for stream in optioned])
    print([halves.options(num_returns=0).remote(text) for text in texts])
    for text in texts:
        print(ray.get(halves.remote(text)))
    half = Half.remote()
    print([ray.get(pair) for pair in [half.of.remote(text) for text in texts]])


main(["abcd", "efgh"])
