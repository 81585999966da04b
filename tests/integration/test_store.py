"""No command shows the password of a store that cannot be opened."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import bench

from bench.commands import doctor

SECRET = "hunter2-s3cr3t"  # noqa: S105  made up
SUITE = """
[suite]
name = "short"
dataset = "digits"
[[grid]]
architecture = "softmax"
"""


def shown_secrets(*outputs: str) -> list[str]:
    """Where the password stands: in outputs, or in files of this folder."""
    places = [text for text in outputs if SECRET in text]
    return places + [str(path) for path in Path().rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{SECRET}@127.0.0.1:x/bench?sslpassword={SECRET}",
        f"sqlite:///absent.db?password={SECRET}",
    ],
)
def test_a_password_is_not_shown_where_the_store_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """In errors, hints, annotations and the summary of a step."""
    (tmp_path / "short.toml").write_text(SUITE)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    outputs = []
    for line in (("run", "short.toml"), ("list",), ("check",), ("plan", "short.toml")):
        ended = bench(*line, BENCH_STORE=url)
        # a plan of a store that is not there yet needs none
        assert 2 == ended.returncode or line[0] == "plan", ended.stdout + ended.stderr
        outputs += [ended.stdout, ended.stderr]
    outputs += [finding.detail + finding.advice for finding in doctor._store(url)]
    assert any("***" in text for text in outputs)
    assert [] == shown_secrets(*outputs)
