"""Who is there: what a phone sends is bounded, what its code names is looked up, and no code is believed unvouched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs

from fastapi import Request
from sqlalchemy import Connection, select

from central.store.tables import assignments, branches
from feedback.errors import WireError

MOST_BYTES = 16_384
"""Of a form: a comment of a thousand Chinese signs takes nine thousand as a browser sends it."""
READ_S = 30

SecretOf = Callable[[Connection, str], bytes | None]
"""The screen secret of a kiosk; None: it has told none."""


async def form(request: Request) -> dict[str, str]:
    """
    The fields of a form as sent by *request*; of a field sent twice, the first.

    Raises:
        WireError: It is too long, too slow, or no form.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(READ_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise WireError(f"the form is over {MOST_BYTES} bytes")
    except TimeoutError:
        raise WireError(f"the form did not arrive within {READ_S} s") from None
    try:
        fields = parse_qs(bytes(body).decode("ascii"), keep_blank_values=True, max_num_fields=10)
    except (UnicodeDecodeError, ValueError):
        raise WireError("this is no form") from None
    return {name: values[0] for name, values in fields.items()}


def branch_of(connection: Connection, kiosk: str, branch: str) -> str | None:
    """The name of *branch*, if *kiosk* stands or stood there."""
    query = (
        select(branches.c.name)
        .join(assignments, assignments.c.branch_id == branches.c.id)
        .where(branches.c.id == branch, assignments.c.kiosk_id == kiosk)
    )
    name = connection.execute(query).scalar_one_or_none()
    return None if name is None else str(name)
