"""What is made of an uploaded picture: checked first, then three sizes in three formats.

The size is read from the header and judged before a pixel is decoded. Everything kept is upright,
in sRGB and free of metadata (a photograph tells where the consignor lives). Knows neither houses
nor the database.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyvips

from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import Invalid
from auctionxchange.theming.pictures import PICTURE_SIZES

LARGEST_PIXELS = 100_000_000
LARGEST_BYTES = 48 * 1024 * 1024
MASTER = "master.jpg"
MEDIA_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}

_WHITE = [255, 255, 255]
_PROBE = 48
"""Edge in pixels of the tiny copy whose most frequent colour stands for the picture."""

# A server sees each picture once: libvips' cache of operations would only hold memory.
pyvips.cache_set_max(0)


class PictureRefused(Invalid):
    """The file cannot be used as a picture; subclasses say why."""

    code = "picture_refused"

    def message(self) -> str:
        return _("This is no picture we can read. Send a JPEG, PNG, WebP, TIFF or AVIF file.")


class PictureEmpty(PictureRefused):
    """The file holds nothing."""

    code = "picture_empty"

    def message(self) -> str:
        return _("The file is empty. Please choose it again.")


class PictureBroken(PictureRefused):
    """The file ends early or is damaged."""

    code = "picture_broken"

    def message(self) -> str:
        return _("The picture is damaged or was not sent completely. Please send it again.")


class PictureTooManyPixels(PictureRefused):
    """The header announces more pixels than we decode."""

    code = "picture_too_many_pixels"

    def message(self) -> str:
        return _(
            "The picture has %(found)s million pixels; at most %(most)s million are taken. "
            "Please make it smaller.",
            found=round(self.fields["pixels"] / 1_000_000),
            most=LARGEST_PIXELS // 1_000_000,
        )


class PictureTooLarge(PictureRefused):
    """The file has too many bytes."""

    code = "picture_too_large"

    def message(self) -> str:
        return _("The file is larger than %(most)s MB.", most=LARGEST_BYTES // 1024**2)


class PictureKindRefused(PictureRefused):
    """A format that moves, runs scripts or is a document."""

    code = "picture_kind"

    def message(self) -> str:
        return _(
            "%(kind)s files are not taken. Send a JPEG, PNG, WebP, TIFF or AVIF picture.",
            **self.fields,
        )


class PictureMoves(PictureRefused):
    """The file holds several frames."""

    code = "picture_moves"

    def message(self) -> str:
        return _("Moving pictures are not taken. Please send a still one.")


@dataclass(frozen=True, slots=True)
class Measure:
    """An upright picture's size in pixels and its main colour as #rrggbb."""

    width: int
    height: int
    colour: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """All files made of one picture, by variant name such as "small.avif"."""

    measure: Measure
    variants: dict[str, bytes]


def render(content: bytes) -> Rendered:
    """Check a picture and make its variants; raises a PictureRefused."""
    load = _loader(content)
    _check_header(load)
    if _is_moving_png(content):
        raise PictureMoves
    try:
        return _render(content, load)
    except pyvips.Error as error:
        raise PictureBroken from error


def _loader(content: bytes) -> Callable[..., Any]:
    """Choose the one decoder the first bytes ask for: libvips would also open PDF and SVG."""
    if not content:
        raise PictureEmpty
    if len(content) > LARGEST_BYTES:
        raise PictureTooLarge
    kind = _kind(content)
    if kind in _LOADERS:
        loader = _LOADERS[kind]
        return lambda **options: getattr(pyvips.Image, loader)(content, **options)
    if kind is None:
        raise PictureRefused
    raise PictureKindRefused(kind=kind)


_LOADERS = {
    "JPEG": "jpegload_buffer",
    "PNG": "pngload_buffer",
    "WebP": "webpload_buffer",
    "TIFF": "tiffload_buffer",
    "AVIF": "heifload_buffer",
}


def _kind(content: bytes) -> str | None:
    head = content[:1024]
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[4:8] == b"ftyp":
        return "AVIF" if b"avif" in head[8:40] else "HEIC"
    for start, kind in _SIGNATURES:
        if head.startswith(start):
            return kind
    return "SVG" if b"<svg" in head.lower() else None


_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"GIF8", "GIF"),
    (b"%PDF", "PDF"),
)


def _check_header(load: Callable[..., Any]) -> None:
    try:
        image = load(access="sequential")
        pixels = image.width * image.height
        frames = image.get("n-pages") if image.get_typeof("n-pages") else 1
        loader = image.get("vips-loader")
    except pyvips.Error as error:
        raise PictureBroken from error
    if pixels > LARGEST_PIXELS:
        raise PictureTooManyPixels(pixels=pixels)
    if frames > 1 and not loader.startswith("tiff"):
        raise PictureMoves


def _is_moving_png(content: bytes) -> bool:
    """Tell whether a PNG announces an animation, which libvips would show as a still."""
    return content.startswith(b"\x89PNG") and b"acTL" in content.partition(b"IDAT")[0]


def _render(content: bytes, load: Callable[..., Any]) -> Rendered:
    # The full decode comes first: it is the one that notices a truncated file.
    whole = _clean(load(fail_on="truncated").autorot())
    variants = {MASTER: whole.jpegsave_buffer(Q=94, keep="none")}
    smaller = _clean(_thumbnail(content, max(PICTURE_SIZES.values()))).copy_memory()
    colour = _main_colour(smaller)
    for size, longest in sorted(PICTURE_SIZES.items(), key=lambda entry: -entry[1]):
        smaller = smaller.thumbnail_image(longest, height=longest, size="down").copy_memory()
        variants |= {f"{size}.{ext}": made for ext, made in _encodings(smaller)}
    return Rendered(Measure(whole.width, whole.height, colour), variants)


def _thumbnail(content: bytes, longest: int) -> Any:
    """Shrink while decoding, upright and in sRGB."""
    return pyvips.Image.thumbnail_buffer(
        content, longest, height=longest, size="down", output_profile="srgb", fail_on="truncated"
    )


def _clean(image: Any) -> Any:
    """Return eight-bit sRGB on white, whatever colours and transparency it came with."""
    if image.get_typeof("icc-profile-data"):
        image = image.icc_transform("srgb", intent="relative", black_point_compensation=True)
    image = image.colourspace("srgb")
    if image.hasalpha():
        image = image.flatten(background=_WHITE)
    return image.cast("uchar")


def _encodings(image: Any) -> Iterator[tuple[str, bytes]]:
    """Encode one size; AVIF at the effort where more time no longer buys bytes worth it."""
    yield "avif", image.heifsave_buffer(compression="av1", Q=58, effort=2, keep="none")
    yield "webp", image.webpsave_buffer(Q=80, effort=2, keep="none")
    yield "jpg", image.jpegsave_buffer(Q=82, interlace=True, optimize_coding=True, keep="none")


def _main_colour(image: Any) -> str:
    """Return the mean of the most frequent coarse colour, so that it is one the picture has."""
    tiny = image.thumbnail_image(_PROBE, height=_PROBE)
    raw = tiny.write_to_memory()
    bands = tiny.bands
    pixels = [tuple(raw[at : at + bands]) for at in range(0, len(raw), bands)]
    coarse = Counter(tuple(value >> 5 for value in pixel) for pixel in pixels)
    bin_, _count = coarse.most_common(1)[0]
    members = [pixel for pixel in pixels if tuple(value >> 5 for value in pixel) == bin_]
    mean = [round(sum(channel) / len(members)) for channel in zip(*members, strict=True)]
    red, green, blue = mean if bands == 3 else mean[:1] * 3  # noqa: PLR2004 - RGB or grey
    return f"#{red:02x}{green:02x}{blue:02x}"
