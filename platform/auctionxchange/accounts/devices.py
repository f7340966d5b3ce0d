"""A browser's name for people: its own description of itself is long and means little to most."""

BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)  # fmt: skip
"""What a description holds, and whose it is; those that call themselves several come first."""

SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"),
    ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
LONGEST = 60


def browser_name(description: str) -> str:
    """Return such as “Firefox · Linux”, or the description itself, cut, where it tells neither."""
    found = [_first(BROWSERS, description), _first(SYSTEMS, description)]
    return " · ".join(filter(None, found)) or description[:LONGEST]


def _first(known: tuple[tuple[str, str], ...], description: str) -> str | None:
    return next((name for sign, name in known if sign in description), None)
