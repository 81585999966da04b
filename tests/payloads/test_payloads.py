"""Every payload in every text of a foreign run, through every writer: read back, none of it acts."""

from __future__ import annotations

import pytest
from payloads.hostile import attacked
from payloads.texts import PAYLOADS

pytestmark = pytest.mark.soak
PARTS = 12
DRAWN = 9  # each ninth placing goes through the pages with charts too, unless all do
# the runs of values differ from the others in their score and task alone: each third placing is enough
SPARSE = {"classes": 1, "values": 3}


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", ["classes", "values"])
def test_no_payload_acts(name, part, request, record_property):
    """No element, attribute, command or control character that the clean run has not, in any output."""
    whole = request.config.getoption("--payloads", "some") == "all"
    places = [first for first in range(part, len(PAYLOADS), PARTS) if whole or not first % SPARSE[name]]
    outputs, found = 0, []
    for first in places:
        number, of_run = attacked(name, first, charts=whole or not first % DRAWN)
        outputs, found = outputs + number, found + of_run
    record_property("payloads", (len(places), outputs, len(found)))
    assert [] == found[:20]
