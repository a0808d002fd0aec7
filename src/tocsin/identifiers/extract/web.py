"""Web addresses made equal: host and path as the WHATWG standard reads them, then SCHEMA rules 2 to 4."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import NamedTuple
from urllib.parse import quote, unquote

from .catalogue import Catalogue, HostRules
from .forms import Place
from .model import Hit
from .resolvers import query_text

_PLAIN_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*)(?:\.[a-z0-9_-]+)*\.[a-z][a-z0-9-]*")
_PERCENT = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DOTS = re.compile(r"/(?:\.|%2e)", re.IGNORECASE)
_SAFE = "%!$&'()*+,;=:@/?[]~"
_REMEMBERED = 4096
_NOTHING: dict[str, str] = {}
_BLOGSPOT = re.compile(r"\.blogspot\.(?:com?\.)?[a-z]{2,3}$")
_ONION = re.compile(r"(?:^|\.)([a-z2-7]{56})\.onion$")


class Address(NamedTuple):
    """An address taken apart; scheme is lower-case, the rest as written."""

    scheme: str
    host: str
    port: str
    path: str
    query: str
    fragment: str


def ascii_host(host: str) -> str | None:
    """Lower-case A-label host without trailing dot; any WHATWG spelling of an IPv4 address dotted. None: not a host."""
    host = host.lower().rstrip(".")
    if len(host) > 253 or not host:
        return None
    if _PLAIN_HOST.fullmatch(host):
        return host
    import ada_url  # only odd hosts need it, and it costs 30 ms to load

    try:
        parsed = ada_url.URL(f"http://{host}/").hostname
    except ValueError:
        return None
    return parsed if "." in parsed or parsed.startswith("[") else None


def normal_path(path: str) -> str:
    """Dot segments resolved, escapes equalised, no trailing slash."""
    if _DOTS.search(path):
        path = _without_dots(path)
    return escapes(path).rstrip("/")


def escapes(text: str) -> str:
    """Non-ASCII as UTF-8 escapes, escapes upper-case, unreserved characters unescaped."""
    if not text.isascii():
        text = quote(text, safe=_SAFE, encoding="utf-8", errors="replace")
    if "%" not in text:
        return text
    return _PERCENT.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if char in _UNRESERVED else "%" + found[1].upper()


def _without_dots(path: str) -> str:
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        plain = segment.lower().replace("%2e", ".")
        if plain == "..":
            kept[-1:] = []
        elif plain != ".":
            kept.append(segment)
    return "/" + "/".join(kept)


def normal_query(catalogue: Catalogue, query: str, mobile_flag: bool = False) -> str:
    """Parameters without the tracking ones, sorted by name."""
    if not query:
        return ""
    words, kept = catalogue.words, []
    for pair in query.split("&"):
        name = pair.partition("=")[0].lower()
        if not pair or name in words.tracking or name.startswith(words.tracking_prefixes):
            continue
        if not (mobile_flag and pair == "m=1"):
            kept.append(pair)
    kept.sort(key=lambda pair: pair.partition("=")[0])
    return escapes("&".join(kept))


def hits_for(catalogue: Catalogue, address: Address) -> list[Hit]:
    """Everything an address names, the thing itself first."""
    if address.scheme not in ("http", "https", "ftp", ""):
        rules = catalogue.hosts.get(f"{address.scheme}://{address.host.lower()}")
        return (rules and _platform_hits(catalogue, rules, "", address)) or []
    known = catalogue.known_hosts.get(address.host)
    if known is None:
        known = _host(catalogue, address.host)
    host, rules, label = known
    if not host:
        return []
    if host.endswith(".onion"):
        return onion_hits(host, address, catalogue)
    if rules is None and host not in catalogue.words.shorteners:
        return _fediverse_hits(catalogue, host, address) or web_hits(catalogue, host, address)
    return _known_host_hits(catalogue, rules, label, host, address)


def _host(catalogue: Catalogue, written: str) -> tuple[str, HostRules | None, str]:
    """Host in its one spelling (empty: not a host) with its rules; remembered, for a few hosts carry most addresses."""
    host = (ascii_host(written) or "").removeprefix("www.")
    known = (host, *catalogue.rules_for(host))
    if len(catalogue.known_hosts) >= _REMEMBERED:
        catalogue.known_hosts.clear()  # texts are hostile: nothing may grow with them
    catalogue.known_hosts[written] = known
    return known


def _known_host_hits(
    catalogue: Catalogue, rules: HostRules | None, label: str, host: str, address: Address
) -> list[Hit]:
    hits = _platform_hits(catalogue, rules, label, address) if rules else None
    if hits:
        return hits
    path = normal_path(address.path)
    if host in catalogue.words.shorteners:
        named = path.count("/") <= 3 and len(path) > 1
        return [Hit("url", "shortlink", host + path, "strong", "data/web.toml#shorteners")] if named else []
    segments = path.lower().split("/")
    if rules is None or len(segments) < 3 or segments[1] in rules.literal:
        return []
    if segments[1] in rules.reserved or segments[1] in catalogue.words.reserved:
        return []
    return web_hits(catalogue, host, address, "hub")


def _platform_hits(catalogue: Catalogue, rules: HostRules, label: str, address: Address) -> list[Hit] | None:
    path = unquote(address.path) if "%" in address.path else address.path
    path = path or "/"
    first = path[1:].partition("/")[0].lower()
    fragment = unquote(address.fragment) if "%" in address.fragment else address.fragment
    query: dict[str, str] | None = None
    for places in (rules.literal.get(first, ()), rules.variable):
        for place in places:
            if place.query and query is None:
                query = _parameters(address.query)
            values = place.match(path, query or _NOTHING, fragment)
            if values is None:
                continue
            if label and not _add_label(place, rules, label, values):
                continue
            hits = place.form.hits(values)
            if hits:
                return hits
    return None


def _add_label(place: Place, rules: HostRules, label: str, values: dict[str, str]) -> bool:
    if rules.names:
        charset = place.form.fields.get(rules.names, "")
        if not re.fullmatch(charset, label) or label in rules.reserved:
            return False
        values.setdefault(rules.names, label)
    return True


def _parameters(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        found.setdefault(name, query_text(value) if "%" in value else value)
    return found


def web_hits(catalogue: Catalogue, host: str, address: Address, strength: str = "") -> list[Hit]:
    """Site, and url where the address has a path or a query."""
    blog = ".blogspot." in host and _BLOGSPOT.search(host)
    if blog:
        host = host[: blog.start()] + ".blogspot.com"
    if not strength:
        strength = "hub" if _is_hub(catalogue, host) else "strong"
    port = address.port.lstrip("0")
    if port and port not in ("80", "443"):
        host = f"{host}:{port}"
    site = Hit("site", "web", host, strength, "generic#site")
    path = normal_path(address.path)
    query = normal_query(catalogue, address.query, bool(blog))
    if not path and not query:
        return [site]
    text = host + (path or "/") + ("?" + query if query else "")
    return [Hit("url", "web", text, strength, "generic#url"), site]


def _is_hub(catalogue: Catalogue, host: str) -> bool:
    hubs = catalogue.words.hubs
    while True:
        if host in hubs:
            return True
        first, dot, host = host.partition(".")
        if not dot or (len(first) > 3 and first not in ("mail", "news", "maps", "mobile", "edition", "docs")):
            return False


_FEDIVERSE = re.compile(
    r"/@(?P<user>[A-Za-z0-9_.-]+)(?:@(?P<remote>[A-Za-z0-9.-]+\.[A-Za-z]{2,}))?(?:/(?P<id>[0-9]{15,20}))?(?:/|$)"
    r"|/users/(?P<user2>[A-Za-z0-9_.-]+)(?:/statuses/(?P<id2>[0-9]{15,20}))?(?:/|$)"
    r"|/notes/(?P<note>[A-Za-z0-9]{9,32})/?$"
)


def _fediverse_hits(catalogue: Catalogue, host: str, address: Address) -> list[Hit]:
    """`/@user` and `/users/user` on a host that no platform owns: an ActivityPub account there."""
    if not address.path.startswith(("/@", "/users/", "/notes/", "/%40")) or catalogue.words.hubs & {host}:
        return []
    found = _FEDIVERSE.match(unquote(address.path))
    if not found or (address.query and found["note"]):
        return []
    rule = "platforms/fediverse.toml#"
    if found["note"]:
        return [Hit("post", "fediverse", f"{host}/{found['note']}", "strong", rule + "post")]
    user = (found["user"] or found["user2"]).lower()
    account = Hit(
        "account", "fediverse", f"{user}@{(found['remote'] or host).lower()}", "handle", rule + "account"
    )
    number = found["id"] or found["id2"]
    if number:
        return [Hit("post", "fediverse", f"{host}/{number}", "strong", rule + "post"), account]
    return [account]


def onion_hits(host: str, address: Address, catalogue: Catalogue) -> list[Hit]:
    """A v3 onion address whose checksum holds (rend-spec-v3); subdomains kept off."""
    found = _ONION.search(host)
    if not found or not onion_valid(found[1]):
        return []
    name = found[1] + ".onion"
    site = Hit("site", "onion", name, "strong", "platforms/onion.toml#site")
    path, query = normal_path(address.path), normal_query(catalogue, address.query)
    if not path and not query:
        return [site]
    text = name + (path or "/") + ("?" + query if query else "")
    return [Hit("url", "onion", text, "strong", "platforms/onion.toml#url"), site]


def onion_valid(label: str) -> bool:
    """Whether 56 base-32 characters hold version 3 and the right checksum."""
    data = base64.b32decode(label.upper())
    key, checksum, version = data[:32], data[32:34], data[34:]
    return (
        version == b"\x03" and hashlib.sha3_256(b".onion checksum" + key + version).digest()[:2] == checksum
    )
