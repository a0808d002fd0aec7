"""Nothing starts while the hotline's own platform files cannot be used (the same as the check tocsin.E004)."""

from __future__ import annotations

from tocsin.lib import env


def refuse_broken_platforms() -> None:
    """End with a sentence and status 1 if a file in TOCSIN_PLATFORMS_DIR is broken: file, line, reason.

    Needs neither Django nor keys, so that it comes before everything that a start makes.
    """
    from tocsin.identifiers.extract import CatalogueError, load_catalogue

    try:
        load_catalogue(env.optional_path("TOCSIN_PLATFORMS_DIR"))
    except (CatalogueError, OSError) as error:
        raise SystemExit(
            f"A platform file cannot be used: {error}\n"
            "Correct the file, or unset TOCSIN_PLATFORMS_DIR. Nothing was started. (tocsin.E004)"
        ) from None
