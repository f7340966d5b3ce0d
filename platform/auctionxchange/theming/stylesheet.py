"""A theme written as a stylesheet: its fonts, and its tokens for light and dark."""

from collections.abc import Callable, Mapping

from auctionxchange.theming.themes import FontFace, Theme

LAYERS = "@layer reset, tokens, elements, layout, components, theme, utilities;"


def theme_stylesheet(theme: Theme, address: Callable[[str], str]) -> str:
    """Write the theme's stylesheet; `address` turns a vendor file's name into a URL."""
    parts = [LAYERS, *(_face(face, address(face.file)) for face in theme.fonts)]
    light, dark = _block(theme.light, "light"), _block(theme.dark, "dark")
    shared = "".join(f"--{name}:{value};" for name, value in theme.tokens.items())
    first, second = (dark, light) if theme.mode == "dark" else (light, dark)
    rules = [f":root{{{shared}{first}}}"]
    if theme.mode == "auto":
        rules.append(f"@media (prefers-color-scheme:dark){{:root{{{second}}}}}")
    rules.append(f":root[data-theme=light]{{{light}}}")
    rules.append(f":root[data-theme=dark]{{{dark}}}")
    parts.append(f"@layer tokens{{{''.join(rules)}}}")
    return "\n".join(parts)


def _block(colours: Mapping[str, str], scheme: str) -> str:
    return f"color-scheme:{scheme};" + "".join(
        f"--{role}:{value};" for role, value in colours.items()
    )


def _face(face: FontFace, address: str) -> str:
    return (
        f'@font-face{{font-family:"{face.family}";font-style:{face.style};'
        f"font-weight:{face.weight};font-display:swap;"
        f'src:url("{address}") format("woff2");unicode-range:{face.range}}}'
    )
