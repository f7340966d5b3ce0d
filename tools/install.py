"""Installs a lock into the virtual environment whose Python runs this.

`python tools/install.py requirements/demo.txt`: with uv, which takes a third of pip's time, or with
pip where uv cannot be had or does not get through. The lock names every package with its hash, so
both install the same.
"""

import os
import subprocess
import sys
from pathlib import Path

INSTALLER = Path(__file__).resolve().parents[1] / "requirements" / "install.txt"
TOLD = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "cert": "SSL_CERT_FILE",
}
"""What pip may have been told of a place of one's own, and what uv calls it."""


def main() -> int:
    """Install and return 0, or the exit code of pip, which tries last."""
    lock = ["--require-hashes", "-r", sys.argv[1]]
    pip = [sys.executable, "-m", "pip"]
    uv = [str(Path(sys.executable).with_name("uv")), "pip"]
    compiled = ["--compile-bytecode", "--python", sys.executable]
    if _run([*pip, "install", "--require-hashes", "-r", str(INSTALLER)]) == 0:
        environ = _told(pip) | os.environ
        if _run([*uv, "install", *compiled, *lock], environ) == 0:
            return 0
    return _run([*pip, "install", *lock])


def _told(pip: list[str]) -> dict[str, str]:
    """Return pip's settings, wherever they stand, as uv's."""
    listed = subprocess.run(  # noqa: S603 - this environment's own pip
        [*pip, "config", "list"], capture_output=True, text=True, check=False
    )
    told = {}
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        known = TOLD.get(name.rpartition(".")[2])
        if known:
            told[known] = " ".join(value.strip("'\"").replace("\\n", " ").split())
    return told


def _run(command: list[str], environ: dict[str, str] | None = None) -> int:
    return subprocess.run(command, env=environ, check=False).returncode  # noqa: S603 - as above


if __name__ == "__main__":
    sys.exit(main())
