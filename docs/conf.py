"""The settings of the documentation site, which `nox -s docs` builds without a network."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_tools"), str(HERE.parent)]

_PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "keras-bench"
author = "the keras-bench authors"
project_copyright = author
version = release = _PROJECT["version"]
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click", "documents"]
exclude_patterns = ["_build", "_tools"]

nitpicky = True
# types of other packages, whose pages are on the network, and records that are no part of the Python API
nitpick_ignore_regex = [
    ("py:(class|obj)", r"(collections|pandas|pathlib|pd|typing)\..*|Path|Sequence"),
    ("py:class", r"RunResult|PastTrial|Judgement"),
]
default_role = "code"
smartquotes = False  # what is typed keeps its quotes and dashes
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
maximum_signature_line_length = 80  # a longer one has a line for each parameter
myst_heading_anchors = 4

html_theme = "furo"
html_title = f"keras-bench {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5c94", "color-brand-content": "#0b5c94"},
    "dark_css_variables": {"color-brand-primary": "#79bdf2", "color-brand-content": "#79bdf2"},
}
