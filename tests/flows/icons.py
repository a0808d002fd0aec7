"""Make the icons of the installed app from our own bell: `python tests/flows/icons.py` (Chromium draws them).

The bell keeps inside the middle four fifths and the colour fills the whole square, so that a launcher may cut any
shape out of it (W3C: a maskable icon).
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from conftest import CHROMIUM, FLAGS  # noqa: E402

STATIC = HERE.parents[1] / "src/tocsin/server/static"
SIZES = (180, 192, 512)  # pixels


def main() -> None:
    """Draw each size and write it beside the picture it comes from."""
    from playwright.sync_api import sync_playwright

    bell = (STATIC / "favicon.svg").read_text().replace(' rx="7"', "")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        for size in SIZES:
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(f"<body style='margin:0;display:grid'>{bell}</body>")
            page.screenshot(path=str(STATIC / f"icon-{size}.png"))
        browser.close()


if __name__ == "__main__":
    main()
