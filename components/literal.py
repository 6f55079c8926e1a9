"""Text of the server as text: nothing in it is read as Markdown, HTML, LaTeX or an icon.

Every text that did not come from this code passes through here on its way into a Streamlit
call that interprets its argument (labels, captions, markdown, errors, titles, help).
"""

import re
from urllib.parse import urlsplit

ZERO_WIDTH_SPACE = "\u200b"
_ESCAPED = frozenset("\\`*_{}[]()#+-.!|~$<>&=^\"'")
_JOINED = re.compile(r"(?i)(?<=www)(?=\\\.)|(?<=\\[-<>=~])(?=\\[-<>=~])")
_HARMLESS = re.compile(r"[^\W\d_](?:[^\W_]|[ (),/%]|(?<=\w)-(?=\w))*")
"""Letters, digits and signs that begin no markup where they stand."""
MOST_LABEL = 100
_BREAKS = dict.fromkeys(map(ord, "\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")
_UNSEEN = dict.fromkeys([*range(32), 127, 0x202A, 0x202B, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068])


def literal(text: object, most: int = 400) -> str:
    """`text` for a place where Streamlit reads Markdown, on one line, cut after `most` signs.

    Backslashes alone are not enough: `\\:material/x\\:` still becomes an icon, bare addresses
    become links and `->` an arrow. A zero-width space behind each colon, at-sign and `www`, and
    between the signs that Streamlit draws as one, breaks them.
    Signs that turn the direction of the text around are dropped, so that a name cannot rewrite
    what stands beside it.
    """
    # Blanks at the ends would make a code block, or keep `**` around a name from being bold.
    plain = str(text).translate(_BREAKS).translate(_UNSEEN).strip()
    if len(plain) > most:
        plain = plain[: most - 1] + "…"
    escaped = "".join("\\" + sign if sign in _ESCAPED else sign for sign in plain)
    for sign in (":", "@"):
        escaped = escaped.replace(sign, sign + ZERO_WIDTH_SPACE)
    return _JOINED.sub(ZERO_WIDTH_SPACE, escaped)


def label(text: object) -> str:
    """The same for the label of an input, which screen readers read as it stands.

    Nothing is escaped where nothing in it could be taken for markup.
    """
    plain = str(text)
    return plain if _HARMLESS.fullmatch(plain) and len(plain) <= MOST_LABEL else literal(plain)


def web_address(text: object) -> str | None:
    """`text` if it is an http(s) address that may become a link, else None."""
    if not isinstance(text, str):
        return None
    address = text.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    good = parts.scheme in {"http", "https"} and parts.hostname and address.isprintable()
    return address if good and not set("\\ ") & set(parts.netloc) else None
