"""Where a POST comes from: together with the form token it stands in for a CSRF cookie on anonymous pages.

Browsers since 2020 send `Sec-Fetch-Site`, which no page can forge; older ones send `Origin` with a POST from
another site. Whoever sends neither has no browser's cookies or rights to abuse, and still needs our form token.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest

OURS = frozenset({"same-origin", "none"})  # "none": typed, or reloaded by the person herself


def same_site(request: HttpRequest) -> bool:
    """True unless the browser says that another site sent this request.

    `Origin: null` (a sandboxed frame, some privacy settings) counts as foreign only when `Sec-Fetch-Site` does
    not say otherwise: Tor Browser's strictest level sends it from our own page.
    """
    site = request.headers.get("Sec-Fetch-Site", "")
    if site:
        return site in OURS
    origin = request.headers.get("Origin", "")
    if not origin:
        return True
    return bool(urlsplit(origin).netloc) and urlsplit(origin).netloc.lower() == request.get_host().lower()
