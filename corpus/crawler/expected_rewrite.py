"""A crawler over a made-up web: pages are fetched by tasks, and each finished page brings the links to fetch next."""

import argparse
import sys
import time
import zlib

import numpy as np
import ray

START = "page-0.example"


def make_web(num_pages, num_links, seed):
    """The links of each page, by address; some pages are not linked from anywhere."""
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, num_pages, (num_pages, num_links)).tolist()
    return {f"page-{i}.example": [f"page-{target}.example" for target in row] for i, row in enumerate(targets)}


def read_page(web, url):
    """The length of a page's text, by its address, and its links."""
    return zlib.crc32(url.encode()) % 5000, web[url]


@ray.remote
def fetch(web, url):
    length, links = read_page(web, url)
    time.sleep(length / 1e6)  # Long pages take longer.
    return length, links


def crawl_alone(web):
    lengths, queue = {}, [START]
    while queue:
        url = queue.pop()
        if url not in lengths:
            lengths[url], links = read_page(web, url)
            queue.extend(links)
    return lengths


def main(args):
    ray.init()
    web = make_web(args.pages, args.links, args.seed)
    web_ref = ray.put(web)

    lengths = {}
    seen = {START}
    pending = {fetch.remote(web_ref, START): START}
    while pending:
        done, _ = ray.wait(list(pending), num_returns=1)
        for ref in done:
            url = pending.pop(ref)
            lengths[url], links = ray.get(ref)
            for link in links:
                if link not in seen:
                    seen.add(link)
                    pending[fetch.remote(web_ref, link)] = link

    longest = max(lengths, key=lambda url: (lengths[url], url))
    print(f"{len(lengths)} of {args.pages} pages reached, {sum(lengths.values())} bytes")
    print(f"longest: {longest} with {lengths[longest]} bytes")
    same = lengths == crawl_alone(web)
    print("check:", "equal to a single-process crawl" if same else "NOT equal to a single-process crawl")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=120)
    parser.add_argument("--links", type=int, default=3, help="links on each page")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
