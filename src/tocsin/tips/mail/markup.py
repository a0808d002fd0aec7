"""HTML -> text: words, line breaks and the addresses of links. Linear in its length, and nothing it reads can stop it.

The standard library's parser is not used: a mail of 64 kB that repeats `<a ` keeps it busy for 110 seconds (measured
on Python 3.11). Here every mark is bounded and read once; what is not a mark is text.
"""

from __future__ import annotations

import re
from html import unescape

# the possessive `++` never tries again what it read: no text makes it slow
_MARK = re.compile(r"<(?:!--|(/?)([A-Za-z][A-Za-z0-9:]{0,30}+)([^<>]{0,4000}+)>|[!?/][^<>]{0,1000}+>)")
_HREF = re.compile(
    r"(?:\A|[\s/\"'])href\s{0,9}=\s{0,9}(?:\"([^\"]*+)|'([^']*+)|([^\s\"'>]++))", re.IGNORECASE
)
_SKIPPED = {
    "script",
    "style",
    "title",
    "template",
    "textarea",
    "svg",
    "noembed",
    "xml",
}  # with all that stands in them
_BREAKS = {
    "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul",
}  # fmt: skip
_LINK = ("http://", "https://", "mailto:", "tel:", "ftp://", "tg://", "magnet:")
_LONGEST_LINK = 2_000


def words(html: str) -> str:
    """The text of an HTML part, with at most one empty line in a row. Broken HTML gives what can be read of it."""
    reader = _Words(html)
    reader.read()
    text = "".join(reader.pieces)
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Words:
    """Walks through the marks once and collects what a person would read."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.pieces: list[str] = []
        self._link = ""
        self._from = 0
        self._missing: set[str] = set()

    def read(self) -> None:
        """From mark to mark."""
        at = 0
        while mark := _MARK.search(self.html, at):
            self._text(self.html[at : mark.start()])
            at = self._after(mark)
        self._text(self.html[at:])
        self._end_link()

    def _after(self, mark: re.Match[str]) -> int:
        """What a mark means, and where reading goes on."""
        closing, name, rest = mark[1], (mark[2] or "").lower(), mark[3] or ""
        if mark[0] == "<!--":
            return self._past("-->", mark.end())
        if name in _SKIPPED and not closing and not rest.endswith("/"):
            return self._past(f"</{name}", mark.end())
        if name in _BREAKS:
            self.pieces.append("\n")
        elif name in ("td", "th"):
            self.pieces.append(" ")
        elif name == "a":
            self._end_link()
            if not closing:
                self._begin_link(rest)
        return mark.end()

    def _past(self, end: str, at: int) -> int:
        """Behind the end of something skipped. What never ends skips nothing: no word is lost to a missing mark."""
        if end in self._missing:
            return at
        found = re.compile(rf"{end}(?:[^<>]{{0,200}}>)?", re.IGNORECASE).search(self.html, at)
        if found is None:
            self._missing.add(end)  # so that a thousand beginnings do not look for one end each
            return at
        return found.end()

    def _text(self, text: str) -> None:
        """Words, with white space as HTML reads it."""
        if text:
            self.pieces.append(re.sub(r"\s+", " ", unescape(text)))

    def _begin_link(self, attributes: str) -> None:
        """A data URI is a picture and no link."""
        found = _HREF.search(attributes)
        said = unescape(next((part for part in found.groups() if part), "")).strip() if found else ""
        self._link = said[:_LONGEST_LINK] if said.lower().startswith(_LINK) else ""
        self._from = len(self.pieces)

    def _end_link(self) -> None:
        """Write the address beside the words of a link, unless the words are the address."""
        link, self._link = self._link, ""
        if link and link.partition(":")[2].strip("/") not in "".join(self.pieces[self._from :]):
            self.pieces.append(f" <{link}> ")
