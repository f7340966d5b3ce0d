"""Whether all parts serve, for people, load balancers and the demo's start."""

from datetime import timedelta

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from auctionxchange.site.services import platform_services

PARTS = ("gateway", "worker")
"""Processes besides the web that say in service_heartbeat that they serve."""

FRESH = timedelta(seconds=15)

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer 200 with a JSON object once web, database and the other parts serve, else 503."""
    database = platform_services().database
    with database.platform_connection() as connection:
        rows = connection.execute(
            text(
                "SELECT name FROM exchange.service_heartbeat WHERE at > clock_timestamp() - :fresh"
            ),
            {"fresh": FRESH},
        )
        alive = set(rows.scalars())
    parts = {"web": True, "database": True, **{part: part in alive for part in PARTS}}
    serving = all(parts.values())
    response = jsonify(status="ok" if serving else "starting", parts=parts)
    response.headers["Cache-Control"] = "no-store"
    return response, 200 if serving else 503
