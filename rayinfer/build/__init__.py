"""From matches to IR: groups, regions and evaluation points."""
