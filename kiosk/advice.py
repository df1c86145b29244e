"""What a technician should do about what ``kiosk status`` found, each in one plain sentence. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FEW_DAYS = 30
"""Room for less than this without a network is worth a sentence."""
CLOCK_OFF_S = 300
REFUSED = {
    "(401)": "central does not know this kiosk's key: enrol it again with a new code from `central code`",
    "(403)": "central expects this kiosk to enrol: run `kiosk enrol` with a code from `central code`",
}
_UNITS = ((365 * 86_400, "year"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """
    One document as the screen follows it.

    Attributes:
        version: What is followed; 0: none of central's.
        named: What central named last; 0: nothing yet.
        trouble: Why the one named was not taken; empty: nothing is wrong.
    """

    name: str
    version: int
    named: int
    trouble: str = ""


def of_documents(documents: Sequence[HeldDocument]) -> Iterator[str]:
    """
    Which version of each is followed.

    >>> list(of_documents([HeldDocument("survey", 4, 5, "no text for az"), HeldDocument("settings", 7, 7)]))
    ['survey: version 4; version 5 is not taken: no text for az', 'settings: version 7']
    """
    for one in documents:
        held = f"version {one.version}" if one.version else "none of central's yet"
        newer = f"; version {one.named} is " if one.named > one.version else ""
        if one.trouble:
            yield f"{one.name}: {held}{newer or '; a newer one is '}not taken: {one.trouble}"
        else:
            yield f"{one.name}: {held}{f'{newer}on its way' if newer else ''}"


def of_the_link(trouble: str, attempts: int, *, ever: bool) -> Iterator[str]:
    """What to do where answers are not handed over; *ever*: they once were."""
    if trouble and attempts:
        for status, sentence in REFUSED.items():
            if status in trouble:
                yield f"to do: {sentence}; its answers are safe here"
                return
        yield "to do: check the network, and [central] url in kiosk.toml; the answers are safe here until then"
    elif not ever and not trouble:
        yield "to do: see that `kiosk sync` runs on this kiosk"


def of_documents_refused(documents: Sequence[HeldDocument]) -> Iterator[str]:
    """What to do where a document is not taken."""
    for one in documents:
        if one.trouble:
            yield f"to do: if that lasts, publish the {one.name} at central once more, mended"


def of_the_clock(off_s: int | None) -> Iterator[str]:
    """
    What to do where the wall clock is *off_s* seconds ahead of the true time; None: nobody knows the time.

    >>> [sentence.partition(":")[0] for sentence in of_the_clock(-7_300)], list(of_the_clock(3))
    (["this kiosk's clock is 2 hours behind"], [])
    """
    if off_s is None:
        yield (
            "this kiosk does not know the time: it learns it from central or a time server, and then dates its answers"
        )
    elif abs(off_s) > CLOCK_OFF_S:
        side = "ahead" if off_s > 0 else "behind"
        yield (
            f"this kiosk's clock is {lasting(abs(off_s))} {side}: see to its battery or time server; answers are dated "
            "right all the same"
        )


def of_the_card(answers: int, days: int) -> Iterator[str]:
    """What to do where little room is left."""
    if not answers:
        yield "to do: the card is full: make room on it, or no answer can be taken"
    elif days < FEW_DAYS:
        yield "to do: the card is nearly full: make room on it, or let this kiosk reach central"


def lasting(seconds: int) -> str:
    """
    A length of time in its largest unit.

    >>> lasting(90), lasting(172_800), lasting(0)
    ('1 minute', '2 days', '0 seconds')
    """
    size, unit = next((one for one in _UNITS if seconds >= one[0]), _UNITS[-1])
    n = seconds // size
    return f"{n} {unit}{'' if n == 1 else 's'}"
