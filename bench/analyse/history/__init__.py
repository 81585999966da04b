"""Change points in score and time over the runs of a suite. Pure: numbers and codes in and out."""
