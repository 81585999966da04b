"""The code that draws in the reader's browser; the only place that knows the package it comes from."""

from __future__ import annotations

import functools

from bench.core.errors import BenchError
from bench.core.names import listed

VEGA_LITE = "6.4"  # the version whose specifications templates/explorer writes
SNIPPET = "window.drawPlot=vegaEmbed;"


@functools.cache
def drawing_code() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script for a `<script>` element, about 0.9 MB.

    It defines `window.drawPlot`, asks for nothing from outside, and is the same every time for the same version of
    vl-convert. Bundling takes about 3 seconds, so it is done once in a process.

    Raises:
        BenchError: vl-convert is not installed, or is one that does not have this Vega-Lite.
    """
    try:
        import vl_convert  # noqa: PLC0415  an extra that most installations do without
    except ImportError as error:
        raise BenchError(
            "An interactive report needs vl-convert, which is not installed here.",
            hint="python3 -m pip install 'keras-bench[interactive]'",
        ) from error
    known: list[str] = vl_convert.get_vegalite_versions()
    if VEGA_LITE not in known:
        raise BenchError(
            f"The installed vl-convert has Vega-Lite {listed(known)}, not {VEGA_LITE}.",
            hint="python3 -m pip install --upgrade 'keras-bench[interactive]'",
        )
    code: str = vl_convert.javascript_bundle(SNIPPET, vl_version=VEGA_LITE)
    # inside strings and patterns the backslash changes nothing; outside of them neither can occur
    return code.replace("</script", "<\\/script").replace("<!--", "<\\!--")
