"""What the numbers say: pure functions from the collected frames to statistics. Sentences are made by `render`."""
