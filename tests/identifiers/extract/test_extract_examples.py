"""Every platform file carries its own examples; all of them hold."""

import pytest

from tocsin.identifiers.extract import extract, load_catalogue

ROWS = [
    pytest.param(platform.id, text, gives, id=f"{platform.id}-{number}")
    for platform in load_catalogue().platforms.values()
    for number, (text, gives) in enumerate(platform.examples)
]


@pytest.mark.parametrize(("platform", "text", "gives"), ROWS)
def test_an_example_of_a_platform_file_gives_what_it_says(
    platform: str, text: str, gives: tuple[str, ...]
) -> None:
    wanted = set()
    for line in gives:
        kind, *middle, canonical = line.split(" ", 2) if line.count(" ") > 1 else line.split(" ")
        wanted.add((kind, middle[0] if middle else platform, canonical))
    assert {(i.kind, i.platform, i.canonical) for i in extract(text).identifiers} == wanted


def test_every_platform_file_has_an_example_that_gives_something() -> None:
    for platform in load_catalogue().platforms.values():
        assert any(gives for _, gives in platform.examples), platform.id
