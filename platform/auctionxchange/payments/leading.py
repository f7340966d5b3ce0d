"""Pages whose forms lead to Stripe, which the policy of all others refuses."""

from flask import Response, make_response


def leading_to(page: str, pages: str) -> Response:
    """Return a page whose form may lead to Stripe's pages and to no other stranger's."""
    response = make_response(page)
    response.headers["Content-Security-Policy"] = (
        "default-src 'self'; style-src 'self'; img-src 'self' data: blob:; object-src 'none';"
        f" base-uri 'none'; form-action 'self' {pages}; frame-ancestors 'none'"
    )
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response
