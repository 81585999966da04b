"""How an executor and its agents reach each other, a file for each way."""
