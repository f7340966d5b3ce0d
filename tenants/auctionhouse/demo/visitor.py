"""One simulated bidder at one house, who sees and sends what a browser would."""

import re
import uuid
from html import unescape

import httpx

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_CONDITIONS = re.compile(r'name="conditions_id"[^>]*value="([^"]*)"')
_AMOUNT = re.compile(r'name="amount"[^>]*value="([^"]*)"')
_CONFIRMED = re.compile(r'name="confirmed"[^>]*value="([^"]*)"')


class Visitor:
    """A member with a cookie jar; signs in and registers for sales where that is needed.

    front is the front door's address; programs do not know *.localhost, so host names the house.
    """

    def __init__(self, front: str, host: str, email: str, password: str) -> None:
        self._client = httpx.Client(base_url=front, headers={"Host": host}, timeout=20)
        self._email = email
        self._password = password
        self._registered: set[str] = set()
        self._signed_in = False

    def bid(self, reference: str, lot: str, amount: str) -> int:
        """Place a maximum on a lot as printed ("27A"); returns the answer's status.

        303 is a bid that was taken, 302 one for which something is missing: the next bid signs in
        and registers again.
        """
        if not self._signed_in:
            self._sign_in()
        if reference not in self._registered:
            self._register(reference)
        path = f"/sales/{reference}/lots/{lot}/bid"
        shown = self._client.get(path, params={"maximum": amount})
        if shown.is_redirect:
            self._signed_in = False
            self._registered.discard(reference)
        token = _first(_TOKEN, shown.text)
        if shown.status_code != httpx.codes.OK or not token:
            return shown.status_code
        form = {
            "csrf_token": token,
            "maximum": amount,
            "token": str(uuid.uuid4()),
            "confirmed": _first(_CONFIRMED, shown.text),
        }
        return self._client.post(path, data=form).status_code

    def answer(self, offer: int, act: str) -> int:
        """Accept or decline an offer of the house; returns the answer's status."""
        if not self._signed_in:
            self._sign_in()
        path = f"/me/offers/{offer}"
        shown = self._client.get(path)
        form = {
            "csrf_token": _first(_TOKEN, shown.text),
            "amount": _first(_AMOUNT, shown.text),
        }
        if shown.is_redirect or not form["csrf_token"]:
            self._signed_in = False
            return shown.status_code
        return self._client.post(f"{path}/{act}", data=form).status_code

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def _sign_in(self) -> None:
        self._client.cookies.clear()
        page = self._client.get("/sign-in").text
        form = {
            "csrf_token": _first(_TOKEN, page),
            "email": self._email,
            "password": self._password,
        }
        self._signed_in = self._client.post("/sign-in", data=form).is_redirect

    def _register(self, reference: str) -> None:
        path = f"/sales/{reference}/register"
        page = self._client.get(path).text
        form = {
            "csrf_token": _first(_TOKEN, page),
            "conditions_id": _first(_CONDITIONS, page),
            "accepted": "y",
        }
        if form["conditions_id"]:
            self._client.post(path, data=form)
        self._registered.add(reference)


def _first(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    return unescape(found[1]) if found else ""
