"""Colours in OKLCH and how well they can be told apart.

Conversion after Björn Ottosson, “A perceptual color space for image processing” (2020);
contrast after WCAG 2.2, “relative luminance” and “contrast ratio”.
"""

import re
from dataclasses import dataclass
from math import cos, radians, sin

_FORM = re.compile(r"oklch\(\s*([0-9.]+)\s+([0-9.]+)\s+([0-9.]+)\s*\)")

TEXT_CONTRAST = 4.5
CONTROL_CONTRAST = 3.0
LINEAR_BELOW = 0.0031308


@dataclass(frozen=True, slots=True)
class Colour:
    """Lightness 0 to 1, chroma, hue in degrees."""

    lightness: float
    chroma: float
    hue: float

    def css(self) -> str:
        """Write the colour as CSS does."""
        return f"oklch({self.lightness:g} {self.chroma:g} {self.hue:g})"

    def luminance(self) -> float:
        """Return the relative luminance after clipping to sRGB."""
        red, green, blue = (min(max(part, 0.0), 1.0) for part in self.linear())
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def linear(self) -> tuple[float, float, float]:
        """Return linear sRGB; parts outside 0 to 1 are outside its gamut."""
        a = self.chroma * cos(radians(self.hue))
        b = self.chroma * sin(radians(self.hue))
        long = (self.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
        middle = (self.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (self.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
        return (
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        )


def parse_colour(text: str) -> Colour:
    """Read “oklch(L C H)” with plain numbers; raises ValueError."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not oklch(lightness chroma hue)")
    lightness, chroma, hue = (float(part) for part in found.groups())
    if lightness > 1:
        raise ValueError(f"{text!r}: lightness runs from 0 to 1")
    return Colour(lightness, chroma, hue)


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    brighter, darker = sorted((one.luminance(), other.luminance()), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def hexadecimal(text: str) -> str:
    """Write a colour as #rrggbb, for mail programs that know no OKLCH."""
    parts = (min(max(part, 0.0), 1.0) for part in parse_colour(text).linear())
    return "#" + "".join(f"{round(_encoded(part) * 255):02x}" for part in parts)


def _encoded(linear: float) -> float:
    """Apply sRGB's transfer function (IEC 61966-2-1)."""
    if linear <= LINEAR_BELOW:
        return 12.92 * linear
    return float(1.055 * linear ** (1 / 2.4) - 0.055)
