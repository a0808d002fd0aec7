"""HTML -> text with the standard library's tolerant parser: words, line breaks and the addresses of links."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SILENT = {"script", "style", "head", "title", "template", "object", "svg"}
_BREAKS = {
    "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul",
}  # fmt: skip
_LINK = ("http://", "https://", "mailto:", "tel:", "ftp://", "tg://", "magnet:")
_LONGEST_LINK = 2_000


class _Words(HTMLParser):
    """Collects what a person would read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0
        self._link = ""
        self._from = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin silence, a line or a link. A data URI is a picture and no link."""
        if tag in _SILENT:
            self._silent += 1
        elif tag == "body":
            self._silent = 0  # a head that was never closed must not swallow the mail
        elif tag in _BREAKS:
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")
        elif tag == "a":
            self._close_link()
            said = (dict(attrs).get("href") or "").strip()
            self._link = said[:_LONGEST_LINK] if said.lower().startswith(_LINK) else ""
            self._from = len(self.pieces)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<br/>`; a silent element that closes itself silences nothing."""
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End silence, a line or a link."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BREAKS:
            self.pieces.append("\n")
        elif tag == "a":
            self._close_link()

    def handle_data(self, data: str) -> None:
        """Words, with white space as HTML reads it."""
        if not self._silent:
            self.pieces.append(re.sub(r"\s+", " ", data))

    def _close_link(self) -> None:
        """Write the address beside the words of a link, unless the words are the address."""
        link, self._link = self._link, ""
        shown = "".join(self.pieces[self._from :])
        if link and link.partition(":")[2].strip("/") not in shown:
            self.pieces.append(f" <{link}> ")

    def text(self) -> str:
        """All of it, with at most one empty line in a row."""
        self._close_link()
        lines = [re.sub(r"[ \t]+", " ", line).strip() for line in "".join(self.pieces).split("\n")]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def words(html: str) -> str:
    """The text of an HTML part. Broken HTML gives what can be read of it."""
    parser = _Words()
    parser.feed(html)
    parser.close()
    # an element that is never closed may have silenced everything: then the tags alone are taken out
    return parser.text() or re.sub(r"<[^<>]*>", " ", html).strip()
