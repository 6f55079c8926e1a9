"""HTML as the text a reader would see. Descriptions on a Waldur server hold raw HTML.

Only elements of the HTML standard are taken for markup, so that "nodes <low-mem> only" keeps its
words. The result is plain text: it is safe to store, not safe to interpret again.
"""

import re
from html import unescape

__all__ = ["one_line", "plain_text"]

MOST_MARKUP = 100_000
"""Signs of markup that are read. No one reads a longer description."""

_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "caption", "dd", "details", "dialog",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hgroup", "hr", "legend", "li", "main", "menu", "nav", "ol",
    "optgroup", "option", "p", "pre", "search", "section", "summary", "table", "tbody",
    "tfoot", "thead", "tr", "ul",
})  # fmt: skip
_INLINE = frozenset({
    "a", "abbr", "acronym", "audio", "b", "bdi", "bdo", "big", "body", "button", "canvas",
    "center", "cite", "code", "col", "colgroup", "data", "datalist", "del", "dfn", "em",
    "embed", "font", "html", "i", "img", "input", "ins", "kbd", "label", "link", "map",
    "mark", "meta", "meter", "object", "output", "param", "picture", "progress", "q", "rp",
    "rt", "ruby", "s", "samp", "select", "slot", "small", "source", "span", "strike",
    "strong", "sub", "sup", "svg", "td", "th", "time", "track", "tt", "u", "var", "video",
    "wbr",
})  # fmt: skip
_UNSEEN = frozenset({
    "head", "iframe", "noscript", "script", "style", "template", "textarea", "title",
})  # fmt: skip
"""Elements whose content is not text of the page."""

_BREAK, _JOINT = "\x00", "\x01"
"""Where a line ends, and where a tag was that ends none. Neither sign is ever a part of a text."""

_MARKS = {
    **dict.fromkeys(_INLINE, _JOINT),
    **dict.fromkeys(_BLOCKS, _BREAK),
    **dict.fromkeys(_UNSEEN, _JOINT),
    **{f"/{name}": _JOINT for name in _INLINE | _UNSEEN},
    **{f"/{name}": _BREAK for name in _BLOCKS},
    "li": f"{_BREAK}• ",
    "td": " ",
    "th": " ",
    "!": _JOINT,
}
"""What stands in the text for the beginning of an element, behind "/" for its end, and as "!" for
what is neither."""

_TOKEN = re.compile(
    r"""<!--(?:.*?-->|.*)
    |<[!?][^<>]*>
    |<(/?[a-z][^\s/<>"'=]*)(?:(?:[^<>"']|"[^"<]*"|'[^'<]*')*+|[^<>]*)>""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
"""A comment, a declaration, or a tag with its name. No sign is looked at again and again, whatever
the text: the standard library's parser takes minutes for 100,000 signs of "<a "."""

_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")


def plain_text(markup: str, most: int | None = None) -> str:
    """The visible text of `markup`, a paragraph or list item a line, without empty lines.

    Text without any markup keeps its own lines. With `most`, a longer text is cut and ends in "…".
    """
    if not markup:
        return ""
    markup = _CONTROL.sub("", markup[:MOST_MARKUP])
    if "<" in markup:
        # A line end in the source of a page is a mere space.
        lines = unescape(_marked(markup)).replace(_JOINT, "").split(_BREAK)
    else:
        lines = unescape(markup).splitlines()
    whole = (" ".join(line.split()) for line in lines)
    text = "\n".join(line for line in whole if line not in ("", "•"))
    return _cut(_CONTROL.sub("", text), most)


def one_line(text: str, most: int | None = None) -> str:
    """`text` on one line for a table cell: every run of whitespace is one space."""
    return _cut(" ".join(_CONTROL.sub("", text).split()), most)


def unturned(text: str) -> str:
    """`text` without the signs that turn the direction of what stands beside it."""
    return _TURNS.sub("", text)


def _marked(markup: str) -> str:
    """The text of `markup` with marks in place of its tags; entities are left as they are."""
    parts: list[str] = []
    unclosed: set[str] = set()
    end = 0
    while token := _TOKEN.search(markup, end):
        parts.append(markup[end : token.start()])
        end = token.end()
        name = (token[1] or "!").lower()
        if name in _UNSEEN and name not in unclosed and markup[end - 2] != "/":
            closing = re.compile(f"</{name}[^<>]*>", re.IGNORECASE).search(markup, end)
            if closing:
                end = closing.end()
            else:
                # Nothing says where it ends, so nothing is hidden.
                unclosed.add(name)
        parts.append(_MARKS.get(name, token[0]))
    parts.append(markup[end:])
    return "".join(parts)


def _cut(text: str, most: int | None) -> str:
    return text if most is None or len(text) <= most else text[: most - 1].rstrip() + "…"
