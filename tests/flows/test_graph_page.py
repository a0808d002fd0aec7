"""The link graph in a browser: it draws under our policy, a click opens what is clicked, axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stack import PASSWORD, Stack, running

pytestmark = [pytest.mark.journey, pytest.mark.once("sqlite")]

AXE = Path(__file__).resolve().parents[1] / "vendor/axe-core-4.14.1/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TESTS = Path(__file__).resolve().parents[1]
SET_UP = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
from read_tips import read_tip, walk
from tocsin.cases.models import CaseTip
mine = [read_tip("strong:kiln", "weak:clay") for _ in range(3)]
other = read_tip("strong:wheel", "weak:clay")
walk()
print(json.dumps([CaseTip.objects.get(tip=tip).case.number for tip in (mine[0], other)]))
"""
WHERE = "id => {const p = document.getElementById('graph').graph.getElementById(id).renderedPosition(); return [p.x, p.y]}"


@pytest.fixture(scope="module")
def hotline() -> Iterator[tuple[Stack, str, str]]:
    with running("graph") as stack:
        number, other = stack.script(SET_UP)
        stack.start_web()
        yield stack, number, other


def signed_in(hotline: Stack, seen: Any) -> Any:
    page = seen.new_page()
    page.goto(f"{hotline.url}/console/login/")
    page.fill("[name=username]", "ada")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".topbar-nav")
    return page


def drawn(page: Any, nodes: int) -> None:
    page.wait_for_selector(f"#graph[data-nodes='{nodes}']")


def test_a_click_on_a_case_opens_its_tips_and_the_policy_refuses_nothing(
    hotline: tuple[Stack, str, str], browser: Any
) -> None:
    stack, number, other = hotline
    seen = browser.new_context(viewport={"width": 1280, "height": 900})
    page = signed_in(stack, seen)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{stack.url}/console/cases/{number}/")
    page.click(f"a[href$='/cases/{number}/graph/']")
    drawn(page, 7)  # two cases, three tips, two identifiers
    assert page.locator("#graph-tables").get_by_text("its tips are not shown yet").count() == 1
    x, y = page.evaluate(WHERE, f"case:{other}")
    page.locator("#graph").click(position={"x": x, "y": y})
    drawn(page, 9)  # one tip more, and what it names
    assert f"expand=case%3A{other}" in page.url
    assert other in page.locator(".graph-said").inner_text()
    assert page.locator("#graph-tables").get_by_text("its tips are not shown yet").count() == 0
    x, y = page.evaluate(WHERE, f"case:{other}")
    page.locator("#graph").click(position={"x": x, "y": y})
    drawn(page, 7)  # folded again
    assert complaints == []
    seen.close()


def test_the_keyboard_opens_the_same_from_the_table_and_so_does_a_page_without_a_script(
    hotline: tuple[Stack, str, str], browser: Any
) -> None:
    stack, number, other = hotline
    for script in (True, False):
        seen = browser.new_context(java_script_enabled=script)
        page = signed_in(stack, seen)
        page.goto(f"{stack.url}/console/cases/{number}/graph/")
        if script:
            drawn(page, 7)
        assert page.locator("#graph").is_visible() is script
        page.locator(f"tr[data-row='case:{other}'] a.btn").press("Enter")
        page.wait_for_selector(f"tr[data-row='case:{other}'] a.btn:has-text('Fold')")
        assert page.locator("#graph-tables").get_by_text("strong:wheel").count() > 0
        if script:
            drawn(page, 9)
            assert page.evaluate("document.activeElement.textContent") == "Fold"
        seen.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_cut_off_at_200_percent(
    hotline: tuple[Stack, str, str], browser: Any, scheme: str
) -> None:
    stack, number, other = hotline
    for width in (1280, 640):  # 640: what is left of it at 200 %
        seen = browser.new_context(
            bypass_csp=True,
            color_scheme=scheme,
            reduced_motion="reduce",
            viewport={"width": width, "height": 720},
        )
        page = signed_in(stack, seen)
        page.goto(f"{stack.url}/console/cases/{number}/graph/?expand=case:{other}")
        drawn(page, 9)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS)
        assert [f"{v['id']}: {node['target']}" for v in found["violations"] for node in v["nodes"]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        seen.close()
