"""The sizes pictures are kept in, for those who make them and for the pages that show them."""

from typing import Protocol

PICTURE_SIZES = {"small": 400, "medium": 900, "large": 2000}
"""Name → longest edge in pixels; a smaller original is never enlarged."""


class Measured(Protocol):
    """A picture that knows its original size in pixels."""

    @property
    def width(self) -> int:
        """Return the original's width."""
        ...

    @property
    def height(self) -> int:
        """Return the original's height."""
        ...


def picture_width(picture: Measured, longest: int) -> int:
    """Return how wide the variant is whose longest edge is at most `longest` pixels."""
    scale = min(1.0, longest / max(picture.width, picture.height))
    return max(1, round(picture.width * scale))
