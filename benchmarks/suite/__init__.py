"""The benchmark suite: workloads as plain Ray, rewritten, tuned by hand, with dask, and with no framework at all."""
