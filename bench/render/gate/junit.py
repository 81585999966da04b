"""A judgement as JUnit XML: a test case per cell, for tools that show test results.

XML 1.0 cannot hold most characters that control something: text is made printable, and ElementTree escapes the rest.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET  # writes only; nothing from outside is parsed
from typing import TYPE_CHECKING

from bench.core.formatting import printable
from bench.record.verdicts import Verdict
from bench.render.gate.words import context, sentence

if TYPE_CHECKING:
    from bench.record.verdicts import CellVerdict, Judgement

UNJUDGED = {Verdict.MISSING, Verdict.INVALID, Verdict.INCONCLUSIVE}


def junit(judgement: Judgement) -> str:
    """The cells as cases: REGRESSED and slower are failures, what could not be judged is an error."""
    cases = [_case(cell, judgement) for cell in judgement.cells]
    failures = sum(case.find("failure") is not None for case in cases)
    errors = sum(case.find("error") is not None for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": str(errors)}
    root = ET.Element("testsuites", {"name": "keras-bench", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": judgement.suite, **counts})
    suite.extend(cases)
    ET.SubElement(suite, "system-out").text = sentence(judgement)
    ET.indent(root, " ")
    # XML cannot hold all that a name can
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{printable(ET.tostring(root, encoding="unicode"))}\n'


def _case(cell: CellVerdict, judgement: Judgement) -> ET.Element:
    case = ET.Element("testcase", {"classname": judgement.suite, "name": cell.cell_id})
    text = "\n".join((cell.reason, *context(cell, judgement.score)))
    if cell.verdict is Verdict.REGRESSED or cell in judgement.slower:
        kind, word = "failure", str(cell.verdict) if cell.verdict is Verdict.REGRESSED else "SLOWER"
    elif cell.verdict in UNJUDGED and judgement.exit_code:
        kind, word = "error", str(cell.verdict)
    elif judgement.lacks_time and cell in judgement.untimed:
        kind, word = "error", "TIME NOT JUDGED"
    else:
        ET.SubElement(case, "system-out").text = f"{cell.verdict}: {text}"
        return case
    ET.SubElement(case, kind, {"type": word, "message": f"{word}: {cell.reason}"}).text = text
    return case
