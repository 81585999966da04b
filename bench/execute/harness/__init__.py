"""The harness's side: servers are started, tasks are given to workers, and their ends are recorded."""
