"""`GET /v1/kiosks`: each kiosk, when it was last heard and how it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import Engine, select

from central.fleet.concerns import Known, concerns, held, whole
from central.fleet.refusals import Since, none_known
from central.store import documents
from central.store.database import reading
from central.store.tables import kiosks, ledgers


class KioskView(BaseModel):
    """One kiosk as its last accepted contact left it."""

    id: str
    branch: str
    touchpoint: str
    state: str = Field(description="expected (has a code), accepted (has enrolled)")
    model: str
    serial: str
    app: str
    enrolled_ms: int | None = Field(description="UTC milliseconds; null before enrolment")
    contact_ms: int | None = Field(description="Last accepted contact, UTC milliseconds by central's clock")
    pending: int | None = Field(description="Answers it had not handed over yet, as it said then")
    oldest_s: int | None = Field(description="Age of the oldest of these, seconds")
    missing: int = Field(description="Answers central knows of, that neither came nor were given up")
    documents: dict[str, int] = Field(description="Name -> version of the documents it said it holds")
    concerns: list[str] = Field(description="What somebody should know of it and do, a sentence each")
    status: dict[str, Any] = Field(description="Everything else it said of itself")


def router(store: Engine, now_ms: Callable[[], int], refused: Since) -> APIRouter:
    """The route that shows the fleet to a reader."""
    routes = APIRouter(tags=["fleet"])

    @routes.get("/v1/kiosks")
    def kiosks_known() -> list[KioskView]:
        """Every kiosk, by branch and name."""
        return listed(store, now_ms(), refused)

    return routes


def listed(store: Engine, now_ms: int, refused: Since = none_known) -> list[KioskView]:
    """Every kiosk, by branch and name."""
    with reading(store) as connection:
        missing = _missing(
            connection.execute(select(ledgers.c.kiosk_id, ledgers.c.last_seq, ledgers.c.spans))
        )
        rows = connection.execute(select(kiosks).order_by(kiosks.c.branch_id, kiosks.c.id)).mappings()
        published = documents.versions(connection)
        return [
            _view(row, missing.get(row["id"], 0), concerns(_known(row, published, refused, now_ms), now_ms))
            for row in rows
        ]


def _missing(rows: Any) -> dict[str, int]:
    """How many seqs each kiosk's ledgers wait for."""
    missing: dict[str, int] = {}
    for kiosk, last_seq, spans in rows:
        accounted = sum(span[1] - span[0] + 1 for span in json.loads(spans))
        missing[kiosk] = missing.get(kiosk, 0) + last_seq - accounted
    return missing


def _known(row: Any, published: dict[str, int], refused: Since, now_ms: int) -> Known:
    return Known(
        row["state"],
        row["contact_ms"],
        json.loads(row["status"]),
        documents.should_have(published, row["branch_id"]),
        refused(row["id"], row["contact_ms"], now_ms),
    )


def _view(row: Any, missing: int, found: list[str]) -> KioskView:
    status = json.loads(row["status"])
    return KioskView(
        id=row["id"],
        branch=row["branch_id"],
        touchpoint=row["touchpoint_id"],
        state=row["state"],
        model=row["model"],
        serial=row["serial"],
        app=row["app"],
        enrolled_ms=row["enrolled_ms"],
        contact_ms=row["contact_ms"],
        pending=whole(status.get("pending")),
        oldest_s=whole(status.get("oldest_s")),
        missing=missing,
        documents=held(status),
        concerns=found,
        status=status,
    )
