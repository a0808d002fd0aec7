"""The steps that people do in a browser, one function each: the journey and the pictures use the same."""

from __future__ import annotations

import re
from typing import Any

from stack import PASSWORD, Stack, wait_for

SUSPECT = ["uid:6660012345", "id:pottery_lake", "copper.finch01"]
TIP = (
    "A man in Harbin looks for child models: https://weibo.com/u/6660012345 also 抖音号pottery_lake "
    "and insta: copper.finch01. My number is +33 6 39 98 12 34"
)


def send_tip(page: Any, stack: Stack, text: str = TIP) -> str:
    """A follower sends a tip; returns the receipt as it stands on the page."""
    page.goto(stack.url)
    page.fill("#id_text", text)
    page.check("input[name=danger][value=yes]")
    page.select_option("#id_place", "CN")
    page.click("form.tip button[type=submit]")
    return "".join(page.locator(".receipt span").all_inner_texts())


def sign_in(page: Any, stack: Stack, name: str) -> None:
    page.goto(f"{stack.url}/console/")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/console/cases/**")


def open_first_case(page: Any, stack: Stack) -> str:
    """Wait until the worker opened a case, and open the first of the queue; returns its number."""

    def there() -> bool:
        page.goto(f"{stack.url}/console/cases/")
        return bool(page.locator("[data-rows] a.case-number").count())

    wait_for("a case in the queue", there)
    number = str(page.locator("[data-rows] a.case-number").first.inner_text())
    page.goto(f"{stack.url}/console/cases/{number}/")
    return number


def confirm_reported(page: Any) -> int:
    """Say of every identifier that is still unknown that it is what the tip reports."""
    menus = page.locator("select[name^=role-]")
    count = 0
    for index in range(menus.count()):
        menu = menus.nth(index)
        if "not yet known" in (menu.evaluate("m => m.selectedOptions[0].text") or "").lower():
            menu.select_option("reported")
            count += 1
    page.click("#identifiers button[data-key=s]")
    page.wait_for_load_state()
    return count


def set_subject(page: Any, city: str = "harbin") -> None:
    fold = page.locator("#subject details")
    if fold.get_attribute("open") is None:  # it is open where it is the next step
        fold.locator("summary").click()
    page.locator("#subject select[name=city]").select_option(city)
    page.click("#subject form button[type=submit]")
    page.wait_for_load_state()


def assess(page: Any) -> None:
    page.wait_for_selector("#assessment select[name=verdict]")
    page.select_option("#assessment select[name=verdict]", "baseline")
    page.select_option("#assessment select[name=on_what]", "tips")
    page.click("#assessment form button[type=submit]")
    page.wait_for_load_state()


def propose(page: Any) -> None:
    page.wait_for_selector("#plan-panel input[name=order]")
    page.check("#plan-panel input[name=order][value=police_first]")
    page.click("#plan-panel button.btn-primary")
    page.wait_for_load_state()


def approve_all(page: Any, stack: Stack) -> int:
    """The reviewer reads each one and approves it."""
    count = 0
    while True:
        page.goto(f"{stack.url}/console/approvals/")
        links = page.locator("[data-rows] a[data-open]")
        if not links.count():
            return count
        links.first.click()
        page.click("form[action*=approve] button[type=submit]")
        page.wait_for_load_state()
        count += 1


def link_in(letter: Any) -> str:
    """The reply link in the text part of a mail."""
    text = letter.get_body(("plain",)) or next(
        p for p in letter.walk() if p.get_content_type() == "text/plain"
    )
    found = re.search(r"http://localhost:\d+/r/\S+", text.get_content())
    assert found, text.get_content()
    return found[0]


def answer_police(page: Any, link: str, code: str) -> None:
    page.goto(link)
    page.check(f"input[name=answer_code][value={code}]")
    page.click("form button[type=submit]")
    page.wait_for_load_state()


def answer_provider(page: Any, link: str, code: str = "suspended") -> int:
    """Answer every item; returns how many there were."""
    page.goto(link)
    menus = page.locator("select[name^=answer-]")
    for index in range(menus.count()):
        menus.nth(index).select_option(code)
    count = int(menus.count())
    page.click("form button[type=submit]")
    page.wait_for_load_state()
    return count
