"""Real pictures made on the spot, and bad ones made cheaply."""

import struct
import zlib
from typing import Any

import pyvips


def colours(width: int = 640, height: int = 480, red: int = 180) -> Any:
    """Return a picture that is mostly one colour, with a darker left quarter."""
    ground = pyvips.Image.black(width, height).linear([1, 1, 1], [red, 60, 40])
    dark = pyvips.Image.black(width // 4, height).linear([1, 1, 1], [20, 20, 20])
    return ground.insert(dark, 0, 0).cast("uchar").copy(interpretation="srgb")


def jpeg(width: int = 640, height: int = 480, red: int = 180) -> bytes:
    """Return a plain JPEG."""
    return bytes(colours(width, height, red).jpegsave_buffer(Q=90))


def jpeg_with_metadata(orientation: int = 1) -> bytes:
    """Return a JPEG that tells a place, a camera's owner and how it was held."""
    picture = colours().copy()
    picture.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    for name, value in {
        "exif-ifd0-Artist": "A. Consignor",
        "exif-ifd3-GPSLatitude": "51/1 30/1 26/1",
        "exif-ifd3-GPSLatitudeRef": "N",
    }.items():
        picture.set_type(pyvips.GValue.gstr_type, name, value)
    return bytes(picture.jpegsave_buffer(Q=90))


def png_bomb(width: int, height: int, *, moving: bool = False) -> bytes:
    """Return a PNG whose header announces a size that nothing behind it keeps."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [_chunk(b"IHDR", header)]
    if moving:
        chunks.append(_chunk(b"acTL", struct.pack(">II", 2, 0)))
    chunks += [_chunk(b"IDAT", zlib.compress(bytes(1000))), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)
