"""From a suite file to an ordered list of trials: everything that is decided before anything runs."""
