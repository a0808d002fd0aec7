"""What this machine does while something is measured: seals a second of one core.

Machines differ, and one machine differs from minute to minute; a share of what it seals at that moment does not.
The contract's figures were set on a machine whose core made `ANCHOR` seals a second.
"""

from __future__ import annotations

import os
import time

ANCHOR = 19_500


def seals(seconds: float) -> float:
    """Seals a second of one core, of what an ordinary message becomes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.server.settings")
    from nacl.public import PrivateKey

    from tocsin.lib import sealing

    public, count, began = bytes(PrivateKey.generate().public_key), 0, time.perf_counter()
    box = sealing.SealedBox(sealing.PublicKey(public))
    while time.perf_counter() < began + seconds:
        for _ in range(100):
            box.encrypt(bytes(sealing.STEP))
        count += 100
    return count / (time.perf_counter() - began)


class Pace:
    """Seals a second, taken again and again between the parts of a measurement; what that takes is not theirs."""

    EVERY, FOR = 1.0, 0.05  # seconds

    def __init__(self) -> None:
        self._taken = [seals(self.FOR)]
        self._last = time.perf_counter()

    def look(self) -> float:
        """Take another sample if it is time; returns how many seconds that took."""
        began = time.perf_counter()
        if began - self._last < self.EVERY:
            return 0.0
        self._taken.append(seals(self.FOR))
        self._last = time.perf_counter()
        return self._last - began

    @property
    def per_second(self) -> float:
        """The mean of all samples."""
        return sum(self._taken) / len(self._taken)
