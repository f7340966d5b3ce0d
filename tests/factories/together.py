"""Several acts at the same moment, each in a thread of its own."""

import threading
from collections.abc import Callable, Sequence

from auctionxchange.kernel.errors import DomainError


def all_at_once(tasks: Sequence[Callable[[], object]]) -> list[object]:
    """Start tasks together in threads; return their answers or refusals in the tasks' order."""
    answers: list[object] = [None] * len(tasks)
    start = threading.Barrier(len(tasks))

    def run(place: int, task: Callable[[], object]) -> None:
        start.wait(60)
        try:
            answers[place] = task()
        except DomainError as refusal:
            answers[place] = refusal

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers
