"""In a browser: the hotline asks, a reporter without scripts answers, a person reads it in the folded part."""

from __future__ import annotations

from typing import Any

import pytest
import walk
from stack import Stack, wait_for

pytestmark = pytest.mark.journey


def open_mailbox(page: Any, stack: Stack, receipt: str) -> str:
    page.goto(f"{stack.url}/status")
    page.fill("#id_receipt", receipt)
    page.click("main form button[type=submit]")
    return str(page.locator("main").inner_text())


def test_a_question_goes_out_and_its_answer_comes_back(stack: Stack, browser: Any) -> None:
    stack.start_web()
    stack.start("worker")
    public = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    reporter = public.new_page()
    receipt = walk.send_tip(reporter, stack)

    ada = browser.new_context(locale="en-GB").new_page()
    problems: list[str] = []
    ada.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    walk.sign_in(ada, stack, "ada")
    number = walk.open_first_case(ada, stack)
    ada.click("#messages details.fold > summary")
    ada.fill("#ask-all", "In which month did you first see it?")
    ada.click("#messages button[value=text]")
    ada.wait_for_load_state()

    assert "In which month" in open_mailbox(reporter, stack, receipt)
    assert reporter.evaluate("document.documentElement.scrollWidth") <= 360
    reporter.fill("#id_message", "In May, I think.")
    reporter.click("form[action$='/write'] button")
    assert "Your message was sent." in reporter.locator("main").inner_text()
    assert receipt not in reporter.url
    assert public.cookies() == []
    with reporter.expect_download() as waiting:
        reporter.click("form[action$='/receipt'] button")
    assert receipt[:5] in waiting.value.path().read_text(encoding="utf-8")

    unread = "SELECT count(*) FROM tips_message WHERE applied_at IS NULL AND NOT outward"
    wait_for("the worker to take note", lambda: stack.number(unread) == 0)
    ada.goto(f"{stack.url}/console/cases/{number}/")
    ada.click("#messages details.narrative > summary")
    ada.wait_for_selector("#messages .timeline-list")
    assert "In May, I think." in ada.locator("#messages").inner_text()
    ada.click("#tips details.narrative > summary")
    ada.wait_for_selector("#tips .narrative-text mark")
    assert [text for text in problems if "Content Security Policy" in text] == []
    for word in ("In May", "which month", receipt, receipt[:5]):
        assert word not in stack.logs()
