"""The room's steps, in the worker's list: answers come in, what is approved leaves, what was sent is followed."""

from __future__ import annotations

from tocsin.dispatch.answers import answers
from tocsin.dispatch.release import follow, release
from tocsin.dispatch.supplement import supplements

__all__ = ["answers", "follow", "release", "supplements"]
