"""Text of the server stays text; tests/browser/test_literal.py looks at the same in a browser."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.literal import ZERO_WIDTH_SPACE, label, literal, web_address
from components.price_charts import distinct

# Those of ASCII punctuation that begin or end something in Markdown, HTML or LaTeX.
SPECIAL = set("\\`*_{}[]()#+-.!|~$<>&=^\"'")
DIRECTIONS = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"


def read_back(escaped: str) -> str:
    """What a reader of Markdown shows."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", escaped.replace(ZERO_WIDTH_SPACE, ""))


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("", ""),
        ("Kratt, partition 2", "Kratt, partition 2"),
        ("Õhtu õlu 日本 🚀", "Õhtu õlu 日本 🚀"),
        ("**bold**", r"\*\*bold\*\*"),
        ("a_b", r"a\_b"),
        ("# head", r"\# head"),
        ("1. one", r"1\. one"),
        ("- item", r"\- item"),
        ("<b>", r"\<b\>"),
        ("&lt;", r"\&lt;"),
        ("[x](y)", r"\[x\]\(y\)"),
        ("![](http://e.example/i.png)", "\\!\\[\\]\\(http:\u200b//e\\.example/i\\.png\\)"),
        (":material/delete:", ":\u200bmaterial/delete:\u200b"),
        (":red[x]", ":\u200bred\\[x\\]"),
        ("$x^2$", r"\$x\^2\$"),
        ("| a |", r"\| a \|"),
        ("back\\slash", "back\\\\slash"),
        ("x@y.example", "x@\u200by\\.example"),
        ("www.evil.example", "www\u200b\\.evil\\.example"),
        ("WwW.evil.example", "WwW\u200b\\.evil\\.example"),
        ("a -> b", "a \\-\u200b\\> b"),
        ("<->", "\\<\u200b\\-\u200b\\>"),
        ("two\nlines\r\n\tand more", "two lines   and more"),
        ("    four blanks ", "four blanks"),
        ("nul\x00bell\x07", "nulbell"),
        ("evil\u202etxt.exe", r"eviltxt\.exe"),
        (None, "None"),
        (12, "12"),
    ],
)
def test_a_text_and_what_is_written_for_it(text: object, escaped: str) -> None:
    """Each kind of sign that would be read as something else."""
    assert literal(text) == escaped


@given(st.text() | st.text(st.sampled_from(string.punctuation + " w:\n\t\u202e")))
def test_no_special_sign_is_left_bare(text: str) -> None:
    """Whatever the text, each special sign has its backslash, and the text reads as it was."""
    escaped = literal(text, most=10_000)

    assert not SPECIAL & set(re.sub(r"\\[!-/:-@\[-`{-~]", "", escaped))
    assert all(after == ZERO_WIDTH_SPACE for after in re.findall(r"[:@](.?)", escaped + " "))
    assert not re.search(r"(?i)www\\?\.", escaped)
    assert not [sign for sign in escaped if ord(sign) < 32 or sign in DIRECTIONS]
    assert len(escaped.splitlines()) <= 1
    kept = text.replace(ZERO_WIDTH_SPACE, "")
    if kept.isprintable() and not set(DIRECTIONS) & set(kept):
        assert read_back(escaped) == kept.strip()


@given(st.text(min_size=1), st.integers(1, 50))
def test_a_long_text_is_cut(text: str, most: int) -> None:
    """Between signs, never within an escape, and the cut is shown."""
    shown = read_back(literal(text, most))

    assert len(shown) <= most
    assert not re.search(r"(?<!\\)(\\\\)*\\$", literal(text, most))
    if len(read_back(literal(text, 10_000))) > most:
        assert shown.endswith("…")


@pytest.mark.parametrize(
    "address",
    [
        "https://waldur.example/",
        "http://waldur.example:8000/a?b=c#d",
        "HTTPS://WALDUR.EXAMPLE",
        "https://[::1]/",
        "https://waldur.example/õ",
        "https://waldur.example/the file.pdf",
    ],
)
def test_an_address_that_may_become_a_link(address: str) -> None:
    """http and https with a host; blanks around it do not count."""
    assert web_address(address) == address
    assert web_address(f"  {address}\n") == address


@pytest.mark.parametrize(
    "other",
    [
        None,
        "",
        12,
        b"https://waldur.example/",
        ["https://waldur.example/"],
        "waldur.example",
        "//waldur.example/",
        "/offerings",
        "https://",
        "https:///path",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//https://waldur.example",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://waldur.example/",
        "https://[",
        "https://waldur .example/",
        "https://waldur.example/\nhttps://evil.example",
        "https://waldur.example/\u202egnp",
        "https://waldur.example\\@evil.example/",
    ],
)
def test_what_never_becomes_one(other: object) -> None:
    """Other schemes, no scheme, no host, and what would end the link it stands in."""
    assert web_address(other) is None


@given(st.text())
def test_no_text_becomes_a_link_of_another_kind(text: str) -> None:
    """Whatever is given."""
    for each in (text, f"https://{text}", f"javascript:{text}"):
        found = web_address(each)
        assert found is None or re.match(r"(?i)https?://[^\s/\\]", found)


@pytest.mark.parametrize("text", ["CPU (core-hours)", "Project storage (TB)", "Käyttö, yö"])
def test_a_harmless_label_stays_as_it_is(text: str) -> None:
    """Screen readers read the label of an input as it was given."""
    assert label(text) == text


@pytest.mark.parametrize(
    "text",
    ["*a*", "_a_", "a_b_", "- a", "1. a", "a [b](c)", "$x$", ":red[a]", "a - b", "a:b", "-", ""],
)
def test_any_other_label_is_literal(text: str) -> None:
    """What could be markup, or begin it."""
    assert label(text) == literal(text)


def test_names_in_a_choice_or_picture_can_be_told_apart() -> None:
    """Also from a name that looks like a numbered one."""
    assert distinct(["a", "a", "a (2)", "a"]) == ["a", "a (2)", "a (2) (2)", "a (3)"]
    assert len(set(distinct(["x" * 100, "x" * 100]))) == 2
