"""Take the pictures of docs/img: `python tests/flows/pictures.py` (the demonstration's tips, real pages, Chromium).

Names are <page>-<form>-<scheme>.png; run it after a page changed, and look at what comes out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import walk  # noqa: E402
from conftest import CHROMIUM, FLAGS  # noqa: E402
from stack import ROOT, Stack, running, wait_for  # noqa: E402

OUT = ROOT / "docs/img"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
LOAD = """
from pathlib import Path
from tocsin.tips.accept import accept
from tocsin.tips.paste import parse
lines = [line.incoming for line in parse(Path("examples/scenario.jsonl").read_text(encoding="utf-8"))]
accept([one for one in lines if one is not None and one.text.strip()], "cli:demo")
"""
HARBIN = """
from tocsin.identifiers.models import Identifier
from tocsin.cases.models import CaseTip
row = Identifier.objects.get(canonical="uid:6660077001")
print(json.dumps(CaseTip.objects.filter(tip__mentions__identifier=row).first().case.number))
"""


@contextmanager
def pages(browser: Any, scheme: str, size: dict[str, int], locale: str = "en-GB") -> Iterator[Any]:
    context = browser.new_context(color_scheme=scheme, viewport=size, locale=locale, device_scale_factor=1)
    yield context.new_page()
    context.close()


def shot(page: Any, name: str, whole: bool = False) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=str(OUT / f"{name}.png"), full_page=whole)


def public(browser: Any, stack: Stack) -> None:
    for scheme in ("light", "dark"):
        for form, size in (("phone", PHONE), ("desktop", DESKTOP)):
            with pages(browser, scheme, size) as page:
                page.goto(stack.url)
                shot(page, f"form-{form}-{scheme}", whole=form == "phone")
    with pages(browser, "light", PHONE, "zh-CN") as page:
        page.goto(f"{stack.url}/?lang=zh-hans")
        shot(page, "form-phone-chinese")
    with pages(browser, "light", PHONE) as page:
        receipt = walk.send_tip(
            page, stack, "A pottery shop at https://kiln.example.org/sale looks odd to me"
        )
        shot(page, "receipt-phone-light", whole=True)
        page.goto(f"{stack.url}/status")
        page.fill("#id_receipt", receipt)
        page.click("form button[type=submit]")
        shot(page, "status-phone-light")


def console(browser: Any, stack: Stack) -> str:
    number = str(stack.script(HARBIN))
    for scheme in ("light", "dark"):
        with pages(browser, scheme, DESKTOP) as page:
            walk.sign_in(page, stack, "ada")
            page.goto(f"{stack.url}/console/cases/")
            shot(page, f"queue-{scheme}")
            page.goto(f"{stack.url}/console/cases/{number}/")
            shot(page, f"case-{scheme}")
            shot(page, f"case-whole-{scheme}", whole=True)
    with pages(browser, "light", DESKTOP, "zh-CN") as page:
        walk.sign_in(page, stack, "ada")
        page.goto(f"{stack.url}/console/cases/{number}/?lang=zh-hans")
        shot(page, "case-chinese")
    return number


def work_on(browser: Any, stack: Stack, number: str) -> None:
    with pages(browser, "light", DESKTOP) as page:
        walk.sign_in(page, stack, "ada")
        page.goto(f"{stack.url}/console/cases/{number}/")
        walk.confirm_reported(page)
        walk.set_subject(page)
        walk.assess(page)
        page.wait_for_selector("#plan-panel input[name=order]")
        page.locator("#plan").scroll_into_view_if_needed()
        shot(page, "plan-light")
        page.check("#plan-panel input[name=order][value=police_first]")
        walk.propose(page)
    with pages(browser, "light", DESKTOP) as page:
        walk.sign_in(page, stack, "ravi")
        page.goto(f"{stack.url}/console/approvals/")
        shot(page, "approvals-light")
        page.locator("[data-rows] a[data-open]", has_text="Weibo").first.click()
        shot(page, "notice-light", whole=True)
        walk.approve_all(page, stack)


def answers(browser: Any, stack: Stack, number: str) -> None:
    where = stack.script(
        "from tocsin.directory.models import Route\n"
        "print(json.dumps(dict(Route.objects.values_list('recipient__key', 'address'))))"
    )
    police = next(address for key, address in where.items() if "harbin" in key)
    referral = wait_for("the referral", lambda: stack.letters.to(police))[0]
    link = walk.link_in(referral)
    for scheme, size, form in (("light", DESKTOP, "police-light"), ("dark", PHONE, "police-phone-dark")):
        with pages(browser, scheme, size) as page:
            page.goto(link + "?lang=en")
            shot(page, f"reply-{form}")
    with pages(browser, "light", DESKTOP) as page:
        walk.answer_police(page, link, "go_ahead")
        keys = [key for key in where if key not in ("police-harbin",) and stack.letters is not None]
        taken = wait_for(
            "a notice", lambda: [a for k, a in where.items() if k in keys and stack.letters.to(a)]
        )
        wait_for("quiet", lambda: quiet(stack))
        taken = [a for k, a in where.items() if k in keys and stack.letters.to(a)]
        first = walk.link_in(stack.letters.to(next(a for a in taken if "weibo" in a))[0])
        page.goto(first + "?lang=en")
        shot(page, "reply-provider-light")
        for address in taken:
            walk.answer_provider(page, walk.link_in(stack.letters.to(address)[0]))
        walk.answer_police(page, link, "arrested")
    wait_for("quiet", lambda: quiet(stack))
    with pages(browser, "light", DESKTOP) as page:
        walk.sign_in(page, stack, "ada")
        page.goto(f"{stack.url}/console/cases/{number}/")
        shot(page, "case-done-light", whole=True)
        page.goto(f"{stack.url}/console/figures/")
        shot(page, "figures-console-light")
        page.goto(f"{stack.url}/console/outbox/")
        shot(page, "outbox-light")
        page.goto(f"{stack.url}/console/health/")
        shot(page, "health-light")
        page.goto(f"{stack.url}/console/loose/")
        shot(page, "loose-light")
    stack.tocsin("stats", "--publish")
    for scheme in ("light", "dark"):
        with pages(browser, scheme, DESKTOP) as page:
            page.goto(f"{stack.url}/figures")
            shot(page, f"figures-{scheme}")


def quiet(stack: Stack) -> bool:
    return stack.script(
        "from tocsin.audit.models import AuditRow\nfrom tocsin.dispatch.models import Answer, Dispatch\n"
        "print(json.dumps(not AuditRow.objects.filter(position=None).exists() and not Answer.objects.filter("
        "answerread=None).exists() and not Dispatch.objects.filter(state__in=['approved', 'queued']).exists()))"
    )


def main() -> None:
    """Everything, in the order of the walk."""
    from playwright.sync_api import sync_playwright

    OUT.mkdir(parents=True, exist_ok=True)
    with running("pictures") as stack, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        stack.script(LOAD)
        stack.tocsin("worker", "--once")
        stack.start_web()
        stack.start("worker")
        public(browser, stack)
        number = console(browser, stack)
        work_on(browser, stack, number)
        answers(browser, stack, number)
        browser.close()


if __name__ == "__main__":
    main()
