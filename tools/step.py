"""Runs one step of the Makefile quietly, says what it is and how long it took.

`python tools/step.py "Installing Python packages" COMMAND …`: the command's words go to
var/log/setup.log and are shown when it fails. Any Python runs this, before anything is installed.
"""

import subprocess
import sys
import threading
import time
from pathlib import Path

LOG = Path(__file__).resolve().parents[1] / "var" / "log" / "setup.log"
SHOWN_LINES = 40
TICK_SECONDS = 10


def main() -> int:
    """Run the step and return the command's exit code."""
    title, *command = sys.argv[1:]
    LOG.parent.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    sys.stdout.write(f"{title} …\n")
    sys.stdout.flush()
    with LOG.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(  # noqa: S603 - the Makefile's own command
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        threading.Thread(target=_tell_time, args=(process, begun), daemon=True).start()
        code = process.wait()
    seconds = time.monotonic() - begun
    if code == 0:
        sys.stdout.write(f"  done in {seconds:.0f} s\n")
    else:
        last = LOG.read_text("utf-8", errors="replace").splitlines()[-SHOWN_LINES:]
        sys.stdout.write("\n".join([*last, f"  failed after {seconds:.0f} s; see {LOG}", ""]))
    return code


def _tell_time(process: "subprocess.Popen[bytes]", begun: float) -> None:
    while process.poll() is None:
        time.sleep(TICK_SECONDS)
        if process.poll() is None:
            sys.stdout.write(f"  {time.monotonic() - begun:.0f} s\n")
            sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
