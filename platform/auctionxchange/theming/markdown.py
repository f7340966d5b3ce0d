"""House text: Markdown in, sanitised HTML out; never a template."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {
    "p", "br", "em", "strong", "a", "ul", "ol", "li", "blockquote", "h2", "h3", "h4", "hr",
    "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "del", "sup", "sub",
}  # fmt: skip

_PARSER = MarkdownIt("commonmark", {"html": False, "breaks": True, "typographer": True}).enable(
    ["table", "strikethrough", "smartquotes", "replacements"]
)


def markdown(text: str | None) -> Markup:
    """Turn a house's Markdown into safe HTML; links carry rel and never run a script."""
    if not text:
        return Markup("")
    html = nh3.clean(
        _PARSER.render(text),
        tags=TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener nofollow",
    )
    return Markup(html)  # noqa: S704 - nh3 has just cleaned it
