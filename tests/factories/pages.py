"""Reading pages as a browser would: tokens of forms, links, and what a strict policy refuses."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """A parsed page: its tags with attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())

    @property
    def text(self) -> str:
        """Return all text of the page."""
        return " ".join(self.texts)

    def token(self) -> str:
        """Return the first form's CSRF token."""
        return next(
            attributes["value"]
            for tag, attributes in self.tags
            if tag == "input" and attributes.get("name", "").endswith("csrf_token")
        )

    def actions(self) -> list[str]:
        """Return where the page's forms are sent."""
        return [attributes["action"] for _, attributes in self.tags if "action" in attributes]

    def links(self) -> list[str]:
        """Return where the page's links lead."""
        return [attributes["href"] for tag, attributes in self.tags if "href" in attributes]

    def options(self, name: str) -> list[str]:
        """Return the values a select offers, the empty one left out."""
        found, inside = [], False
        for tag, attributes in self.tags:
            if tag == "select":
                inside = attributes.get("name") == name
            elif tag == "option" and inside and attributes.get("value"):
                found.append(attributes["value"])
        return found

    def refused_by_policy(self) -> list[str]:
        """Return what a policy of 'self' alone would refuse: inline code, styles, strangers."""
        found = []
        for tag, attributes in self.tags:
            found += [f"{tag} {name}" for name in attributes if name.startswith("on")]
            if "style" in attributes or tag == "style":
                found.append(f"{tag} style")
            if tag == "script" and not attributes.get("src"):
                found.append("inline script")
            for name in ("href", "src", "action"):
                if attributes.get(name, "").lower().startswith("javascript:"):
                    found.append(f"{tag} {name}={attributes[name]}")
            if tag in {"script", "link", "img"}:
                address = attributes.get("src", attributes.get("href", ""))
                if "//" in address:
                    found.append(f"{tag} from {address}")
        return found
