"""What the numbers say: pure functions from the collected frames to statistics and sentences."""
