import ray


@ray.remote
def part(i):
    return i * 10


@ray.remote
class Sink:
    def take(self, refs, scale):
        return sum(ray.get(refs)) * scale


def main():
    sinks = [Sink.remote() for _ in range(3)]
    parts = [part.remote(i) for i in range(4)]
    out = [sink.take.remote(parts, scale=2) for sink in sinks]
    print(ray.get(out))


main()
