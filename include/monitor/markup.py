"""HTML that cannot be broken into: every text and every attribute is escaped, unless it was made here."""

from __future__ import annotations

import html

from include.contracts.text import printable

_VOID = frozenset({"meta", "link", "br", "rect", "path", "line"})


class Html(str):
    """Text that is markup already. Made by ``element`` and ``joined``, and of constants of this station alone."""

    __slots__ = ()


Content = Html | str | int | None


def escaped(content: Content) -> Html:
    """``content`` as markup; None is nothing. Characters that control (directions of text too) are shown as lost."""
    if content is None:
        return Html("")
    if isinstance(content, Html):
        return content
    return Html(html.escape(printable(str(content))))


def element(name: str, /, *contents: Content, **attributes: Content) -> Html:
    """``element("td", text, class_="n")`` -> markup. A trailing ``_`` is dropped, ``_`` is ``-``; None is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Html(f"<{name}{written}>" if name in ("meta", "link", "br") else f"<{name}{written}/>")
    return Html(f"<{name}{written}>{''.join(map(escaped, contents))}</{name}>")


def joined(*contents: Content) -> Html:
    """Several contents, one after another."""
    return Html("".join(map(escaped, contents)))
