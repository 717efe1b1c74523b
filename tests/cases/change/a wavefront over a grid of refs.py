import ray


@ray.remote
def block(i, j, up, left, diagonal):
    return i * j + (up or 0) + (left or 0) - (diagonal or 0)


def wavefront(n, m):
    table = [[None] * m for _ in range(n)]
    for i in range(n):
        for j in range(m):
            up = table[i - 1][j] if i > 0 else None
            left = table[i][j - 1] if j > 0 else None
            diagonal = table[i - 1][j - 1] if i > 0 and j > 0 else None
            table[i][j] = block.remote(i, j, up, left, diagonal)
    return ray.get(table[-1][-1])


def all_of_it(n, m):
    table = [[None for _ in range(m)] for _ in range(n)]
    for i in range(n):
        for j in range(m):
            table[i][j] = block.remote(i, j, table[i - 1][j] if i else None, None, None)
    return [ray.get(row) for row in table]


print(wavefront(3, 4), all_of_it(2, 3))
