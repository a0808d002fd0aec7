"""Privacy notice, imprint and accessibility statement from the settings; logo and colour of the hotline."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from tocsin.tips.info import Part

MAX_LOGO = 100_000  # bytes
_KINDS = {".svg": "image/svg+xml", ".png": "image/png"}


def _privacy() -> list[Part]:
    return [
        Part(
            _("What we keep"),
            (
                _(
                    "What you write is sealed before it is stored: only the hotline can open it, not the machine that "
                    "takes it in. The names and addresses of accounts and sites in it are kept readable, so that tips "
                    "about one thing are found together. How to reach you is kept only if you tell us, sealed as well."
                ),
            ),
        ),
        Part(
            _("What we do not keep"),
            (
                _(
                    "No account, no cookie, no network address. To slow down a flood we count how often a network "
                    "writes, under a random number that is thrown away after a day. No picture and no video, ever."
                ),
                _(
                    "Only the first box of the form is kept, on your own device: until you send, for a day at most. You can delete "
                    "it there at once."
                ),
            ),
        ),
        Part(
            _("Who gets it"),
            (
                _(
                    "Your words stay with the hotline. Platforms and authorities are told what was found, in words of our "
                    "own. How to reach you goes to the police only if you agree, and we ask you in your mailbox."
                ),
            ),
        ),
        Part(_("Why we may do this"), (_basis(),)),
        Part(_("Your rights"), (_rights(),)),
    ]


def _basis() -> str:
    return settings.LEGAL_BASIS or _(
        "We process this for the protection of children, a task in the public interest, and where the law of our "
        "country allows or orders it."
    )


def _rights() -> str:
    contact = settings.PRIVACY_CONTACT or settings.ORGANISATION_CONTACT
    rights = _(
        "You may ask what is stored about you, have it corrected or deleted, and complain to the authority."
    )
    if contact:
        where = _("Write to %(contact)s, or through your mailbox with the receipt.") % {"contact": contact}
    else:
        where = _("Write through your mailbox with the receipt.")
    return f"{rights} {where}"


def _imprint() -> list[Part]:
    lines = [settings.ORGANISATION or settings.HOTLINE_NAME, *settings.ORGANISATION_ADDRESS.split("|")]
    found = [Part(_("Responsible for these pages"), tuple(line.strip() for line in lines if line.strip()))]
    if settings.ORGANISATION_CONTACT:
        found.append(Part(_("Contact"), (settings.ORGANISATION_CONTACT,)))
    software = _(
        "These pages run on Tocsin, open-source software for child-protection hotlines (AGPL-3.0-or-later)."
    )
    return [*found, Part(_("Software"), (software,))]


def _accessibility() -> list[Part]:
    return [
        Part(
            _("What we aim at"),
            (
                _(
                    "These pages follow the Web Content Accessibility Guidelines 2.2, level AA: they work with a keyboard, "
                    "a screen reader, large type, high contrast, and without JavaScript."
                ),
            ),
        ),
        Part(
            _("If something is in your way"),
            (
                _("Tell us what it was, by the form or here: %(contact)s.")
                % {"contact": settings.ORGANISATION_CONTACT}
                if settings.ORGANISATION_CONTACT
                else _("Tell us what it was, by the form."),
            ),
        ),
    ]


PARTS: dict[str, Callable[[], list[Part]]] = {
    "privacy": _privacy,
    "imprint": _imprint,
    "accessibility": _accessibility,
}


def theme() -> str:
    """`:root` with the hotline's colour, light and dark; empty without one."""
    colour = settings.COLOUR
    if not colour:
        return ""
    dark, light, lighter = (
        mixed(colour, "#000000", 0.25),
        mixed(colour, "#ffffff", 0.6),
        mixed(colour, "#ffffff", 0.75),
    )
    by_day = (
        f"--accent:{colour};--accent-strong:{dark};--on-accent:#fff;--tint:{mixed(colour, '#ffffff', 0.9)}"
    )
    by_night = (
        f"--accent:{light};--accent-strong:{lighter};--on-accent:#000;--tint:{mixed(colour, '#000000', 0.7)}"
    )
    return f":root{{{by_day}}}\n@media (prefers-color-scheme:dark){{:root{{{by_night}}}}}\n"


@lru_cache(maxsize=4)
def _logo(path: str, _changed: float) -> tuple[bytes, str] | None:
    file = Path(path)
    content = file.read_bytes()
    return (content, _KINDS[file.suffix.lower()]) if len(content) <= MAX_LOGO else None


def logo() -> tuple[bytes, str] | None:
    """(bytes, content type) of the logo's file; None where none is set or it cannot be used."""
    path = settings.LOGO
    if path is None or problem_of_logo(path) is not None:
        return None
    return _logo(str(path), Path(path).stat().st_mtime)


def problem_of_logo(path: Path) -> str | None:
    """Why a file cannot be the logo, or None."""
    if path.suffix.lower() not in _KINDS:
        return "The logo is an SVG or a PNG file."
    if not path.is_file():
        return f"There is no file {path}."
    if path.stat().st_size > MAX_LOGO:
        return f"The logo has more than {MAX_LOGO:,} bytes."
    if path.suffix.lower() == ".svg" and re.search(
        rb"<script|href\s*=\s*[\"']https?:|\son[a-z]+\s*=", path.read_bytes(), re.I
    ):
        return "The logo's SVG holds a script or an address elsewhere."
    return None


def problem_of_colour(colour: str) -> str | None:
    """Why a colour cannot be used: not #rrggbb, or unreadable as a link on white (WCAG 2.2, 1.4.3)."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        return "The colour is written as #rrggbb."
    if contrast(colour, "#ffffff") < 4.5:
        return f"The colour {colour} has a contrast of {contrast(colour, '#ffffff'):.1f} on white; 4.5 is needed."
    return None


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two colours."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(colour: str, other: str, share: float) -> str:
    """`share` of `other` mixed into `colour`."""
    parts = [
        round(int(colour[at : at + 2], 16) * (1 - share) + int(other[at : at + 2], 16) * share)
        for at in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)
