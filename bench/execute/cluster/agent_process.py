"""The process of an agent: `python -m bench.execute.cluster.agent_process DESCRIPTOR NODE`."""

from __future__ import annotations

import os
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

from bench.catalog.datasets import cache_dir
from bench.core.temporary import make_folder, new_folder
from bench.execute.cluster.agent import NodeAgent
from bench.execute.cluster.depot import Depot


def main() -> None:
    """Serve whoever holds the other end of the connection that the command line names."""
    channel, node = Connection(int(sys.argv[1])), sys.argv[2]
    folder = new_folder()
    make_folder(folder)  # its lock is held as long as this process lives
    place = folder / "work"
    place.mkdir(mode=0o700)
    # whatever folder the parent works in, it is none of the trials'
    os.chdir(place)
    tempfile.tempdir = str(Path(tempfile.gettempdir()).absolute())
    NodeAgent(channel, node, folder, Depot(cache_dir() / "depot")).serve()


if __name__ == "__main__":
    main()
