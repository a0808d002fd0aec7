"""Where addresses and e-mails stand in a cleaned text. One pass, linear in its length."""

from __future__ import annotations

import re
from functools import lru_cache

from .catalogue import Catalogue
from .model import Hit, Match
from .prepass import SHORT, words_with
from .web import Address, ascii_host, hits_for
from .words import top_level_domains

_BODY = re.compile(r"[^\s<>\"{}|\\^`\x00]{0,4096}")
_ASCII_HOST = re.compile(r"\[[0-9a-fA-F:.]{2,64}\]|[A-Za-z0-9._%-]{0,300}")
_ANY_HOST = re.compile(r"[\w.%-]{1,300}")
# An address without port, query, fragment, escapes or closing punctuation, up to a blank: as most are. It spares
# the walk through _host_end, _address and _trimmed, which give the same for it.
_PLAIN = re.compile(
    r"((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,24})(/(?:[A-Za-z0-9_/.@+-]*[A-Za-z0-9_/@+-])?)?(?=[ \n]|\Z)"
)
_USER = re.compile(r"[^/?#@\s\[\]]{1,128}@")
_MARK = re.compile(r"[.:](?:(?<=\.)[A-Za-z0-9_-]|(?<=:)//)")
_PORT = re.compile(r":([0-9]{1,5})(?![0-9])|:(?=[/?#])")
# Greek and Cyrillic inside a Latin word are part of it (look-alikes): the word is read whole or not at all.
_SCRIPT_CHANGE = re.compile(
    r"(?<=[A-Za-z0-9_)(~.,;:!?&*'%+=-])(?<![=?&/])(?![\u0370-\u052f]+[A-Za-z0-9])[^\x00-\u024f]"
)
# Right behind a slash these words go on with the sentence; other letters there are a path of that script.
_SENTENCE_GOES_ON = re.compile(
    r"(?<=/)(?=(?:です|でした|を|に|で|は|が|と|から|まで|という|へ|も|の|请|請|和|是|这|這|的|也|吧|了|或|与|及|跟|还|在|有|里|看看"
    r"|에|을|를|로|으로|입니다|이에요|에서|와|과|은|는)[^/]*$)"
)
_NEXT_SCHEME = re.compile(r"(?<!=)https?://", re.IGNORECASE)
_TRAILING = ".,;:!?'\"*~>&"
_MAIL_TAG = re.compile(r"\+[^@]*$")
_CODE_AFTER = re.compile(r"\s?(?:\(|\[|==?\s|[+*-]=|=>|;\s*$)")
_CODE_TLDS = frozenset((
    "name", "id", "is", "in", "at", "it", "to", "as", "info", "app", "top", "map", "data", "page", "link", "read",
    "click", "run", "call", "open", "now", "new", "group", "next", "one", "ms", "get", "date", "post", "no", "do",
    "so", "be", "am", "us", "me", "my", "st", "show", "play", "here", "how", "support", "help", "care", "cc",
))  # fmt: skip
_PRONOUNS = frozenset(
    ("i", "it", "this", "that", "these", "those", "he", "she", "who", "how", "why", "there", "self")
)


@lru_cache(maxsize=8)
def _link_regex(schemes: frozenset[str]) -> re.Pattern[str]:
    others = "|".join(sorted(schemes | {"ftp"}))
    return re.compile(
        rf"(?P<scheme>https?|(?<![A-Za-z0-9])(?:{others}))://"
        r"|(?<![A-Za-z0-9_.+%@$\u00c0-\u024f\u0370-\u052f-])(?<![A-Za-z0-9]/)(?:"
        r"(?P<mail>[A-Za-z0-9_][A-Za-z0-9_.+%-]*+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
        r"|(?P<host>[A-Za-z0-9][A-Za-z0-9_-]*+(?:\.[A-Za-z0-9_-]++)++))",
        re.IGNORECASE,
    )


def scan_links(catalogue: Catalogue, text: str) -> list[Match]:
    """All addresses and e-mails of a cleaned text, in order, with their containers."""
    regex, found, at = _link_regex(catalogue.schemes), list[Match](), 0
    while match := _next(regex, text, at):
        what = match.lastgroup
        if what == "scheme":
            hits, end = _absolute(catalogue, text, match["scheme"].lower(), match.end())
        elif what == "mail":
            hits, end = _mail(match["mail"]), match.end()
        else:
            hits, end = _bare(catalogue, text, match)
        start = match.start()
        at = max(end, start + 1)
        for hit in hits:
            found.append(Match(hit, start, end))
    if "." in text and not text.isascii():
        if "@" in text:
            found += _unicode_mails(text, found)
        found += _bare_unicode(catalogue, text, found)
    return found


def _next(regex: re.Pattern[str], text: str, at: int) -> re.Match[str] | None:
    """The next match from `at` on, looked for only in the words that hold the dot or the colon it must have."""
    if len(text) <= SHORT:
        mark = _MARK.search(text, at)
        return regex.search(text, text.rfind(" ", at, mark.start()) + 1 or at) if mark else None
    while mark := _MARK.search(text, at):
        at = text.rfind(" ", at, mark.start()) + 1 or at
        end = text.find(" ", mark.start())
        if end < 0:
            return regex.search(text, at)
        if match := regex.search(text, at, end):
            return match
        at = end
    return None


def _absolute(catalogue: Catalogue, text: str, scheme: str, at: int) -> tuple[list[Hit], int]:
    if plain := _PLAIN.match(text, at):
        return hits_for(catalogue, Address(scheme, plain[1], "", plain[2] or "", "", "")), plain.end()
    if "@" in text and (user := _USER.match(text, at)) and "." in text[user.end() : user.end() + 260]:
        at = user.end()
    host_end = _host_end(text, at)
    if host_end == at:
        return [], at
    address, end = _address(text, scheme, at, host_end)
    return hits_for(catalogue, address), end


def _host_end(text: str, at: int) -> int:
    """Where the host ends: its ASCII part if that ends in a top-level domain, else all letters."""
    found = _ASCII_HOST.match(text, at)
    end = found.end() if found else at
    goes_on = end < len(text) and text[end] > "\x7f" and text[end].isalnum()
    if goes_on and not (
        "." in text[at:end] and text[at:end].rpartition(".")[2].lower() in top_level_domains()
    ):
        wide = _ANY_HOST.match(text, at)
        end = wide.end() if wide else end
    while end > at and text[end - 1] in ".-_%":
        end -= 1
    return end


def _address(text: str, scheme: str, at: int, host_end: int) -> tuple[Address, int]:
    """The address that begins at `at`, and where it ends once closing punctuation is left out."""
    after = host_end
    if text.startswith(".", after) and text[after + 1 : after + 2] in (":", "/", "?", "#"):
        after += 1  # the root's dot: the host is the same without it
    port = _PORT.match(text, after)
    body_at = port.end() if port else after
    body = ""
    if body_at < len(text) and text[body_at] in "/?#":
        body = _trimmed(text[body_at : _BODY.match(text, body_at).end()])  # type: ignore[union-attr]
    end = body_at + len(body)
    if "&amp;" in body:
        body = body.replace("&amp;", "&")
    rest, _, fragment = body.partition("#")
    path, _, query = rest.partition("?")
    return Address(scheme, text[at:host_end], (port[1] or "") if port else "", path, query, fragment), end


def _trimmed(body: str) -> str:
    """Cut at the next glued address, at a change of script, at closing punctuation."""
    if (glued := body.lower().find("http")) >= 0 and (scheme := _NEXT_SCHEME.search(body, max(0, glued))):
        body = body[: scheme.start()]
    if not body.isascii() and (other := _SCRIPT_CHANGE.search(body)):
        body = body[: other.start()]
    if not body.isascii() and (word := _SENTENCE_GOES_ON.search(body)):
        body = body[: word.start()]
    if "]" in body and "[" not in body[: body.index("]")]:
        body = body[: body.index("]")]
    while body:
        last = body[-1]
        if last in _TRAILING or (last == ")" and body.count("(") < body.count(")")) or last in "([":
            body = body[:-1]
        else:
            break
    return body


def _bare(catalogue: Catalogue, text: str, match: re.Match[str]) -> tuple[list[Hit], int]:
    """A host without a scheme, with or without a path (SCHEMA rule 3)."""
    start, end = match.start("host"), match.end("host")
    glued = match["host"].lower().find("http", 1)
    if glued > 0 and text.startswith("://", end):
        end = start + glued
    end = _real_end(text, start, end)
    if end <= start or "." not in text[start:end] or text.startswith("@", end):
        return [], max(end, start + 1)
    host = text[start:end].lower()
    if "\u00c0" <= text[end : end + 1] <= "\u052f" and host.rpartition(".")[2] not in top_level_domains():
        return [], end  # a name of mixed letters goes on: read as a whole below, or not at all
    address, stop = _address(text, "", start, end)
    known = (
        host.startswith("www.")
        or catalogue.rules_for(host)[0] is not None
        or host in catalogue.words.shorteners
    )
    if not known and not _looks_like_site(catalogue, text, start, end, bool(address.path)):
        return [], end
    return hits_for(catalogue, address), stop


def _real_end(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in "-_.":
        end -= 1
    return end


def _looks_like_site(catalogue: Catalogue, text: str, start: int, end: int, has_path: bool) -> bool:
    raw = text[start:end]
    labels = raw.lower().split(".")
    tld = labels[-1]
    words = catalogue.words
    if tld not in top_level_domains() or raw.lower() in words.not_sites or "_" in labels[-2]:
        return False
    if tld in words.file_endings and not (has_path and len(labels) > 2):
        return False
    if (
        labels[-2].isdigit()
        and len(labels) == 2
        and tld not in ("com", "cn", "net", "org", "cc", "top", "vip", "xyz")
    ):
        return False
    if raw.rpartition(".")[2].istitle() and not raw[0].isupper() and len(labels) == 2:
        return False  # a sentence that ends without a blank
    if len(labels[-2]) == 1 and len(labels) == 2 and tld not in ("co", "com", "cn", "gd", "ly", "me"):
        return False
    if len(labels) == 2 and len(tld) == 2 and (labels[0] in words.stop or labels[0] in _PRONOUNS):
        return False
    return not (tld in _CODE_TLDS and len(labels) == 2 and _in_code(text, start, end))


def _in_code(text: str, start: int, end: int) -> bool:
    if _CODE_AFTER.match(text, end):
        return True
    before = text[max(0, start - 8) : start]
    return before.endswith(("import ", "from ", "= ", "(", "return ", "!", "if ", "not "))


def _mail(text: str) -> list[Hit]:
    local, _, domain = text.rpartition("@")
    host = ascii_host(domain)
    if host is None or host.rpartition(".")[2] not in top_level_domains() or len(local) > 64:
        return []
    local = local.lower().rstrip(".")
    if host in ("gmail.com", "googlemail.com"):
        host, local = "gmail.com", _MAIL_TAG.sub("", local).replace(".", "")
    return (
        [Hit("email", "email", f"{local}@{host}", "strong", "platforms/email.toml#address")] if local else []
    )


_UNICODE_MAIL = re.compile(
    r"(?<![A-Za-z0-9_.+%-])([A-Za-z0-9_][A-Za-z0-9_.+%-]{0,63})@((?=[\w.-]*[^\W\x00-\x7f])[\w-]{1,63}(?:\.[\w-]{1,63}){1,6})"
)
_ASCII_LABEL = re.compile(r"[A-Za-z0-9-]+")


def _unicode_mails(text: str, taken: list[Match]) -> list[Match]:
    """`finch@müller.example`: an e-mail whose domain has letters of other scripts, to its last top-level domain."""
    found = []
    for match in _UNICODE_MAIL.finditer(text):
        host = match[2]
        last = _ASCII_LABEL.match(host, host.rfind(".") + 1)
        end = match.start(2) + (last.end() if last else len(host))
        if any(m.start < end and match.start() < m.end for m in taken):
            continue
        found += [Match(hit, match.start(), end) for hit in _mail(text[match.start() : end])]
    return found


_UNICODE_HOST = re.compile(
    r"(?<![\w.@/-])(?=[\w.-]*[^\W\x00-\x7f])[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}(?![\w@])"
)


def _bare_unicode(catalogue: Catalogue, text: str, taken: list[Match]) -> list[Match]:
    """`www.müller.example`: a bare host with Latin or Cyrillic letters; other scripts need a scheme."""
    found = []
    words = (span for span in words_with(text, ".") if not text[span[0] : span[1]].isascii())
    for match in (match for span in words for match in _UNICODE_HOST.finditer(text, *span)):
        host = match[0]
        if any(char > "\u04ff" for char in host) or any(
            m.start < match.end() and match.start() < m.end for m in taken
        ):
            continue
        if host.rpartition(".")[2].lower() in top_level_domains():
            address, end = _address(text, "", match.start(), match.end())
            found += [Match(hit, match.start(), end) for hit in hits_for(catalogue, address)]
    return found
