"""What is made of a picture, and what is refused with a reason."""

import pytest
import pyvips

from auctionhouse.catalogue import imaging
from auctionxchange.theming.pictures import PICTURE_SIZES
from factories import pictures


def opened(content: bytes) -> pyvips.Image:
    return pyvips.Image.new_from_buffer(content, "")


def test_a_picture_becomes_three_sizes_in_three_formats_and_a_master() -> None:
    rendered = imaging.render(pictures.jpeg(2400, 1200))
    assert set(rendered.variants) == {
        imaging.MASTER,
        *(f"{size}.{ext}" for size in PICTURE_SIZES for ext in imaging.MEDIA_TYPES),
    }
    for size, longest in PICTURE_SIZES.items():
        for extension in imaging.MEDIA_TYPES:
            variant = opened(rendered.variants[f"{size}.{extension}"])
            assert (variant.width, variant.height) == (longest, longest // 2)
    assert (rendered.measure.width, rendered.measure.height) == (2400, 1200)
    assert opened(rendered.variants[imaging.MASTER]).width == 2400


def test_a_small_picture_is_never_enlarged() -> None:
    rendered = imaging.render(pictures.jpeg(120, 90))
    assert {opened(content).width for content in rendered.variants.values()} == {120}


def test_place_owner_and_every_other_metadata_are_gone() -> None:
    content = pictures.jpeg_with_metadata()
    assert b"Consignor" in content
    for variant in imaging.render(content).variants.values():
        assert b"Consignor" not in variant
        kept = opened(variant).get_fields()
        assert not [field for field in kept if field.startswith(("exif-", "iptc-", "xmp-"))]


def test_a_picture_taken_sideways_stands_upright() -> None:
    rendered = imaging.render(pictures.jpeg_with_metadata(orientation=6))
    assert (rendered.measure.width, rendered.measure.height) == (480, 640)
    for name in (imaging.MASTER, "small.jpg"):
        upright = opened(rendered.variants[name])
        assert upright.height > upright.width
        assert upright.getpoint(upright.width // 2, 5)[0] < 60, "the dark side is on top"


def test_the_main_colour_is_one_the_picture_has() -> None:
    colour = imaging.render(pictures.jpeg(red=180)).measure.colour
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    assert abs(red - 180) < 6
    assert abs(green - 60) < 6
    assert abs(blue - 40) < 6


@pytest.mark.parametrize("extension", [".png", ".webp", ".tif", ".avif"])
def test_other_still_formats_are_read(extension: str) -> None:
    content = pictures.colours().write_to_buffer(extension)
    assert imaging.render(content).measure.width == 640


def test_transparency_becomes_white_and_grey_and_deep_colours_are_read() -> None:
    clear = pictures.colours().bandjoin(0).copy(interpretation="srgb")
    rendered = imaging.render(clear.write_to_buffer(".png"))
    assert opened(rendered.variants["small.jpg"]).getpoint(200, 200) == [255, 255, 255]
    grey = pyvips.Image.black(80, 60) + 128
    assert imaging.render(grey.cast("uchar").write_to_buffer(".png")).measure.colour == "#808080"
    deep = pyvips.Image.black(80, 60).linear([1, 1, 1], [65535, 0, 0]).cast("ushort")
    content = deep.copy(interpretation="rgb16").write_to_buffer(".png")
    assert imaging.render(content).measure.colour == "#ff0000"


def test_print_colours_become_screen_colours() -> None:
    ink = pyvips.Image.black(80, 60).bandjoin([0, 0, 0]).copy(interpretation="cmyk")
    master = opened(imaging.render(ink.jpegsave_buffer()).variants[imaging.MASTER])
    assert master.bands == 3
    assert min(master.getpoint(10, 10)) > 240, "no ink is white"


def test_two_hundred_megapixels_are_refused_from_the_header() -> None:
    bomb = pictures.png_bomb(20_000, 10_000)
    with pytest.raises(imaging.PictureTooManyPixels) as refused:
        imaging.render(bomb)
    assert "200 million" in refused.value.message()


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", imaging.PictureEmpty),
        (b"MZ this is a program", imaging.PictureRefused),
        (b"\xff\xd8\xff\xe0 no more of it", imaging.PictureBroken),
        (b"\x89PNG\r\n\x1a\n", imaging.PictureBroken),
        (pictures.jpeg()[:-2000], imaging.PictureBroken),
        (pictures.png_bomb(300, 300), imaging.PictureBroken),
        (pictures.png_bomb(9, 9, moving=True), imaging.PictureMoves),
        (SVG, imaging.PictureKindRefused),
        (b"%PDF-1.7 a catalogue", imaging.PictureKindRefused),
        (b"GIF89a a film", imaging.PictureKindRefused),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", imaging.PictureKindRefused),
        (b"\xff\xd8\xff" + bytes(imaging.LARGEST_BYTES), imaging.PictureTooLarge),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
def test_what_is_no_usable_picture_is_refused_with_a_reason(
    content: bytes, refusal: type[imaging.PictureRefused]
) -> None:
    with pytest.raises(imaging.PictureRefused) as refused:
        imaging.render(content)
    assert type(refused.value) is refusal
    assert len(refused.value.message()) > 20


def test_a_moving_webp_is_refused() -> None:
    frames = pyvips.Image.arrayjoin(
        [pictures.colours(40, 40), pictures.colours(40, 40, 9)], across=1
    )
    frames = frames.copy()
    frames.set_type(pyvips.GValue.gint_type, "page-height", 40)
    with pytest.raises(imaging.PictureMoves):
        imaging.render(frames.webpsave_buffer())
