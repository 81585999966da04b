"""The gate: whether accuracy got worse, with stated error rates. Frames and a baseline in, verdicts out; pure."""
