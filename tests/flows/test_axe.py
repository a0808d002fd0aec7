"""axe finds nothing on any public page, in four languages, empty and filled; nor on the new pages of the console."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stack import PASSWORD, Stack, running

from tocsin.tips import info

pytestmark = [pytest.mark.journey, pytest.mark.once("postgresql")]

AXE = Path(__file__).resolve().parents[1] / "vendor/axe-core-4.14.1/axe.min.js"
LANGUAGES = ("en", "fr", "zh-hans", "ar")
PAGES = [
    "/", "/status", "/objection", "/figures", "/helplines?country=FR", "/screenshot", "/no-pictures", "/app", "/offline",
    "/privacy", "/imprint", "/accessibility", "/fingerprint", "/c/clay-week", "/h/unknown", "/r/forged", "/nowhere",
    "/api/v1/docs", *(f"/about/{name}" for name in info.PAGES),
]  # fmt: skip
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SET_UP = """
from django.utils import timezone
from tocsin.accounts.models import User
from tocsin.tips import campaigns, switches
from tocsin.commands.setup import save_user
save_user("coco", "coordinator", "correct horse battery", "cli:test")
save_user("adam", "administrator", "correct horse battery", "cli:test")
coco = User.objects.get(username="coco")
campaigns.create(coco, "clay-week", "Clay week")
switches.flip(User.objects.get(username="adam"), switches.FINGERPRINT, True, "test")
"""
CASES = """
from tocsin.accounts.models import User
from tocsin.cases.models import Case
from tocsin.cases import tasks
from tocsin.server.worker import run_until_idle
from tocsin.tips.accept import Incoming, accept
group = "A room of 1,927 members, 333 yuan a month: https://t.me/kiln_room and QQ 718820333"
accept([Incoming(text=group, danger="yes", place="CN", what="pretext"), Incoming(text=f"{group} 哈尔滨"),
        Incoming(text="Look at weibo.com/u/6660012345 by ada@mail.example and https://kiln.example.com/7"),
        Incoming(text="Somebody sells pots on the square")], "door")
run_until_idle()
cases = list(Case.objects.order_by("lane_rank", "pk"))
tasks.add(cases[0], User.objects.get(username="coco"), "Ask the potter", None, None)
print(json.dumps([[case.number, case.case_tips.first().tip.public_id] for case in cases]))
"""
CONSOLE = ("cases/", "duty/", "alarms/", "tasks/", "loose/", "merges/", "flags/", "hubs/?value=1")
OF_A_CASE = ("", "graph/", "split/", "detach/", "cut/", "known/", "tasks/", "changes/", "decide/",
             "tips/{tip}/", "tips/{tip}/move/", "tips/{tip}/translate/")  # fmt: skip


@pytest.fixture(scope="module")
def hotline() -> Iterator[Stack]:
    with running("axe") as stack:
        stack.env["TOCSIN_STORM_TIPS_PER_MINUTE"] = "3"
        stack.script(SET_UP)
        stack.start_web()
        yield stack


def found(page: Any) -> list[str]:
    """What axe finds on the page as it stands: rule and element."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS)
    return [f"{v['id']}: {node['target']}" for v in result["violations"] for node in v["nodes"]]


def context(browser: Any, **options: Any) -> Any:
    return browser.new_context(bypass_csp=True, viewport={"width": 360, "height": 780}, **options)


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_any_public_page(hotline: Stack, browser: Any, language: str) -> None:
    seen = context(browser)
    page, faults = seen.new_page(), {}
    for path in PAGES:
        page.goto(f"{hotline.url}{path}{'&' if '?' in path else '?'}lang={language}")
        if faulty := found(page):
            faults[path] = faulty
    seen.close()
    assert faults == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_dark_wide_pages(hotline: Stack, browser: Any, language: str) -> None:
    seen = browser.new_context(bypass_csp=True, color_scheme="dark", viewport={"width": 1280, "height": 900})
    page, faults = seen.new_page(), {}
    for path in ("/", "/status", "/helplines", "/about/children", "/privacy"):
        page.goto(f"{hotline.url}{path}?lang={language}")
        if faulty := found(page):
            faults[path] = faulty
    seen.close()
    assert faults == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_what_the_forms_answer(hotline: Stack, browser: Any, language: str) -> None:
    """Without JavaScript, as many readers come: the problem, the receipt, the mailbox, the wait, the objection."""
    seen = context(browser, java_script_enabled=True)
    page, faults = seen.new_page(), {}

    def look(name: str) -> None:
        if faulty := found(page):
            faults[name] = faulty

    page.goto(f"{hotline.url}/?lang={language}")
    page.click("form.tip button[type=submit]")
    page.wait_for_selector(".error-summary")
    look("problem")
    page.fill("#id_identifier", "https://t.me/kiln_room")
    page.click("form.tip button[type=submit]")
    page.wait_for_selector(".receipt, form.wait")
    if page.query_selector("form.wait"):
        look("waiting")
        page.wait_for_selector(".receipt", timeout=60_000)
    look("receipt")
    receipt = re.sub(r"\s", "", page.inner_text(".receipt"))
    page.goto(f"{hotline.url}/status?lang={language}")
    page.fill("input.code", receipt)
    page.click("main form button[type=submit]")
    page.wait_for_load_state()
    look("mailbox")
    page.goto(f"{hotline.url}/status?lang={language}")
    page.fill("input.code", "00000-00000-00000-00000")
    page.click("main form button[type=submit]")
    page.wait_for_load_state()
    look("no mailbox")
    page.goto(f"{hotline.url}/objection?lang={language}")
    page.fill("textarea", "It is about my shop of bowls")
    page.click("main form button[type=submit]")
    page.wait_for_load_state()
    look("objection")
    seen.close()
    assert faults == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_new_console_pages(hotline: Stack, browser: Any, scheme: str) -> None:
    paths = {
        "coco": ("/console/campaigns/", "/console/campaigns/clay-week/", "/console/campaigns/clay-week/poster/",
                 "/console/figures/campaigns/clay-week/", "/console/calls/",
                 "/console/merges/", "/console/flags/", "/console/hubs/?value=3"),
        "adam": ("/console/switches/", "/console/clients/"),
    }  # fmt: skip
    faults = {}
    for name, pages in paths.items():
        seen = browser.new_context(bypass_csp=True, color_scheme=scheme)
        page = seen.new_page()
        page.goto(f"{hotline.url}/console/login/")
        page.fill("[name=username]", name)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_selector(".topbar-nav")
        for path in pages:
            answer = page.goto(hotline.url + path)
            assert answer.status == 200, path
            if faulty := found(page):
                faults[path] = faulty
        seen.close()
    assert faults == {}


@pytest.fixture(scope="module")
def cases(hotline: Stack) -> list[list[str]]:
    """(number, public id of a tip) of some cases, the most urgent first."""
    found: list[list[str]] = hotline.script(CASES)
    return found


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 640)])
def test_axe_finds_nothing_on_the_pages_of_cases(
    hotline: Stack, cases: list[list[str]], browser: Any, scheme: str, width: int
) -> None:
    """Nor is any of them wider than the window."""
    seen = browser.new_context(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 900})
    page, faults = seen.new_page(), {}
    page.goto(f"{hotline.url}/console/login/")
    page.fill("[name=username]", "coco")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".topbar-nav")
    (number, tip), (other, _tip) = cases[:2]
    of_it = [f"cases/{number}/{rest.format(tip=tip)}" for rest in OF_A_CASE]
    for path in (*CONSOLE, *of_it, f"cases/{number}/merge/?other={other}"):
        answer = page.goto(f"{hotline.url}/console/{path}")
        assert answer.status == 200, path
        page.wait_for_load_state("networkidle")
        faulty = found(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faulty.append("wider than the window")
        if faulty:
            faults[path] = faulty
    seen.close()
    assert faults == {}
