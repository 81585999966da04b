"""Where trials run: isolated worker processes forked from a warm server, engines, devices and the environment."""
