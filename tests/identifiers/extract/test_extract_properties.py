"""What holds for every text, not only for the labelled ones."""

from __future__ import annotations

from extract_scoring import found, labels, triples
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.identifiers.extract import canonical_from, extract, load_catalogue, location

# Identifiers whose spelling carries itself: an address, an e-mail, a number or a name with its platform.
ROWS = [
    row
    for row in labels("own.jsonl")
    if row["text"].startswith(("https://", "http://")) and row["lang"] == "en"
]
HANDLES = [row for row in labels("own.jsonl") if row["text"].isascii() and "text" in row["tags"]]
SURROUNDINGS = [
    "{}", "({})", "[{}]", "<{}>", '"{}"', "«{}»", "「{}」", "（{}）", "举报{} 谢谢", "请看：{}，谢谢", "👉{}👈", "\u200b{}\u200b",
    "\u202b{}\u202c", "see {}, please.", "{}!", "{}。", "\n{}\n", "Привет, вот {} , смотрите", "الرابط: {} ، شكرا",
]  # fmt: skip
# Glued text on both sides: only for addresses, whose ends are known.
GLUED = ["举报{}请核实", "看{}这里", "이것{}입니다", "これ{}です"]
FULL_WIDTH = {
    code: code + 0xFEE0 for code in range(0x21, 0x7F) if chr(code).isalnum() or chr(code) in ".:/@-_"
}
SPANS = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("@.:/#+-_()[]{}0123456789abctmehpsqxQXV微信群号点。　１ａ\u200b\ud800"),
    ),
    max_size=200,
)


def without_shared_words(row: dict[str, object]) -> bool:
    return "?" not in str(row["text"]) and "#" not in str(row["text"])


@given(row=st.sampled_from(ROWS), around=st.sampled_from(SURROUNDINGS))
@settings(max_examples=150, deadline=None)
def test_an_address_is_found_in_any_surrounding(row: dict[str, str], around: str) -> None:
    assert set(triples(row)) <= found(around.replace("{}", row["text"]))


@given(
    row=st.sampled_from([r for r in ROWS if without_shared_words(r) and r["text"][-1].isalnum()]),
    around=st.sampled_from(GLUED),
)
@settings(max_examples=100, deadline=None)
def test_an_address_is_found_between_glued_letters(row: dict[str, str], around: str) -> None:
    assert found(around.replace("{}", row["text"])) == set(triples(row))


@given(row=st.sampled_from([r for r in ROWS if "%" not in r["text"]]))
@settings(max_examples=150, deadline=None)
def test_a_defanged_address_gives_the_same(row: dict[str, str]) -> None:
    scheme, _, rest = row["text"].partition("://")
    host, slash, path = rest.partition("/")
    defanged = f"{scheme.replace('tt', 'xx')}://{host.replace('.', '[.]')}{slash}{path}"
    assert found(defanged) == set(triples(row))


@given(row=st.sampled_from([r for r in ROWS if set(r["text"]) <= set(map(chr, FULL_WIDTH))]))
@settings(max_examples=100, deadline=None)
def test_a_full_width_address_gives_the_same(row: dict[str, str]) -> None:
    assert found(row["text"].translate(FULL_WIDTH)) == set(triples(row))


@given(
    row=st.sampled_from(HANDLES),
    around=st.sampled_from(["{}", "({})", "«{}»", "「{}」", "请看：{}，谢谢", "{}。", "\u200b{}"]),
)
@settings(max_examples=120, deadline=None)
def test_a_handle_with_its_cue_is_found_in_any_surrounding(row: dict[str, str], around: str) -> None:
    assert set(triples(row)) <= found(around.replace("{}", row["text"]))


@given(text=SPANS)
@settings(max_examples=100, deadline=None)
def test_no_text_makes_it_fail_and_spans_lie_inside_the_text(text: str) -> None:
    result = extract(text)
    for item in (*result.identifiers, *result.observations):
        assert 0 <= item.start < item.end <= len(text)
        assert item.raw == text[item.start : item.end]


@given(text=SPANS, row=st.sampled_from(ROWS))
@settings(max_examples=100, deadline=None)
def test_a_thing_is_given_once_however_often_it_occurs(text: str, row: dict[str, str]) -> None:
    names = [
        (i.kind, i.platform, i.canonical) for i in extract(f"{row['text']} {text} {row['text']}").identifiers
    ]
    assert len(names) == len(set(names))


@given(text=SPANS)
@settings(max_examples=100, deadline=None)
def test_what_an_analyst_types_never_makes_it_fail(text: str) -> None:
    for item in canonical_from(text):
        assert item.raw == text[item.start : item.end]


def test_the_canonical_form_of_a_canonical_form_is_itself() -> None:
    for platform in load_catalogue().platforms.values():
        for text, _ in platform.examples:
            for item in extract(text).identifiers:
                typed = canonical_from(f"{item.platform}: {item.canonical}")
                address = location(item.kind, item.platform, item.canonical)
                again = found(address) if address else {(i.kind, i.platform, i.canonical) for i in typed}
                known = {
                    "facebook",
                    "fediverse",
                    "matrix",
                }  # their posts need more than the id to be addressed
                if address or item.platform in ("email", "phone", "iban", "btc", "eth", "tron"):
                    assert (item.kind, item.platform, item.canonical) in again or item.platform in known, (
                        address
                    )
