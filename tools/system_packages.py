"""Installs PostgreSQL 15 and PgBouncer with apt where that may be done, or says what is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = ("postgresql-15", "pgbouncer")
FILES = (Path("/usr/lib/postgresql/15/bin/postgres"), Path("/usr/sbin/pgbouncer"))
# The package would start a server of its own, which these tests neither need nor want.
QUIET = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}


def main() -> int:
    """Install what is missing and return 0 once all is there."""
    if all(file.exists() for file in FILES):
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
            subprocess.run(  # noqa: S603 - fixed words
                ["apt-get", "-qq", *command],  # noqa: S607 - on root's path
                env=os.environ | QUIET,
                stdin=subprocess.DEVNULL,
                check=False,
            )
    missing = [package for package, file in zip(PACKAGES, FILES, strict=True) if not file.exists()]
    if missing:
        sys.stderr.write(f"Please install {' and '.join(missing)} and try again.\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
