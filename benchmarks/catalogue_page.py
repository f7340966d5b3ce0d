"""A catalogue page of 60 lots in process: warm, and answered with 304."""

from http import HTTPStatus

from benchmarks.installation import Installation
from benchmarks.results import keep, lines_to_nowhere, timed
from benchmarks.sales import make_sale
from werkzeug.test import Client
from wsgi import build_application

LOTS = 60
RUNS = 200
GOAL_MS, GOAL_304_MS = 5.0, 1.0


def run(made: Installation) -> None:
    """Print the medians."""
    with made.database.house_session(made.house) as session, session.begin():
        sale = make_sale(session, lots=LOTS)
    client = Client(build_application(made.settings, made.database))
    path = f"/sales/{sale.reference}/"
    headers = {"Host": made.house.host(made.settings)}
    first = client.get(path, headers=headers)
    assert first.status_code == HTTPStatus.OK, first.status
    tag = {**headers, "If-None-Match": first.headers["ETag"]}
    assert client.get(path, headers=tag).status_code == HTTPStatus.NOT_MODIFIED
    with lines_to_nowhere():
        warm = timed(lambda: client.get(path, headers=headers).close(), runs=RUNS)
        unchanged = timed(lambda: client.get(path, headers=tag).close(), runs=RUNS)
    figures = {
        "warm_ms": round(warm, 2),
        "unchanged_ms": round(unchanged, 2),
        "page_kb": round(len(first.data) / 1000, 1),
        "goal": f"warm <= {GOAL_MS} ms, 304 <= {GOAL_304_MS} ms",
    }
    keep("catalogue_page", figures, made.postgres)
