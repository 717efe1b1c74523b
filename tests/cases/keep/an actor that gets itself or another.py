import ray


@ray.remote
class A:
    def __init__(self, peers=()):
        self.peers = list(peers)

    def add(self, peer):
        self.peers.append(peer)
        return len(self.peers)


first = A.remote()
second = A.remote([first])
print(ray.get(first.add.remote(second)), ray.get(second.add.remote(second)))
