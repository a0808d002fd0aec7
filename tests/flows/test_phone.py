"""The form on a phone: 360 px, scripts on and off, storage blocked, installed as an app, a large file's fingerprint."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from stack import Stack, running, wait_for
from wire import Wire, wire_to

pytestmark = [pytest.mark.journey, pytest.mark.once("sqlite")]

PHONE = {"width": 360, "height": 740}
KEY = "tocsin.identifier"
NAME = "@kiln_7 in the pottery group"
# what a browser inside another app does: every store refuses, no worker, no clipboard
BLOCKED = """
for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"])
  Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });
Object.defineProperty(navigator, "serviceWorker", { get() { throw new DOMException("blocked", "SecurityError"); } });
Object.defineProperty(navigator, "clipboard", { value: undefined });
"""
SHARE = """async ({ words, marker, size }) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: "/share", enctype: "multipart/form-data" });
  for (const [name, value] of Object.entries(words)) form.append(Object.assign(document.createElement("input"), { name, value }));
  if (marker) {
    const bytes = new TextEncoder().encode(marker.repeat(Math.ceil(size / marker.length)));
    const files = new DataTransfer();
    files.items.add(new File([bytes], "landscape.png", { type: "image/png" }));
    form.append(Object.assign(document.createElement("input"), { type: "file", name: "files", files: files.files }));
  }
  document.body.append(form);
  form.submit();
}"""
MARKER = "a lake between two hills "


@pytest.fixture(scope="module")
def house() -> Iterator[Stack]:
    """One installation for the file: its tests use the public pages and share nothing else."""
    with running("phone") as stack:
        stack.start_web()
        yield stack


@contextmanager
def phone(browser: Any, *, blocked: bool = False, **wishes: Any) -> Iterator[Any]:
    """A page of a phone; whatever its own scripts complain about fails the test."""
    context = browser.new_context(viewport=PHONE, locale="en-GB", has_touch=True, is_mobile=True, **wishes)
    if blocked:
        context.add_init_script(BLOCKED)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if "Content Security" in line.text else None)
    yield page
    assert problems == []
    assert context.cookies() == []
    context.close()


def fits(page: Any) -> bool:
    """Nothing sticks out to the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def receipt_on(page: Any) -> str:
    return "-".join(page.locator(".receipt span").all_inner_texts())


def send(page: Any, url: str, name: str = NAME, text: str = "They sell bowls") -> str:
    page.goto(url)
    page.fill("#id_identifier", name)
    page.fill("#id_text", text)
    page.click("form.tip button[type=submit]")
    page.wait_for_selector(".receipt")
    return receipt_on(page)


def stored_text(stack: Stack) -> str:
    return str(
        stack.script(
            "from tocsin.lib import sealing\nfrom tocsin.tips.models import Tip\n"
            "print(json.dumps(sealing.unseal(Tip.objects.latest('pk').narrative_sealed)))"
        )
    )


def tips(stack: Stack) -> int:
    return stack.number("SELECT count(*) FROM tips_tip")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_tip_is_sent_from_a_small_phone_with_and_without_scripts(
    house: Stack, browser: Any, scripts: bool
) -> None:
    with phone(browser, java_script_enabled=scripts) as page:
        page.goto(house.url)
        for number, path in enumerate(("/", "/screenshot", "/no-pictures", "/app", "/offline", "/status")):
            page.goto(house.url + path)
            assert number == 0 or page.locator("h1").count() == 1
            if scripts:
                assert fits(page), path
        before = tips(house)
        receipt = send(page, house.url)
        assert re.fullmatch(r"(?:[0-9A-Z]{5}-){3}[0-9A-Z]{5}", receipt)
        assert tips(house) == before + 1
        assert page.locator("[data-copy]").is_visible() is scripts
        page.reload()  # a browser sends the form again
        assert receipt_on(page) == receipt and tips(house) == before + 1
        assert stored_text(house) == f"{NAME}\n\nThey sell bowls"


def test_only_the_first_box_is_kept_and_it_goes_when_sent(house: Stack, browser: Any) -> None:
    with phone(browser) as page:
        page.goto(house.url)
        assert page.locator(".kept").is_hidden(), "nothing is said while nothing is kept"
        page.fill("#id_text", "a narrative that stays here")
        page.fill("#id_contact", "lucie@x.example")
        assert everything_stored(page) == {}
        page.fill("#id_identifier", NAME)
        assert page.locator(".kept").is_visible()
        page.goto(house.url)
        assert page.input_value("#id_identifier") == NAME
        assert (page.input_value("#id_text"), page.input_value("#id_contact")) == ("", "")
        (kept,) = everything_stored(page).values()
        assert json.loads(kept)["text"] == NAME and set(json.loads(kept)) == {"at", "text"}
        page.fill("#id_text", "a narrative that stays here")
        page.click("form.tip button[type=submit]")
        page.wait_for_selector(".receipt")
        assert everything_stored(page) == {}
        page.goto(house.url)
        assert page.input_value("#id_identifier") == ""


def everything_stored(page: Any) -> dict[str, str]:
    """All of both storages; and nothing else is used."""
    assert page.evaluate("indexedDB.databases()") == []
    return dict(page.evaluate("({ ...localStorage, ...sessionStorage })"))


def test_delete_what_i_typed_empties_the_form_and_the_store(house: Stack, browser: Any) -> None:
    with phone(browser) as page:
        page.goto(house.url)
        page.fill("#id_identifier", NAME)
        page.fill("#id_text", "bowls")
        page.fill("#id_contact", "lucie@x.example")
        page.check("input[name=danger][value=unsure]")
        page.select_option("#id_place", "FR")
        token = page.input_value("input[name=token]")
        page.click(".kept button")
        assert everything_stored(page) == {}
        for box in ("#id_identifier", "#id_text", "#id_contact", "#id_place"):
            assert page.input_value(box) == "", box
        assert page.locator("input:checked").count() == 0
        assert page.input_value("input[name=token]") == token, "the form can still be sent"
        assert page.inner_text(".kept [role=status]") == "Deleted."
        page.goto(house.url)
        assert page.input_value("#id_identifier") == ""


def test_what_was_kept_is_forgotten_after_a_day_and_on_quick_exit(house: Stack, browser: Any) -> None:
    with phone(browser) as page:
        page.clock.install()
        page.goto(house.url)
        page.fill("#id_identifier", NAME)
        page.clock.fast_forward("23:59:00")
        page.goto(house.url)
        assert page.input_value("#id_identifier") == NAME
        page.clock.fast_forward("00:02:00")
        page.goto(house.url)
        assert page.input_value("#id_identifier") == "" and everything_stored(page) == {}
        page.fill("#id_identifier", NAME)
        page.evaluate("document.querySelector('.exit').addEventListener('click', e => e.preventDefault())")
        page.click(".exit")
        assert everything_stored(page) == {}


def test_in_a_browser_inside_an_app_the_journey_passes(house: Stack, browser: Any) -> None:
    with phone(browser, blocked=True) as page:
        before = tips(house)
        receipt = send(page, house.url)
        assert fits(page)
        page.click("[data-copy]")
        assert page.inner_text(".copying [role=status]") in (
            "Copied.",
            "Your browser does not allow it. Press and hold the text to copy it.",
        )
        page.reload()
        assert receipt_on(page) == receipt
        page.go_back()
        page.wait_for_selector("#id_identifier")
        again(page, receipt)
        assert tips(house) == before + 1


def again(page: Any, receipt: str) -> None:
    """Forward to the receipt: shown at once, or after the reload that a browser asks for (the page is never cached)."""
    from playwright.sync_api import Error

    def there() -> bool:
        try:
            page.reload()
        except Error as problem:  # the browser's own page is still being put up
            assert "Not attached" in str(problem)
        return bool(page.locator(".receipt").count())

    try:
        page.go_forward()
    except Error as problem:
        assert "ERR_CACHE_MISS" in str(problem)
        wait_for("the receipt", there)
    assert receipt_on(page) == receipt


def test_one_tap_copies_the_receipt(house: Stack, browser: Any) -> None:
    with phone(browser, permissions=["clipboard-read", "clipboard-write"]) as page:
        receipt = send(page, house.url)
        page.click("[data-copy]")
        wait_for("the answer", lambda: page.inner_text(".copying [role=status]") == "Copied.")
        assert page.evaluate("navigator.clipboard.readText()") == receipt


def test_a_visit_registers_no_worker_but_the_app_page_does(house: Stack, browser: Any) -> None:
    with phone(browser) as page:
        page.goto(house.url)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0
        install(page, house.url)
        assert page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 1


def install(page: Any, url: str) -> None:
    """As the app has it: the worker is there and answers for the page."""
    page.goto(f"{url}/app")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    wait_for("the worker", lambda: page.evaluate("navigator.serviceWorker.controller !== null"))


def test_a_shared_picture_does_not_leave_the_phone(house: Stack, browser: Any) -> None:
    words = {"title": "Bowls", "text": "see https://kiln.example.org/sale", "url": ""}
    with wire_to(house.port) as wire, phone(browser) as page:
        install(page, wire.url)
        shared(page, words)
        assert "it did not leave your device" in page.inner_text(".notice.caution")
        assert page.input_value("#id_identifier") == "https://kiln.example.org/sale"
        assert page.input_value("#id_text") == "Bowls\n\nsee https://kiln.example.org/sale"
        assert b"kiln.example.org" in wire.sent, "the words arrived"
        assert MARKER.encode() not in wire.sent and b"landscape.png" not in wire.sent
        page.click("form.tip button[type=submit]")
        page.wait_for_selector(".receipt")
        assert MARKER.encode() not in wire.sent


def test_without_the_worker_the_server_refuses_the_picture_and_keeps_the_words(
    house: Stack, browser: Any
) -> None:
    """The other side of the proof above: the same wire sees a picture that does leave."""
    with wire_to(house.port) as wire, phone(browser, service_workers="block") as page:
        page.goto(wire.url)
        shared(page, {"text": "see https://kiln.example.org/sale"})
        assert "it was thrown away unread" in page.inner_text(".notice.caution")
        assert page.input_value("#id_identifier") == "https://kiln.example.org/sale"
        assert MARKER.encode() in wire.sent
        for file in house.home.rglob("*"):
            assert not file.is_file() or MARKER.encode() not in file.read_bytes(), file


def shared(page: Any, words: dict[str, str], size: int = 3_000_000) -> None:
    with page.expect_navigation():
        page.evaluate(SHARE, {"words": words, "marker": MARKER, "size": size})
    page.wait_for_selector("#id_identifier")


def test_words_shared_without_a_picture_reach_the_form(house: Stack, browser: Any) -> None:
    with wire_to(house.port) as wire, phone(browser) as page:
        install(page, wire.url)
        with page.expect_navigation():
            page.evaluate(SHARE, {"words": {"url": "https://kiln.example.org/sale"}, "marker": "", "size": 0})
        page.wait_for_selector("#id_identifier")
        assert page.input_value("#id_identifier") == "https://kiln.example.org/sale"
        assert page.locator(".notice.caution").count() == 0
        assert everything_stored(page) == {}


def test_without_a_connection_the_app_says_whom_to_call(house: Stack, browser: Any) -> None:
    with wire_to(house.port) as wire, phone(browser) as page:
        install(page, wire.url)
        cut(wire, page)
        page.goto(wire.url)
        assert page.inner_text("h1") == "No connection"
        assert page.evaluate("getComputedStyle(document.querySelector('.exit')).position") == "fixed", (
            "styled"
        )
        with page.expect_navigation():
            page.evaluate(SHARE, {"words": {"text": "bowls"}, "marker": MARKER, "size": 1000})
        assert page.inner_text("h1") == "No connection"
        assert MARKER.encode() not in wire.sent


def cut(wire: Wire, page: Any) -> None:
    """No byte passes from now on, and no cached answer stands in."""
    wire.cut = True
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")


def test_a_text_of_three_megabytes_is_answered_in_a_sentence(house: Stack, browser: Any) -> None:
    with phone(browser) as page:
        before = tips(house)
        page.goto(house.url)
        page.evaluate(  # beside the box, because drawing three megabytes of text takes longer than the test
            "document.querySelector('form.tip').append(Object.assign(document.createElement('input'),"
            " { type: 'hidden', name: 'text', value: 'landscape '.repeat(300000) }))"
        )
        with page.expect_navigation() as moved:
            page.click("form.tip button[type=submit]")
        assert moved.value.status == 413
        assert "Nothing was stored" in page.inner_text("main")
        assert tips(house) == before


def test_a_file_is_fingerprinted_on_the_device_and_nothing_is_sent(
    house: Stack, browser: Any, tmp_path: Path
) -> None:
    house.script(
        "from tocsin.accounts.models import User\nfrom tocsin.tips import switches\n"
        "amal = User.objects.create_user(username='amal', role='administrator')\n"
        "switches.flip(amal, switches.FINGERPRINT, True, 'agreed')"
    )
    with wire_to(house.port) as wire, phone(browser) as page:
        page.goto(f"{wire.url}/fingerprint")
        page.wait_for_load_state("networkidle")
        before = len(wire.sent)
        sizes = (0, 1, 55, 56, 63, 64, 65, 119, 120, 128, (1 << 20) - 1, 1 << 20, (1 << 20) + 57, 9_000_001)
        for size in sizes:
            file = tmp_path / f"landscape-{size}.bin"
            file.write_bytes((MARKER.encode() * (size // len(MARKER) + 1))[:size])
            page.set_input_files("#file", file)  # the change event hides the last result before this returns
            assert fingerprint_on(page) == hashlib.sha256(file.read_bytes()).hexdigest(), size
        assert len(wire.sent) == before, "not a byte went out while files were read"
        assert fits(page)
        page.click("[data-copy]")
        assert len(wire.sent) == before


def fingerprint_on(page: Any) -> str:
    """The fingerprint once the page has finished with this file."""
    wait_for("the end of the file", lambda: page.locator("#result").is_visible())
    return str(page.inner_text("#fingerprint"))
