"""The tables for papers, compiled by a real LaTeX."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import factories
import pytest

from bench.render.exports.latex import latex_text

PAPER = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage{booktabs, longtable, siunitx}
\begin{document}
%s
\end{document}
"""
RUNS = {
    "grid": factories.grid(),
    "study": factories.reference_study(),
    "failed": factories.result(factories.trial(), factories.trial(seed=2)),
    "specials": factories.result(*(factories.trial(factories.cell(r"a&b%c$d#e_f{g}~h^i\\j"), seed) for seed in (1, 2))),
}


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("top", [None, 2])
def test_a_table_compiles(tmp_path: Path, name: str, top: int | None) -> None:
    """A PDF, without an error or a line that is a warning of siunitx; long tables run over pages."""
    pdflatex = shutil.which("pdflatex")
    if pdflatex is None:
        pytest.fail("There is no pdflatex on the PATH: apt-get install texlive-latex-recommended texlive-science")
    (tmp_path / "paper.tex").write_text(PAPER % latex_text(RUNS[name], top), encoding="utf-8")
    words = [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "paper.tex"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "paper.pdf").read_bytes().startswith(b"%PDF")
