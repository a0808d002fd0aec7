"""Start-up checks: each with an id, what is wrong, and what to do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from tocsin.identifiers.catalogue_in_use import in_use
from tocsin.identifiers.extract import CatalogueError
from tocsin.lib import keys
from tocsin.server import door_role
from tocsin.tips import legal


@register()
def keys_are_there(**_kwargs: Any) -> list[CheckMessage]:
    """E001-E003: without keys nothing can be sealed or opened; and a door must not be able to open."""
    found: list[CheckMessage] = []
    needed = door_role.DOORS_KEYS if settings.TOCSIN_ROLE == "door" else tuple(keys.NAMES)
    for name in needed:
        if not keys.optional(name):
            hint = f"Run `tocsin init`, restore a backup of the keys, or set {keys.NAMES[name]}_FILE."
            found.append(Error(f"The key {name} is missing.", hint=hint, id="tocsin.E001"))
    if settings.TOCSIN_ROLE == "door":
        found += [Error(sentence, id="tocsin.E002") for sentence in door_role.problems()]
    if settings.TOCSIN_ROLE not in ("all", "door", "console", "worker"):
        hint = "Use all, door, console or worker."
        found.append(Error("TOCSIN_ROLE is unknown.", hint=hint, id="tocsin.E003"))
    return found


@register()
def the_hotlines_look_can_be_used(**_kwargs: Any) -> list[CheckMessage]:
    """E005: a logo that is no small picture, a colour that cannot be read on white."""
    problems = [
        settings.LOGO and legal.problem_of_logo(settings.LOGO),
        settings.COLOUR and legal.problem_of_colour(settings.COLOUR),
    ]
    hint = "Correct TOCSIN_LOGO or TOCSIN_COLOUR, or leave it away."
    return [Error(problem, hint=hint, id="tocsin.E005") for problem in problems if problem]


@register()
def the_proxy_is_named(**_kwargs: Any) -> list[CheckMessage]:
    """W004: behind a proxy that is not named, all visitors look like one network."""
    if settings.BEHIND_TLS and not settings.TRUSTED_PROXIES and settings.TOCSIN_ROLE in ("all", "door"):
        hint = "Set TOCSIN_TRUSTED_PROXIES, and let the proxy pass the address on (docs/install.md)."
        return [
            Warning(
                "The proxy in front is not named: all visitors look like one.", hint=hint, id="tocsin.W004"
            )
        ]
    return []


@register()
def platform_files_can_be_used(**_kwargs: Any) -> list[CheckMessage]:
    """E004: a file in the hotline's own directory that is not TOML or breaks a rule: which, in which line, why."""
    try:
        in_use()
    except (CatalogueError, OSError) as error:
        hint = "Correct the file, or unset TOCSIN_PLATFORMS_DIR."
        return [Error(f"A platform file cannot be used: {error}", hint=hint, id="tocsin.E004")]
    return []


@register()
def addresses_make_sense(**_kwargs: Any) -> list[CheckMessage]:
    """W001-W002: settings that work, but not as a hotline would want them."""
    found: list[CheckMessage] = []
    if not settings.SMTP_HOST:
        hint = "Set TOCSIN_SMTP_HOST; until then, mail waits on the outbox page."
        found.append(Warning("No mail server is set.", hint=hint, id="tocsin.W001"))
    if settings.PUBLIC_URL.startswith("http://") and "localhost" not in settings.PUBLIC_URL:
        hint = "Put a proxy with HTTPS in front and set TOCSIN_PUBLIC_URL to its address (docs/install.md)."
        found.append(Warning("The public address is not HTTPS.", hint=hint, id="tocsin.W002"))
    return found
