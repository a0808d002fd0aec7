"""What WhatsApp writes in place of a picture: found by its form, in any language, and cut out of the text."""

from __future__ import annotations

import re

# Cut pieces hold no digit, dot, slash or @, so that no identifier that somebody wrote is ever cut.
_OMITTED = re.compile(
    r"\s*\u200e?<[^<>\d./@\n]{3,60}>\s*"
)  # "<Media omitted>", "<Médias omis>", "<省略多媒体文件>"
_ATTACHED = re.compile(
    r"\u200e?(?:<[^<>\n:]{3,30}: ?[^<>\n/]{1,120}\.\w{2,5}>"  # iOS: "<attached: 00000012-PHOTO-….jpg>"
    r"|[\w.\- ]{1,120}\.(?:jpe?g|png|webp|gif|heic|mp4|3gp|mov|opus|m4a|mp3|aac|ogg|pdf|vcf|docx?|xlsx?) \([^()\n]{3,60}\))"
)
_MARKED = re.compile(r"\u200e[^\n\d./@\u200e]{3,60}$")  # iOS: "image omitted", "This message was deleted."
_DELETED = frozenset(
    {
        "this message was deleted", "you deleted this message", "ce message a été supprimé", "vous avez supprimé ce message",
        "diese nachricht wurde gelöscht", "du hast diese nachricht gelöscht", "se eliminó este mensaje",
        "eliminaste este mensaje", "esta mensagem foi apagada", "questo messaggio è stato eliminato",
        "dit bericht is verwijderd", "此消息已被撤回", "此訊息已刪除", "你撤回了这条消息", "你已刪除此訊息", "null",
    }
)  # fmt: skip


def without_media(text: str) -> tuple[str, int]:
    """The text without notices of media, and how many pieces were cut."""
    cut = 0
    kept = []
    for line in text.split("\n"):
        rest, pieces = _line(line)
        cut += pieces
        if rest.strip() or not pieces:
            kept.append(rest)
    found = "\n".join(kept).strip("\u200e\u200f \n")
    return ("", cut + 1) if found.rstrip(".").lower() in _DELETED else (found, cut)


def _line(line: str) -> tuple[str, int]:
    if "\u200e" not in line and not line.endswith((">", ")")):
        return line, 0
    rest, attached = _ATTACHED.subn("", line)
    if _OMITTED.fullmatch(rest):
        return "", attached + 1
    rest, marked = _MARKED.subn("", rest)
    rest, noted = re.subn(r"\s\u200e?<[^<>\d./@\n]{3,60}>$", "", rest)  # "<This message was edited>"
    del noted
    return rest, attached + marked
