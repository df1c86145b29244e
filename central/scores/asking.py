"""What may be asked of the scores, and the one plain sentence for what may not."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import date
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from central.scores.answers import MOST_ANSWERS
from central.scores.queries import MOST_BRANCHES, By

LONGEST = 200


class PeriodAsked(BaseModel):
    """Civil days, both included. What is left out is the 30 days up to today."""

    # A misspelt name is refused: ignored, it would answer another question than was asked.
    model_config = ConfigDict(extra="forbid")

    first: date | None = Field(
        None, alias="from", description="First civil day, such as 2026-10-22. 29 days before `to`."
    )
    last: date | None = Field(
        None, alias="to", description="Last civil day. Today, in the branch's zone; at most 366 days."
    )


class ScoresAsked(PeriodAsked):
    """How to group the scores of a period."""

    by: By = Field(By.TOTAL, description="What to group by.")


class BranchesAsked(PeriodAsked):
    """A page of branches over a period."""

    after: str = Field("", max_length=LONGEST, description="`next` of the page before.")
    limit: int = Field(200, ge=1, le=MOST_BRANCHES, description="Branches on a page.")


class AnswersAsked(BaseModel):
    """A page of answers."""

    model_config = ConfigDict(extra="forbid")

    after: str = Field("", max_length=LONGEST, description="`next` of the page before.")
    limit: int = Field(100, ge=1, le=MOST_ANSWERS, description="Answers on a page.")


class PlainRoute(APIRoute):
    """A route that says in one sentence what is wrong with a query."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own, with its list of faults made one sentence."""
        answered = super().get_route_handler()

        async def plainly(request: Request) -> Response:
            try:
                return await answered(request)
            except RequestValidationError as error:
                raise HTTPException(422, sentence(error.errors()[0])) from None

        return plainly


def sentence(fault: Any) -> str:
    """One of pydantic's faults in plain words."""
    name = str(fault["loc"][-1])
    if fault["type"] == "extra_forbidden":
        return f"There is no query value called {name}."
    if fault["type"].startswith("date"):
        return f"{name} = {fault['input']!r}: expected a day such as 2026-11-20."
    if fault["type"] == "enum":
        return f"{name} = {fault['input']!r}: expected one of {', '.join(By)}."
    expected = {
        "int_parsing": "a whole number",
        "greater_than_equal": f"at least {fault.get('ctx', {}).get('ge')}",
        "less_than_equal": f"at most {fault.get('ctx', {}).get('le')}",
        "string_too_long": f"at most {LONGEST} characters",
    }.get(fault["type"], fault["msg"])
    return f"{name} = {str(fault['input'])[:LONGEST]!r}: expected {expected}."
