def main():
    import ray

    @ray.remote
    def f(x):
        return x

    refs = [f.remote(i) for i in range(3)]
    print(ray.get(refs))


main()
