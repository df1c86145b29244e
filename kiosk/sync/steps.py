"""What the plan is told and what it says: frozen values, between it and the agent that carries them out."""

from __future__ import annotations

from dataclasses import dataclass

from feedback.wire import Acknowledgement, Refusal
from kiosk.storage.link_state import Span


@dataclass(frozen=True, slots=True)
class Waiting:
    """
    What lies in one store.

    Attributes:
        last_seq: Its last answer.
        oldest_ms: How long its oldest answer not yet delivered has waited; None: nobody can tell, so long enough.
        unhappy: A bad rating is among those not yet delivered.
    """

    store: bytes
    last_seq: int
    oldest_ms: int | None = None
    unhappy: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """
    Send up to *count* answers from *first*; fewer if they do not fit into the link's bytes. 0 is the heartbeat.

    Attributes:
        bare: Nothing beside the answers and the void spans: central refused, and the answers may not be at fault.
        void: Spans to be told.
    """

    store: bytes
    first: int
    count: int
    bare: bool = False
    void: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Sleep:
    """Nothing to do for so long, unless a bad rating comes."""

    ms: int
    why: str


@dataclass(frozen=True, slots=True)
class Sent:
    """
    What really went out: *count* answers in *octets* bytes.

    Attributes:
        last_seq: Of the store then; None if it could not be read.
        pruned_upto: Answers of the store up to this were let go: they cannot be sent again.
    """

    send: Send
    count: int
    octets: int
    packed: bool
    bare: bool
    last_seq: int | None
    pruned_upto: int = 0


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A signed acknowledgement under a pinned key, for this very request, that speaks of exactly what was sent."""

    acknowledgement: Acknowledgement


@dataclass(frozen=True, slots=True)
class Refused:
    """Central itself answered, signed, and refused."""

    status: int
    refusal: Refusal
    retry_after_s: int | None = None

    @property
    def reason(self) -> str:
        """Central's own sentence."""
        return f"central refused ({self.status}): {self.refusal.sentence}"


@dataclass(frozen=True, slots=True)
class NoNetwork:
    """Whatever else came back, or nothing. *status* is 0 if no answer came at all."""

    reason: str
    status: int = 0
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class Setback:
    """
    A request that did not come to an acknowledgement.

    Attributes:
        now_ms: Boot clock when that was clear.
        chance: Random, 0 to 1.
    """

    sent: Sent
    result: Refused | NoNetwork
    now_ms: int
    chance: float


Result = Acknowledged | Refused | NoNetwork
