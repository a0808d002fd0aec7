"""The example units hand each process the keys that it needs, and the door no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tocsin.lib import keys

UNITS = Path(__file__).resolve().parents[2] / "docs" / "systemd"
DOORS = {"hotline.pub", "text.key", "door.secret"}
PASSWORDS = {"door.password", "tocsin.password"}


def credentials(unit: str) -> set[str]:
    text = (UNITS / f"tocsin-{unit}.service").read_text(encoding="utf-8")
    found = dict(re.findall(r"^LoadCredential=([^:]+):(\S+)$", text, re.M))
    for name, source in found.items():
        folder = "/etc/tocsin" if name in PASSWORDS else "/etc/tocsin/keys"
        assert source == f"{folder}/{name}"
    return set(found) - PASSWORDS


def test_the_door_is_given_three_keys_and_a_role_of_its_own() -> None:
    assert credentials("door") == DOORS
    text = (UNITS / "tocsin-door.service").read_text(encoding="utf-8")
    assert "serve --door" in text
    assert "postgresql://door@" in text
    assert "IPAddressDeny=any" in text


@pytest.mark.parametrize("unit", ["console", "worker"])
def test_console_and_worker_are_given_every_key_and_the_old_ones(unit: str) -> None:
    assert credentials(unit) == {*keys.NAMES, "old"}


@pytest.mark.parametrize("unit", ["door", "console", "worker"])
def test_no_unit_lets_a_process_see_the_folder_of_the_keys(unit: str) -> None:
    text = (UNITS / f"tocsin-{unit}.service").read_text(encoding="utf-8")
    assert re.search(r"^InaccessiblePaths=.*-/etc/tocsin\b", text, re.M)
    assert "DynamicUser=yes" in text
