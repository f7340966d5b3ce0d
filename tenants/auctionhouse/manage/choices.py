"""One entry of a choice, as WTForms 3.3 wants it and its published types do not know yet."""

from typing import Any

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]


def choice(value: int | str, label: Any) -> Any:
    """Return an entry with the value that is sent and the text that is read."""
    return SelectChoice(value, label)
