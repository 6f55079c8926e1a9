"""HTML of descriptions as text."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.plain_text import MOST_MARKUP, one_line, plain_text

# A busy machine may take long over one example.

"""Of a slow machine. Reading that is not one pass takes minutes."""

SIMPLE_PIECES = ["<p>", "</p>", "<b>", "</b>", "<BR>", "<br/>", "<li>", "</li>", "<td>", "</td>",
    '<a href="https://x.example">', "</a>", "a", " b ", "\n", "\u2028", "&amp;", "&lt;b&gt;", "&",
    "é", "a > b", "&am", "p;", "&#65;", "=SUM(1)"]  # fmt: skip
ODD_PIECES = [*SIMPLE_PIECES, "<", "<script>", "</script>", "<!-- x -->", "<support>", "<a href=x>",
    "<![CDATA[x]]>", "<![", "<?php ?>", "\x00", "\x01", "<style/>", "</nothing>"]  # fmt: skip


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("two\nlines\r\n\r\nkept", "two\nlines\nkept"),
        ("a\u2028b\u2029c\x85d", "a\nb\nc\nd"),
        ("fish &amp; chips &lt; 5", "fish & chips < 5"),
        ("<p>Short <b>HTML</b></p>", "Short HTML"),
        ("<p>one</p><p>two\nthree</p>", "one\ntwo three"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<ul><li>a</li><li>b</li><li></li></ul>", "• a\n• b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("bo<b>l</b>d", "bold"),
        ("<script>alert('xss')</script>left", "left"),
        ("<STYLE>p {color: red}</STYLE>left", "left"),
        ("<script/>left", "left"),
        ("<script>never closed", "never closed"),
        ("<script>a</script >b<script>c", "bc"),
        ('<a title="a > b" href=x>left</a>', "left"),
        ("<p class=it's>left</p>", "left"),
        ("left<!-- never closed", "left"),
        ("<head><title>x</title></head>left", "left"),
        ("<!-- unseen -->seen", "seen"),
        ("<![CDATA[unseen]]>seen<![0>", "seen"),
        ("nodes <low-mem> only", "nodes <low-mem> only"),
        ("Write to <help@site.example>!", "Write to <help@site.example>!"),
        ("fewer < 10 and more > 5", "fewer < 10 and more > 5"),
        ("&lt;b&gt; is shown", "<b> is shown"),
        ('<img src="x" onerror="alert(1)">picture', "picture"),
        ("nul\x00 and bell\x07 and half \ud800", "nul and bell and half"),
        ("&am<b></b>p; &#0; &#1;", "&amp; \ufffd"),
        ("&nbsp;spaces&nbsp;&nbsp;here ", "spaces here"),
    ],
)
def test_visible_text(markup: str, text: str) -> None:
    """plain_text keeps what a reader would see, and words that only look like tags."""
    assert text == plain_text(markup)


class Reader(HTMLParser):
    """Collects text as the parser of the standard library finds it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words = ""

    def handle_data(self, data: str) -> None:
        """Text between two tags."""
        self.words += data


@given(st.lists(st.sampled_from(SIMPLE_PIECES)).map("".join))
def test_agrees_with_the_parser_of_the_standard_library(markup: str) -> None:
    """Of properly written markup, the same signs are text; only blanks and bullets differ."""
    reader = Reader()
    reader.feed(markup)
    reader.close()

    assert "".join(reader.words.split()) == "".join(plain_text(markup).replace("•", "").split())


@given(st.text() | st.lists(st.sampled_from(ODD_PIECES)).map("".join))
def test_any_text_becomes_lines_without_control_signs(markup: str) -> None:
    """Whatever comes in, the lines that come out are stripped, not empty, and storable."""
    text = plain_text(markup)

    assert all(line == " ".join(line.split()) and line for line in text.split("\n") if text)
    assert not any(sign < " " and sign != "\n" for sign in text)
    text.encode()


@given(st.text(), st.integers(1, 20))
def test_cut(text: str, most: int) -> None:
    """Both functions stay within the length asked for, and say when they cut."""
    for whole, short in (
        (plain_text(text), plain_text(text, most)),
        (one_line(text), one_line(text, most)),
    ):
        assert len(short) <= most
        assert short == whole or short.endswith("…")


def test_one_line_has_no_line_ends() -> None:
    """one_line makes one space of every run of whitespace and leaves markup alone."""
    assert one_line(" a\r\n\tb\u2028<b>c</b>\x00 ") == "a b <b>c</b>"


@pytest.mark.parametrize(
    "piece",
    ["<", "<a ", "<!--", "<!", "<![", "</", "<b>", "&", "<script>", "</script", '<a x="', "<a '",
     "<a x=", "<!-->", "<script><!--", "&#x", "<li>", "<a\t"],
)  # fmt: skip
def test_hostile_repetition_is_read(piece: str) -> None:
    """100,000 signs of tag beginnings have an end, and give no more text than they are."""
    assert len(plain_text(piece * MOST_MARKUP)) <= MOST_MARKUP
