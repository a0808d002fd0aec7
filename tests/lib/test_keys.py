"""Where keys come from, and that no moment of replacing the pair can lose one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from nacl.public import PrivateKey

from tocsin.lib import keys, sealing

PRIVATE = "11" * 32


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of its own with fresh keys."""
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    keys.load.cache_clear()
    sealing._openers.cache_clear()
    keys.make()
    yield tmp_path
    monkeypatch.undo()
    keys.load.cache_clear()
    sealing._openers.cache_clear()


def private(file: Path) -> PrivateKey:
    return PrivateKey(bytes.fromhex(file.read_text().strip()))


def test_the_four_places_are_asked_in_the_order_of_the_docs(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> str:
        keys.load.cache_clear()
        return keys.load("text.key")

    (home / "keys" / "text.key").write_text("home")
    assert found() == "home"
    assert keys.readable_from("text.key") == f"the file {home / 'keys' / 'text.key'}"
    credentials = home / "credentials"
    credentials.mkdir()
    (credentials / "text.key").write_text("credential")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    assert found() == "credential"
    monkeypatch.setenv("TOCSIN_TEXT_KEY", "variable")
    assert found() == "variable"
    (home / "named").write_text("file")
    monkeypatch.setenv("TOCSIN_TEXT_KEY_FILE", str(home / "named"))
    assert found() == "file"


@pytest.mark.parametrize("name", ["hotline.key", "lookup.key", "console.secret"])
def test_a_key_is_noticed_wherever_it_can_be_read(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert "the file" in keys.readable_from(name)
    (home / "keys" / name).rename(home / "elsewhere")
    assert keys.readable_from(name) == ""
    monkeypatch.setenv(f"{keys.NAMES[name]}_FILE", str(home / "elsewhere"))
    assert str(home / "elsewhere") in keys.readable_from(name)
    monkeypatch.delenv(f"{keys.NAMES[name]}_FILE")
    credentials = home / "credentials"
    credentials.mkdir()
    (home / "elsewhere").rename(credentials / name)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    assert "credential" in keys.readable_from(name)
    monkeypatch.setenv(keys.NAMES[name], PRIVATE)
    assert "variable" in keys.readable_from(name)


def test_what_the_old_key_sealed_opens_with_the_old_key_from_a_file_or_a_credential(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = sealing.seal("clay")
    before, after = keys.replace_pair()
    assert (sealed[1:5].hex(), sealing.seal("clay")[1:5].hex()) == (before, after)
    sealing._openers.cache_clear()
    assert sealing.unseal(sealed) == "clay"
    credentials = home / "credentials"
    credentials.mkdir()
    (home / "keys" / "old" / f"{before}.key").rename(credentials / f"old_{before}.key")
    sealing._openers.cache_clear()
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(sealed)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    assert keys.old_names() == [before]
    assert sealing.unseal(sealed) == "clay"


def test_a_retired_key_opens_nothing_and_is_not_deleted(home: Path) -> None:
    sealed = sealing.seal("clay")
    before, _after = keys.replace_pair()
    place = keys.retire(before)
    sealing._openers.cache_clear()
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(sealed)
    keys.keep_old(before, place.read_text().strip())
    assert sealing.unseal(sealed) == "clay"
    for wrong in ("00000000", "../hotline"):
        with pytest.raises(keys.KeyMissing):
            keys.retire(wrong)


def test_a_pair_that_comes_from_elsewhere_is_not_replaced(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (home / "keys" / "hotline.key").read_text()
    monkeypatch.setenv("TOCSIN_PUBLIC_KEY", keys.load("hotline.pub"))
    with pytest.raises(keys.KeyMissing, match="Nothing was changed"):
        keys.replace_pair()
    assert (home / "keys" / "hotline.key").read_text() == before


KILLED_AT = """
import os, sys
from tocsin.lib import keys
left = int(sys.argv[1])
def look(frame, event, _arg):
    global left
    if frame.f_code.co_filename != keys.__file__:
        return None
    if event == "line":
        left -= 1
        if left < 0:
            os.kill(os.getpid(), 9)
    return look
sys.settrace(look)
keys.replace_pair()
sys.settrace(None)
print("whole")
"""


def test_killed_at_any_line_the_pair_is_whole_after_the_next_call(home: Path) -> None:
    """Every line of the module is a place to be killed at; afterwards each key that ever sealed still opens."""
    sealed = [sealing.seal("clay")]
    lines, unfinished = 0, 0
    while True:
        env = {**os.environ, "TOCSIN_HOME": str(home)}
        done = subprocess.run(
            [sys.executable, "-c", KILLED_AT, str(lines)],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        keys.load.cache_clear()
        sealing._openers.cache_clear()
        sealed.append(sealing.seal("clay"))
        assert [sealing.unseal(one) for one in sealed] == ["clay"] * len(sealed), f"killed at line {lines}"
        public = bytes(private(home / "keys" / "hotline.key").public_key).hex()
        unfinished += public != (home / "keys" / "hotline.pub").read_text().strip()
        if done.stdout:
            break
        assert done.returncode == -9, done.stderr
        keys.replace_pair()
        assert bytes(private(home / "keys" / "hotline.key").public_key).hex() == keys.load("hotline.pub")
        sealed.append(sealing.seal("clay"))
        lines += 3
    assert lines > 60, "it was killed at many lines"
    assert unfinished > 0, "also between the two files"
