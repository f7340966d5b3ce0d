"""Static files: collected from the themes and from npm, found again by their content.

`python -m auctionxchange.theming.assets` puts every tree (base, each theme, vendor) under a name
that holds its digest, so addresses may be kept for ever and modules still import each other by
relative paths. Stylesheets are joined: one request instead of one for each component. The themes'
fonts are there twice: for browsers, and converted for paper.
"""

import json
import os
import re
import shutil
import sys
from hashlib import sha256
from pathlib import Path

from auctionxchange.kernel.config import REPOSITORY
from auctionxchange.theming import paper_fonts
from auctionxchange.theming.themes import FOLDER, load_theme, theme_names

MANIFEST = "manifest.json"
NODE_MODULES = REPOSITORY / "node_modules"
VENDOR = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "photoswipe.js": "photoswipe/dist/photoswipe.esm.min.js",
    "photoswipe-lightbox.js": "photoswipe/dist/photoswipe-lightbox.esm.min.js",
    "photoswipe.css": "photoswipe/dist/photoswipe.css",
}
_IMPORT = re.compile(r'@import url\("([^"]+)"\) layer\(([a-z]+)\);')


class VendorMissing(Exception):
    """A file of an npm package is not there; `npm ci` brings it."""


def collect(target: Path, node_modules: Path = NODE_MODULES) -> dict[str, str]:
    """Fill `target` and return the manifest: file name → address below /static/."""
    if target.exists():
        shutil.rmtree(target)
    trees = {f"themes/{name}": _theme_files(name) for name in theme_names()}
    trees["vendor"] = _vendor_files(node_modules)
    manifest: dict[str, str] = {}
    for tree, files in trees.items():
        folder = f"{tree}-{_digest(files)}"
        for name, content in files.items():
            path = target / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            manifest[f"{tree}/{name}"] = f"{folder}/{name}"
    (target / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True), "utf-8")
    return manifest


def collect_for_paper(target: Path, node_modules: Path = NODE_MODULES) -> None:
    """Write every theme's fonts below `target` as paper needs them."""
    folder = target / paper_fonts.FOLDER
    folder.mkdir(exist_ok=True)
    for face in {face for name in theme_names() for face in load_theme(name).fonts}:
        content = (node_modules / face.file).read_bytes()
        made = paper_fonts.converted(content, paper_fonts.paper_family(face))
        (folder / paper_fonts.paper_file(face)).write_bytes(made)


def joined(stylesheet: Path) -> str:
    """Return a stylesheet with its imports put in place, each in its layer."""

    def inlined(found: re.Match[str]) -> str:
        return f"@layer {found[2]} {{\n{joined(stylesheet.parent / found[1])}}}"

    return _IMPORT.sub(inlined, stylesheet.read_text("utf-8"))


def _theme_files(name: str) -> dict[str, bytes]:
    root = FOLDER / name / "static"
    files = {}
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        if path.is_file():
            content = joined(path).encode() if path.suffix == ".css" else path.read_bytes()
            files[path.relative_to(root).as_posix()] = content
    return files


def _vendor_files(node_modules: Path) -> dict[str, bytes]:
    wanted = dict(VENDOR)
    for name in theme_names():
        wanted |= {face.file: face.file for face in load_theme(name).fonts}
    files = {}
    for name, source in sorted(wanted.items()):
        path = node_modules / source
        if not path.is_file():
            raise VendorMissing(f"{source} is missing; run: npm ci")
        files[name] = path.read_bytes()
    return files


def _digest(files: dict[str, bytes]) -> str:
    digest = sha256()
    for name, content in sorted(files.items()):
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()[:12]


class Assets:
    """Addresses of collected files, the nearest theme's first."""

    def __init__(self, static_root: Path) -> None:
        path = static_root / MANIFEST
        self._manifest: dict[str, str] = (
            json.loads(path.read_text("utf-8")) if path.exists() else {}
        )

    @property
    def collected(self) -> bool:
        """Tell whether there is anything to serve."""
        return bool(self._manifest)

    def address(self, lineage: tuple[str, ...], name: str) -> str:
        """Return the address of a file as a theme sees it, digest included."""
        for tree in (*(f"themes/{theme}" for theme in lineage), ""):
            key = f"{tree}/{name}".lstrip("/")
            if key in self._manifest:
                return f"/static/{self._manifest[key]}"
        return f"/static/{name}"


if __name__ == "__main__":
    default = REPOSITORY / "build" / "static"
    target = Path(os.environ.get("STATIC_ROOT", default))
    count = len(collect(target))
    collect_for_paper(target)
    sys.stdout.write(f"{count} files collected in {target}\n")
