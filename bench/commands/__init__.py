"""The verbs of the command line, each a short list of steps in which every step takes the last one's value."""
