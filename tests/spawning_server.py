"""A warm server as it is where forking is not safe: it spawns its workers. `test_warm_server.py` runs it on Linux."""

from __future__ import annotations

from bench.execute.server import main as server

if __name__ == "__main__":
    server.start_method = lambda: "spawn"
    server.adopt_orphans = lambda: None
    server.main()
