#!/usr/bin/env python
# -*- coding: utf-8 -*-
"""What stands first must stay first."""
from __future__ import annotations

import ray.util
import ray


@ray.remote
def f(x: int) -> int:
    return x


refs: list = [f.remote(i) for i in range(3)]
print(ray.get(refs), __doc__)
