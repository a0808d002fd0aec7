"""How an identifier leaves: inert for people, exact for machines; and how an analyst types one."""

from __future__ import annotations

import re
from urllib.parse import quote

from .catalogue import Catalogue, load_catalogue
from .engine import extract
from .forms import FIELD, Form
from .model import Found, Hit
from .words import top_level_domains

_TYPED = re.compile(r"\s*([\w .@-]{1,30}?)\s*[:：]\s*@?(.+?)\s*$", re.DOTALL)
_AFTER_DOT = re.compile(r"(?<=[\w-]\.)[^\W\d_]{2,}(?![\w-])")
_ADDRESS_KINDS = ("site", "url")


def display(kind: str, platform: str, canonical: str) -> str:
    """The identifier as inert text: no scheme, dots of hosts as [.], the @ of an e-mail as [at].

    Nothing that a mail program or browser would turn into a link leaves this function.
    """
    if kind == "email" or (platform in ("alipay", "upi") and "@" in canonical):
        return canonical.replace("@", "[at]").replace(".", "[.]")
    if kind in _ADDRESS_KINDS:
        host, slash, path = canonical.partition("/")
        return host.replace(".", "[.]") + slash + path.replace("://", "[://]").replace(".", "[.]")
    if any(word.lower() in top_level_domains() for word in _AFTER_DOT.findall(canonical)):
        return canonical.replace(".", "[.]")
    return canonical


def location(kind: str, platform: str, canonical: str, *, catalogue: Catalogue | None = None) -> str | None:
    """The exact absolute address for the machine-readable part of a notice; None where there is none."""
    if kind in _ADDRESS_KINDS:
        scheme = "http" if platform == "onion" else "https"
        return f"{scheme}://{canonical}" + ("/" if kind == "site" else "")
    known = (catalogue or load_catalogue()).platforms.get(platform)
    for form in known.forms if known else ():
        if form.kind == kind and form.url and (values := _values(form, canonical)) is not None:
            return FIELD.sub(lambda hole: quote(values[hole[1]], safe="@+~$!:="), form.url)
    return None


def _values(form: Form, canonical: str) -> dict[str, str] | None:
    """The fields of a canonical text, read back through its template."""
    names = FIELD.findall(form.canonical)
    source = re.escape(FIELD.sub("\x00", form.canonical)).replace("\x00", "(.+?)")
    found = re.fullmatch(source, canonical, re.DOTALL)
    if not found or any(
        not _allowed(form, name, value) for name, value in zip(names, found.groups(), strict=True)
    ):
        return None
    return dict(zip(names, found.groups(), strict=True))


def _allowed(form: Form, name: str, value: str) -> bool:
    return (
        name not in form.fields
        or bool(form.resolve)
        or bool(re.fullmatch(form.fields[name], value, re.IGNORECASE))
    )


def canonical_from(text: str, *, catalogue: Catalogue | None = None) -> list[Found]:
    """What an analyst typed: an address, a sentence, or "platform: handle" (also "weibo: uid:6660012345").

    An empty list means that nothing in it names a thing.
    """
    catalogue = catalogue or load_catalogue()
    typed = _TYPED.match(text)
    if typed:
        hits = _typed(catalogue, typed[1].strip().lower(), typed[2])
        if hits:
            end = len(text.rstrip())
            start = typed.start(2)
            return [Found(*hit[:4], text[start:end], start, end, None, False, hit.rule) for hit in hits]
    return list(extract(text, catalogue=catalogue).identifiers)


def _typed(catalogue: Catalogue, name: str, value: str) -> list[Hit]:
    """The hits of "name: value" where name is a platform or one of its cue words."""
    platform = catalogue.platforms.get(name)
    for form in platform.forms if platform else ():
        if any(f + ":" in form.canonical for f in (value.partition(":")[0],)) and ":" in value:
            values = _values(form, value)
            if values is not None and (hits := form.hits(values)):
                return hits
    forms = [rule.form for rule, _ in catalogue.cues.rules.get(name, ())] + list(
        platform.forms if platform else ()
    )
    for form in forms:
        name = form.parts[1] if len(form.parts) == 3 else ""  # one field between two literals
        if name in form.fields and _allowed(form, name, value) and (hits := form.hits({name: value})):
            return hits
    return []
