"""The warm server, a process that forks workers and ends them."""
