"""Programs that run rewritten while nodes of their cluster are killed and started."""
