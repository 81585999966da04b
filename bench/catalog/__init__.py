"""What can be trained, and on what: architectures and data sets, ours and anybody's."""
