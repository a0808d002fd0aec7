"""Pages that differ in a few words only: rendered once, and the words put in afterwards.

A template of the door costs two milliseconds, most of the cost of taking a tip; putting in the receipt costs none.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping

from django.conf import settings
from django.utils.html import escape


class Stencils:
    """Rendered pages by key. `hole(name)` is what the template is given in the place of a value."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._pages: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = threading.Lock()

    @staticmethod
    def hole(name: str) -> str:
        """A mark that no text of a page contains (private use characters) and no escaping changes."""
        return f"\ue0f1{name}\ue0f2"

    def fill(self, key: Hashable, render: Callable[[], bytes], values: Mapping[str, str]) -> bytes:
        """The page of `key`, rendered by `render` where it is new, with every hole filled, escaped for HTML.

        `key` must hold everything else that the page depends on; other settings (tests) make another page.
        """
        whole = (settings._wrapped, key)  # type: ignore[misc]  # another object while a test overrides settings
        with self._lock:
            page = self._pages.get(whole)
        if page is None:
            page = render()
            with self._lock:
                self._pages[whole] = page
                if len(self._pages) > self._most:  # keys come from requests: nothing grows with them
                    self._pages.popitem(last=False)
        for name, value in values.items():
            page = page.replace(self.hole(name).encode(), escape(value).encode())
        return page
