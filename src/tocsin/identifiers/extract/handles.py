"""Handles in free text: behind a cue word, before one, in an @ form of their own, or bare `@name`."""

from __future__ import annotations

import re
from functools import lru_cache, partial

from .catalogue import Catalogue
from .cuewords import TextRule, WordSearch, any_script
from .model import Hit, Match
from .phones import phone_at
from .prepass import same_length_lower, words_with
from .words import Words, top_level_domains

Mails = dict[int, Match]
_ENDING = re.compile("[\u0400-\u04ff]{0,4}")
_AT_NAME = re.compile(
    r"@(?<![A-Za-z0-9_.+%@/&=$-]@)[ ]?([A-Za-z0-9_.]{3,30})(?![A-Za-z0-9_@]|:[A-Za-z0-9-]+\.|/[A-Za-z0-9])"
)
_FEDIVERSE = re.compile(
    r"(?:@(?<![A-Za-z0-9_@./]@)|acct:(?<![A-Za-z0-9]acct:)@?)([A-Za-z0-9_][A-Za-z0-9_.-]{0,63})@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6})"
)
_CODE_WORDS = frozenset(
    (
        "override",
        "media",
        "import",
        "param",
        "params",
        "return",
        "returns",
        "property",
        "staticmethod",
        "classmethod",
        "deprecated",
        "test",
        "app",
        "todo",
        "keyframes",
        "charset",
        "include",
        "font",
        "page",
        "supports",
        "layer",
        "autowired",
        "component",
        "suppresswarnings",
        "dataclass",
        "pytest",
        "author",
        "throws",
        "see",
        "since",
        "version",
        "everyone",
        "here",
        "channel",
        "gmail.com",
        "qq.com",
        "163.com",
        "outlook.com",
        "hotmail.com",
    )
)
_NO_NAME = re.compile(r"[0-9._]*|[0-9.]+(?:am|pm|st|nd|rd|th|x|k|m|h|px|em|fps|hz|ghz)", re.IGNORECASE)
_BRIDGE = re.compile(
    r"[ \t]{0,2}[(\[]?[ \t]?(?:(?:on|sur|in|en|auf|bei|via|в|на|de|chez|from|的|в сети|على|في|the|-|,)[ \t]){0,2}"
)
_VERSION = re.compile(r"[vV]?[0-9]{1,3}(?:\.[0-9]{1,4}){1,3}|(?:19|20)[0-9]{2}")
_HANDLE_LIKE = re.compile(r"[0-9_@]|[A-Za-z0-9][.][A-Za-z0-9]|[a-z][A-Z]")
_ON = re.compile(
    r"(?<![\w@./-])(?=[A-Za-z0-9.]*_|[A-Za-z.]{4,}[0-9]{1,4}[\"' ])([A-Za-z][A-Za-z0-9_.]{4,29})[\"')]?[ ]{1,2}"
    r"(?:on|sur|auf|en|в|на|على|in|di|su)[ ]{1,2}(?:the[ ])?$"
)
_SHARED = re.compile(r"[ \t]{0,2}(?:[/&,+、]|和|及|and|et|y|и|و)[ \t]{0,2}", re.IGNORECASE)


@lru_cache(maxsize=4)
def _connector(words: Words) -> re.Pattern[str]:
    """What may stand between a cue and its handle; groups say which evidence was there."""
    nouns, joins = any_script(list(words.nouns)), any_script(list(words.joins))
    return re.compile(
        rf"(?:[ \t-]{{0,2}}\(?(?P<noun>{nouns})[а-яё]{{0,3}}\)?){{0,3}}[ \t]{{0,4}}"
        rf"(?P<sep>(?:[:=>]|-(?=[ >:])|-{{2,3}}){{1,3}}[ \t\n]{{0,2}}|(?:{joins})[ \t]{{0,2}}:?[ \t]?|\)[ \t]?:?[ \t]?)?"
        r"[\"'(\[]?(?P<at>@[ ]?)?",
        re.IGNORECASE,
    )


def scan_handles(catalogue: Catalogue, text: str, mails: Mails) -> list[Match]:
    """Handles behind (or, for `@name`, before) a cue word; `text` has its addresses blanked out with NUL.

    `mails` gives the e-mails already found by their starts: a payment service's cue may claim one.
    """
    lower = same_length_lower(text)
    cues = catalogue.cues
    search = partial(cues.ascii.search, lower) if lower.isascii() else WordSearch(cues.scripts, lower).next
    found: list[Match] = []
    waiting: list[str] = []
    at = 0
    while cue := search(at):
        matches, end = _behind(catalogue, text, cue.group(), cue.end(), mails)
        if matches:
            for word in waiting:
                found += _shared(catalogue, text, word, matches[0])
            waiting = []
        elif before := _named_before(catalogue, text, cue.group(), cue.start()):
            matches = before
        elif (joint := _SHARED.match(text, cue.end())) and cues.all.match(lower, joint.end()):
            waiting.append(cue.group())
        else:
            waiting = []
        found += matches
        at = max(end, cue.start() + 1)
    if "@" in text:
        found += _at_names(catalogue, text, lower, found)
    return found


def _behind(
    catalogue: Catalogue, text: str, cue: str, end: int, mails: Mails | None
) -> tuple[list[Match], int]:
    """The handle that stands behind a cue that ends at `end`, and where to search on.

    Without `mails` it only looks whether there is one, and does not ask in turn where a name ends.
    """
    if "\u0400" <= cue[-1] <= "\u04ff" and (rest := _ENDING.match(text, end)):
        end = rest.end()
    joint = _connector(catalogue.words).match(text, end)
    if joint is None:  # cannot be: every part may be empty
        return [], end
    for rule, shy in catalogue.cues.rules[cue]:
        if rule.reader == "email":
            match = _read_mail(rule, (mails or {}).get(joint.end()))
        else:
            match = _read(catalogue, text, rule, shy, joint, end, mails is None)
        if match:
            return match, match[0].end
    return [], end


def _read(
    catalogue: Catalogue,
    text: str,
    rule: TextRule,
    shy: bool,
    joint: re.Match[str],
    cue_end: int,
    looking: bool,
) -> list[Match]:
    at = joint.end()
    if rule.regex is None:
        return _read_phone(text, rule, shy, joint)
    found = rule.regex.match(text, at)
    if found is None and joint["at"]:
        return []
    value = found[rule.field].rstrip(".-") if found else ""
    if not value.isascii() and not looking:
        value = _until_next_cue(catalogue, text, at, value)
    if not found or not value or (value != found[rule.field] and not rule.regex.fullmatch(value)):
        return []
    glued = at == cue_end and text[at - 1] > "\u2e7f" and value.isascii()
    if not _believable(catalogue.words, value, rule, shy, joint, glued, cue_end) and not (
        _stands_out(text, at, value, cue_end) and not shy and value.lower() not in catalogue.words.stop
    ):
        return []
    hits = rule.form.hits({**found.groupdict(), rule.field: value})
    return [Match(hit, at, at + len(value)) for hit in hits or ()]


def _until_next_cue(catalogue: Catalogue, text: str, at: int, value: str) -> str:
    """A name in a script without blanks ends where the next platform's name and handle begin."""
    cue = catalogue.cues.all.search(same_length_lower(value), 1)
    if cue and _behind(catalogue, text, cue.group(), at + cue.end(), None)[0]:
        return value[: cue.start()].rstrip("和与跟及或、也")
    return value


def _believable(
    words: Words, value: str, rule: TextRule, shy: bool, joint: re.Match[str], glued: bool, cue_end: int
) -> bool:
    """Whether a word beside a cue is meant as a handle and is not simply the next word of the sentence."""
    if joint["at"]:
        return True
    if _VERSION.fullmatch(value):  # 抖音v30.1.0, Twitter 2023
        return False
    if rule.reader == "digits" or value.isdigit():
        return not shy or bool(joint["sep"] or joint["noun"])
    if value.lower() in words.stop or len(value) < 3 or value.lower() in _cue_names():
        return False
    if not value.isascii():  # names in other scripts look like the sentence going on
        return bool(joint["sep"] and ":" in joint["sep"]) or (
            rule.form.strength == "weak" and joint.end() > cue_end
        )
    typed = bool(_HANDLE_LIKE.search(value))
    if shy:
        return bool(joint["sep"]) and typed
    if (joint["sep"] and ":" in joint["sep"]) or glued:
        return True
    return typed or bool(joint["sep"] and joint["noun"])


_LATIN_GOES_ON = re.compile(r"[ ]?[A-Za-z]{2}")


def _stands_out(text: str, at: int, value: str, cue_end: int) -> bool:
    """A single Latin word behind a cue of another script and a blank (`抖音号 copperfinch`) is no word of the sentence."""
    return (
        text[cue_end - 1] > "\u036f"
        and len(value) >= 5
        and value.isascii()
        and not value.isdigit()
        and not _VERSION.fullmatch(value)
        and not _LATIN_GOES_ON.match(text, at + len(value))
        and value.lower() not in _cue_names()
    )


@lru_cache(maxsize=1)
def _cue_names() -> frozenset[str]:
    return frozenset(
        (
            "telegram",
            "instagram",
            "whatsapp",
            "facebook",
            "twitter",
            "tiktok",
            "wechat",
            "weibo",
            "snapchat",
            "discord",
            "youtube",
            "signal",
            "skype",
            "line",
            "viber",
            "insta",
        )
    )


def _read_mail(rule: TextRule, mail: Match | None) -> list[Match]:
    if mail is None:
        return []
    hits = rule.form.hits({"email": mail.hit.canonical}) or []
    return [Match(hit, mail.start, mail.end) for hit in hits]


def _read_phone(text: str, rule: TextRule, shy: bool, joint: re.Match[str]) -> list[Match]:
    if shy and not (joint["sep"] or joint["noun"]):
        return []
    at = joint.start("at") if joint["at"] else joint.end()
    number = phone_at(text, at, rule.region)
    if number is None:
        return []
    hits = rule.form.hits({"phone": number.canonical[1:]}) or []
    return [Match(hit, number.start, number.end) for hit in hits]


def _shared(catalogue: Catalogue, text: str, cue: str, match: Match) -> list[Match]:
    """`IG/TikTok: @name`: the first cue takes the handle of the second."""
    raw = text[match.start : match.end]
    for rule, shy in catalogue.cues.rules[cue]:
        hits = None
        if rule.reader == "phone" and match.hit.canonical.startswith("+"):
            hits = rule.form.hits({"phone": match.hit.canonical[1:]})
        elif rule.regex is not None and not shy and rule.regex.fullmatch(raw):
            hits = rule.form.hits({rule.field: raw})
        if hits:
            return [Match(hit, match.start, match.end) for hit in hits]
    return []


def _at_names(catalogue: Catalogue, text: str, lower: str, taken: list[Match]) -> list[Match]:
    """`@user@host`, `@name` before a cue, and the rest as account/unknown."""
    found: list[Match] = []
    busy = {match.start for match in taken}
    for name in _AT_NAME.finditer(text):
        value = name[1].rstrip(".")
        start = name.start(1)
        if start in busy or len(value) < 3 or _NO_NAME.fullmatch(value) or _is_domain(text, start, value):
            continue
        end = start + len(value)
        hits = _before_cue(catalogue, text, lower, value, name.end())
        if (
            not hits
            and value.lower() not in _CODE_WORDS
            and not _is_file(catalogue.words, value)
            and text[end : end + 1] != "("
        ):
            hits = [Hit("account", "unknown", value.lower(), "weak", "platforms/unknown.toml#account")]
        found += [Match(hit, start, end) for hit in hits]
    return found


def _is_domain(text: str, start: int, value: str) -> bool:
    """The right half of an address that was refused (`"finch kiln"@example.org`), not a name."""
    before = text[start - 2 : start - 1] if start > 1 else ""
    return (
        (before == '"' or ("\u00c0" <= before <= "\u052f" and before.isalpha()))
        and "." in value
        and value.lower().rpartition(".")[2] in top_level_domains()
    )


def _is_file(words: Words, value: str) -> bool:
    """`icon@2x.png`, `@types.ts`: the last part is a file ending."""
    return "." in value and value.lower().rpartition(".")[2] in words.file_endings


def _named_before(catalogue: Catalogue, text: str, cue: str, start: int) -> list[Match]:
    """`copper_finch01 on Telegram`: only for a word that cannot be an ordinary one."""
    found = _ON.search(text, max(0, start - 60), start)
    if not found:
        return []
    for rule, shy in catalogue.cues.rules[cue]:
        if rule.regex is not None and not shy and rule.regex.fullmatch(found[1]):
            return [
                Match(hit, found.start(1), found.end(1))
                for hit in rule.form.hits({rule.field: found[1]}) or ()
            ]
    return []


def _before_cue(catalogue: Catalogue, text: str, lower: str, value: str, end: int) -> list[Hit]:
    """`@name on Telegram`, `@name (Insta)`; not when the cue has a handle of its own behind it."""
    bridge = _BRIDGE.match(text, end)
    if bridge is None or bridge.end() == end:
        return []
    cue = catalogue.cues.all.match(lower, bridge.end())
    if not cue or _behind(catalogue, text, cue.group(), cue.end(), None)[0]:
        return []
    for rule, _ in catalogue.cues.rules[cue.group()]:
        if rule.regex is not None and rule.regex.fullmatch(value):
            return rule.form.hits({rule.field: value}) or []
    return []


def scan_fediverse(text: str) -> list[Match]:
    """`@user@host` and `acct:user@host`."""
    found = []
    for match in _FEDIVERSE.finditer(text):
        host = match[2].lower().rstrip(".")
        if host.rpartition(".")[2] in top_level_domains():
            hit = Hit(
                "account",
                "fediverse",
                f"{match[1].lower()}@{host}",
                "handle",
                "platforms/fediverse.toml#account",
            )
            found.append(Match(hit, match.start(), match.end()))
    return found


def scan_patterns(catalogue: Catalogue, text: str) -> list[Match]:
    """Forms that stand in free text by their own shape; each is tried only if its needle occurs."""
    lower = same_length_lower(text)
    found: list[Match] = []
    for needle, regex, form in catalogue.patterns:
        if needle in lower:
            spans = words_with(lower, needle) if _one_word(regex, needle) else ((0, len(text)),)
            for start, end in spans:
                for match in regex.finditer(text, start, end):
                    values = {key: value for key, value in match.groupdict().items() if value}
                    found += [Match(hit, match.start(), match.end()) for hit in form.hits(values) or ()]
    return found


_KNOWN_WITHOUT_BLANK = re.compile(r"\\\\|\\\.|\[\^[^\]]*\\s[^\]]*\]|\[(?!\^)[^\] ]*\]|\(\?[!<=:P]+")
_MAY_BE_BLANK = re.compile(r"[ .]|\\[^\\?.(){}\[\]$|*+/-]|\[\^")


@lru_cache(maxsize=512)
def _one_word(regex: re.Pattern[str], needle: str) -> bool:
    """Whether a pattern surely matches no blank: then only the words that hold its needle need a look."""
    return needle.strip() == needle != "" and not _MAY_BE_BLANK.search(
        _KNOWN_WITHOUT_BLANK.sub("", regex.pattern)
    )
