"""Column shorthands of the house tables: identities, moments and money."""

from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, Identity, Text, func, text
from sqlalchemy.orm import mapped_column

Identifier = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
CreatedAt = Annotated[
    datetime, mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
]
Minor = Annotated[int, mapped_column(BigInteger)]
"""An amount in minor units of the sale's currency."""

Words = Annotated[str, mapped_column(Text, server_default=text("''"), default="")]
"""A text that may be empty but is never null."""
