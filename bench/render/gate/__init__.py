"""A judgement, as a terminal, a page, a CI log and a test report show it. Values in, text out."""
