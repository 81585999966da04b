"""Each payload in one text of a foreign run, through every writer; `nox -s soak` has each of them in every text."""

from __future__ import annotations

import pytest
from payloads.fields import Placed, clean_runs, poisoned_run
from payloads.hostile import attacked, clean_outputs
from payloads.readers import findings
from payloads.texts import PAYLOADS
from payloads.writers import Written


@pytest.fixture(scope="module", autouse=True)
def clean():
    """What each hostile run is compared with, written once."""
    return clean_outputs("classes")


@pytest.mark.parametrize("first", [0, 107])
def test_no_payload_acts(first):
    """No element, attribute, command or control character that the clean run has not, in any output."""
    outputs, found = attacked("classes", first, charts=True)

    assert [] == found
    assert outputs > 30


def test_no_payload_acts_beside_a_score_of_the_users_own():
    """Its name, heading and meaning are anybody's texts as well."""
    assert [] == attacked("values", 60, charts=False)[1]


def test_every_payload_has_its_place():
    """There are 150 and more, none of them twice, and two placings use each one."""
    used = set()
    for first in (0, 107):
        placed = Placed(PAYLOADS, first)
        for run in clean_runs()["classes"]:
            poisoned_run(run, placed)
        used |= {PAYLOADS[(first + number) % len(PAYLOADS)] for number in range(len(placed.places))}

    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 150
    assert len(set(PAYLOADS) - used) <= 10


@pytest.mark.parametrize(
    ("kind", "clean", "acts"),
    [
        ("html", "<p>a</p>", "<p>a<img src=x onerror=alert(1)></p>"),
        ("html", '<p title="a">a</p>', '<p title="a" onclick="x">a</p>'),
        ("html", "<script>a</script>", "<script>a</script><script>b</script>"),
        ("html", "<p>a</p>", "<p>a\x1b[31m</p>"),
        ("markdown", "a", "a@b.example"),
        ("markdown", "a", "a <b onclick=x>"),
        ("markdown", "a", "a @user"),
        ("svg", "<svg><g/></svg>", "<svg><g/><script/></svg>"),
        ("svg", "<svg/>", "<svg>\ufffe</svg>"),
        ("xml", "<a><b/></a>", "<a><b/><b/></a>"),
        ("csv", "a,b\n1,2\n", "a,b\n1,=2\n"),
        ("csv", "a,b\n1,2\n", "a,b\n1,x;=2\n"),
        ("csv", "a,b\n1,2\n", "a,b\n1,x\r=2\n"),
        ("json", '["a"]', '["a", "b"]'),
        ("latex", "a & b", r"a & \\input{x} b"),
        ("latex", "a & b", "a & b & c"),
        ("python", "print(1)", "print(1)\nimport os"),
        ("terminal", "a", "a\n ::error::x"),
        ("terminal", "a", "a ##[error]x"),
        ("redrawn", "\x1b[1ma\x1b[0m", "\x1b[1ma\x1b[0m\x1b[2J"),
        ("github", "::error title=a::b", "::error title=a::b\n::error title=c::d"),
    ],
)
def test_what_acts_is_found(kind, clean, acts):
    """The readers see an attack that succeeds, and nothing in the clean text."""
    assert [] == findings(Written("", kind, clean), Written("", kind, clean))
    assert findings(Written("", kind, acts), Written("", kind, clean))
