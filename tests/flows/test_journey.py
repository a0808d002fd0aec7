"""The whole walk in a browser: a follower's tip, two people, police first, suspended, arrested, told, counted."""

from __future__ import annotations

import re
from typing import Any

import pytest
import walk
from stack import Stack, wait_for

pytestmark = pytest.mark.journey

POLICE = "harbin"


def addresses(stack: Stack) -> dict[str, str]:
    """The routes of the demonstration's recipients that the walk needs."""
    return dict(
        stack.script(
            "from tocsin.directory.models import Route\n"
            "print(json.dumps(dict(Route.objects.values_list('recipient__key', 'address'))))"
        )
    )


def test_one_tip_walks_from_a_follower_to_an_arrest(stack: Stack, browser: Any) -> None:
    stack.start_web()
    stack.start("worker")
    public = browser.new_context(java_script_enabled=False)
    follower = public.new_page()
    receipt = walk.send_tip(follower, stack)
    assert len(receipt.replace("-", "")) == 20
    assert public.cookies() == [], "the public pages set no cookie"
    assert status_of(follower, stack, receipt) == ["received"]

    ada = browser.new_context(locale="en-GB").new_page()
    problems: list[str] = []
    ada.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    walk.sign_in(ada, stack, "ada")
    number = walk.open_first_case(ada, stack)
    # the worker opens a case in one step and says how urgent it is in the next
    wait_for("a child in danger now to come first", lambda: is_immediate(ada))
    assert "639981234" not in re.sub(r"\D", "", ada.content()), "the reporter's own number is sealed"
    walk.confirm_reported(ada)
    walk.set_subject(ada)
    walk.assess(ada)
    walk.propose(ada)

    ravi = browser.new_context(locale="en-GB").new_page()
    walk.sign_in(ravi, stack, "ravi")
    approved = walk.approve_all(ravi, stack)
    assert approved == 4, "one referral and a notice for each of three platforms"

    where = addresses(stack)
    police = next(address for key, address in where.items() if POLICE in key)
    providers = [address for key, address in where.items() if key in PROVIDERS]
    assert len(providers) == 3
    referral = wait_for("the referral", lambda: stack.letters.to(police))[0]
    settle(stack)
    assert not any(stack.letters.to(address) for address in providers), "police first: no notice has left"

    page = public.new_page()
    link = walk.link_in(referral)
    walk.answer_police(page, link, "go_ahead")
    letters = [wait_for(f"the notice to {to}", lambda to=to: stack.letters.to(to))[0] for to in providers]
    check_letters(letters, referral, number)
    assert sum(walk.answer_provider(page, walk.link_in(letter)) for letter in letters) == 3
    walk.answer_police(page, link, "arrested")

    summary = wait_for("the clock", lambda: clock_of(ada, stack, number))
    assert re.search(r"all gone after .*arrested after", summary, re.I), summary
    release_sentence(ada, stack, number)
    wait_for("the reporter's sentence", lambda: "Something was done" in read_status(follower, stack, receipt))
    assert stack.tocsin("stats", "--publish").returncode == 0
    follower.goto(f"{stack.url}/figures")
    assert "fewer than 5" in follower.locator("main").inner_text().lower()
    assert number not in follower.content()
    assert public.cookies() == []
    assert [text for text in problems if "Content Security Policy" in text] == []
    assert stack.tocsin("audit", "verify").returncode == 0
    for word in ("6660012345", "copper.finch01", "pottery_lake", "Harbin", "639981234", police):
        assert word not in stack.logs(), "nothing of a case is in a log"


def is_immediate(page: Any) -> bool:
    page.reload()
    return bool(page.locator(".lane-immediate, [class*=immediate]").count())


PROVIDERS = {"weibo", "douyin", "instagram"}


def settle(stack: Stack) -> None:
    """Until the worker has nothing left to do: everything approved has been looked at."""
    unchained = "SELECT count(*) FROM audit_auditrow WHERE position IS NULL"
    wait_for("a quiet worker", lambda: stack.number(unchained) == 0)


def read_status(page: Any, stack: Stack, receipt: str) -> str:
    page.goto(f"{stack.url}/status")
    page.fill("#id_receipt", receipt)
    page.click("form button[type=submit]")
    return str(page.locator("main").inner_text())


def status_of(page: Any, stack: Stack, receipt: str) -> list[str]:
    read_status(page, stack, receipt)
    return [text.strip().lower() for text in page.locator(".stepper [aria-current=step]").all_inner_texts()]


def clock_of(page: Any, stack: Stack, number: str) -> str:
    page.goto(f"{stack.url}/console/cases/{number}/")
    page.wait_for_selector("#clock-title")
    page.wait_for_load_state("networkidle")
    text = str(page.locator("#clock").inner_text())
    return text if "arrested after" in text.lower() else ""


def release_sentence(page: Any, stack: Stack, number: str) -> None:
    page.goto(f"{stack.url}/console/cases/{number}/")
    page.wait_for_selector("#reporters input[name=outcome]")
    page.check("#reporters input[name=outcome][value=helped]")
    page.click("#reporters form button[type=submit]")
    page.wait_for_load_state()


def whole(letter: Any) -> str:
    """Everything that a recipient can read: the headers, and every part as it is after decoding."""
    parts = [bytes(part.get_payload(decode=True) or b"") for part in letter.walk() if not part.is_multipart()]
    headers = "\n".join(f"{name}: {value}" for name, value in letter.items())
    return headers + "\n" + "\n".join(part.decode("utf-8", "replace") for part in parts)


def check_letters(letters: list[Any], referral: Any, number: str) -> None:
    """Each hears only of its own, never of the reporter, the case number, police or a word of the narrative."""
    references = set()
    for letter in [*letters, referral]:
        raw = whole(letter)
        for secret in (number, "child models", "639981234", "39 98 12 34"):
            assert secret not in raw
        assert "https://weibo.com" not in letter.get_body(("plain",)).get_content(), "defanged in the text"
        references.add(re.search(r"T-[0-9A-Za-z]+", str(letter["Subject"]))[0])  # type: ignore[index]
    assert len(references) == 4, "an own reference for each recipient"
    assert len({str(letter["Message-ID"]) for letter in [*letters, referral]}) == 4
    for letter in letters:
        assert letter.get_content_type() == "multipart/report"
        own = [name for name in walk.SUSPECT if name.split(":")[-1] in whole(letter)]
        assert len(own) == 1, "a platform hears only of its own account"
        text = letter.get_body(("plain",)).get_content().lower()
        assert "police" not in text
        assert "公安" not in text
        assert "警" not in text
