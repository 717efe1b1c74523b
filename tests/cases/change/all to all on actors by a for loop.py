from ray import get, remote


@remote
def part(i):
    return i + 1


@remote(num_cpus=0)
class Sink:
    def __init__(self):
        self.total = 0

    def take(self, *values):
        self.total += sum(values)

    def read(self):
        return self.total


def main():
    sinks = [Sink.remote() for _ in range(2)]
    parts = [part.remote(i) for i in range(4)]
    # every sink takes them all
    for sink in sinks:
        sink.take.remote(*parts)  # its result is dropped
    print(get([sink.read.remote() for sink in sinks]))


main()
