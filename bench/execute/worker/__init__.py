"""What runs inside a worker process: setup, training, evaluation, measurement."""
