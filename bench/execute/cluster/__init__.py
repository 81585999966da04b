"""Training on many machines: an agent on each node, and the executor that gives them trials."""
