"""
What to send next, how long to sleep, and what each result of a request means.

Pure: no network, no clock, no file, no chance of its own. Times are milliseconds of the boot clock, which never jumps;
whatever the wall clock says is no reason for anything here. All rules are in this file, and what the kiosk does with
a result is in one table, ``RULES``. Nothing in it deletes, and the cursor moves on a signed acknowledgement alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from feedback.wire import Acknowledgement, covers
from kiosk.storage.link_state import Link, Progress
from kiosk.sync import progress as ranges
from kiosk.sync.steps import Acknowledged, NoNetwork, Refused, Result, Send, Sent, Setback, Sleep, Waiting

SECOND_MS = 1_000
GATHER_MS = 45 * SECOND_MS
"""An answer waits this long for others to share its request: within 60 s it has left."""
FULL = 500
"""So many waiting answers fill a request well enough not to wait."""
HEARTBEAT_MS = 290 * SECOND_MS
"""Sent even with no answers; under the 5 minutes after which central calls a kiosk silent."""
RESTORED_WAIT_MS = 5 * SECOND_MS
"""Between the stores a restored central is asked about: two databases behind one name are not asked in a circle."""
BOOT_SPLAY_MS = 120 * SECOND_MS
UNREADABLE_WAIT_MS = 5 * SECOND_MS
"""A kiosk whose screen has never started has no store to speak of, not even in a heartbeat."""
FIRST_WAIT_MS = 5 * SECOND_MS
ONCE_MORE_MS = 60 * SECOND_MS
SPREAD_MS = (60 * SECOND_MS, 180 * SECOND_MS)
MOST_WAIT_MS = 900 * SECOND_MS
ASKED_IN_VAIN_MS = 300 * SECOND_MS
ACCESS_WAIT_MS = 900 * SECOND_MS
WRONG_PLACE_WAIT_MS = 3_600 * SECOND_MS
LEAST_RETRY_AFTER_S = 1
MOST_RETRY_AFTER_S = 6 * 3_600
LEAST_BUDGET = 200


def begun(link: Link, boot: str, now_ms: int, splay_ms: int) -> Link:
    """*link* as an agent starts with it: in a new boot it first waits *splay_ms*, so that a mall wakes gently."""
    if link.boot == boot:
        return link
    return replace(
        link,
        boot=boot,
        not_before_ms=now_ms + splay_ms,
        heard_ms=None,
        cut_off=False,
        gzip_refused=False,
        waiting_for="just started",
    )


def network_came_up(link: Link, now_ms: int, chance: float) -> Link:
    """
    *link* once the kiosk's own network has come up: a wait that nobody asked for is over within two minutes.

    That wait alone: a network that comes and goes must not call central each time. And by chance, as after a boot:
    where one switch returns, so do all the kiosks behind it.
    """
    sooner_ms = now_ms + int(chance * BOOT_SPLAY_MS)
    if not link.cut_off or sooner_ms >= link.not_before_ms:
        return link
    return replace(link, cut_off=False, not_before_ms=sooner_ms, waiting_for="the network has come up")


def next_step(link: Link, waiting: Sequence[Waiting], now_ms: int) -> Send | Sleep:
    """What to do now. *waiting* names every store that has or had answers, the one in use last."""
    if now_ms < link.not_before_ms:
        return Sleep(link.not_before_ms - now_ms, link.waiting_for or "central asked for a pause")
    pauses = [HEARTBEAT_MS if link.heard_ms is None else link.heard_ms + HEARTBEAT_MS - now_ms]
    for one in waiting:
        progress = link.progress(one.store)
        if progress.resting_until_ms > now_ms:
            pauses.append(progress.resting_until_ms - now_ms)
            continue
        owed = ranges.next_range(progress, one.last_seq)
        pause = _news_ms(link, progress, now_ms) if owed is None else _gather_ms(link, progress, one)
        if pause is None:
            continue
        if pause <= 0:
            return _send(link, progress, owed)
        pauses.append(pause)
    asked = _longest_unheard(link, waiting, now_ms)
    if asked is not None and (link.heard_ms is None or pauses[0] <= 0):
        return _heartbeat(asked)
    pauses = pauses if asked is not None else pauses[1:]
    return Sleep(max(min(pauses, default=UNREADABLE_WAIT_MS), 1), _why(asked, pauses))


def _why(asked: Progress | None, pauses: Sequence[int]) -> str:
    if not pauses:
        return "no answers can be read here yet"
    if asked is None:
        return "central refuses this kiosk's store"
    return "everything sent" if len(pauses) == 1 else "gathering answers"


def _news_ms(link: Link, progress: Progress, now_ms: int) -> int | None:
    """How long a store that owes nothing may still wait to be spoken of; None: until its turn in the heartbeats."""
    if ranges.has_news(progress):
        return 0
    if _spoken_of_before(link, progress):
        return RESTORED_WAIT_MS - (now_ms - (link.heard_ms or 0))
    return None


def _spoken_of_before(link: Link, progress: Progress) -> bool:
    """Whether central has been restored since it spoke of this store: what it had of it may be gone."""
    return bool(link.generation and progress.generation) and link.generation != progress.generation


def _longest_unheard(link: Link, waiting: Sequence[Waiting], now_ms: int) -> Progress | None:
    """
    The store to speak of in a heartbeat: each in its turn, those that get no more rows too.

    Central says of that store alone how far it has it: one that was restored and names no generation would else never
    ask for the others.
    """
    order = {progress.store: at for at, progress in enumerate(link.stores)}
    found = [link.progress(one.store) for one in reversed(waiting)]
    awake = [progress for progress in found if progress.resting_until_ms <= now_ms]
    return min(awake, key=lambda progress: order.get(progress.store, -1), default=None)


def _needs_proof(link: Link) -> bool:
    """
    Whether a lone suspect has to wait until central has acknowledged something else.

    A central that refuses everything is itself at fault: without this it would be told, one by one, that every
    answer in the store is void.
    """
    return link.failures > 0 or link.heard_ms is None


def _heartbeat(progress: Progress, *, bare: bool = False) -> Send:
    return Send(progress.store, progress.delivered + 1, 0, bare, ranges.untold(progress))


def _gather_ms(link: Link, progress: Progress, one: Waiting) -> int:
    """How long the answers of *one* may still wait for others."""
    # While anything is amiss the back-off sets the pace, and what central asked for again is old anyway.
    at_once = link.failures > 0 or progress.suspect or progress.missing or link.heard_ms is None
    if at_once or one.unhappy or one.oldest_ms is None or one.last_seq - progress.delivered >= FULL:
        return 0
    return GATHER_MS - one.oldest_ms


def _send(link: Link, progress: Progress, owed: ranges.Range | None) -> Send:
    if owed is None:
        return _heartbeat(progress)
    first, last = owed
    if progress.suspect and first == last and _needs_proof(link):
        return _heartbeat(progress, bare=True)
    count = min(last - first + 1, link.max_answers)
    return Send(progress.store, first, count, progress.suspect is not None, ranges.untold(progress))


def after(link: Link, sent: Sent, result: Result, now_ms: int, chance: float) -> Link:
    """*link* after *result* of the request *sent*. *chance* is random, 0 to 1."""
    if isinstance(result, Acknowledged):
        ack = result.acknowledgement
        if covers(ack.verdicts, sent.send.first, sent.count):
            return _acknowledged(link, sent, ack, now_ms)
        result = NoNetwork("central's answer does not speak of what was sent", 200)
    setback = Setback(sent, result, now_ms, chance)
    return _action(result)(replace(link, trouble=result.reason), setback)


def _action(result: Refused | NoNetwork) -> Action:
    for statuses, counts, action in RULES:
        if result.status in statuses and (isinstance(result, Refused) or counts == EITHER):
            return action
    return backed_off


def carried_back(link: Link, sent: Sent, ack: Acknowledgement, *, newest: bool) -> Link:
    """
    *link* after an acknowledgement that came back on a stick, and covers what was *sent*.

    Its verdicts hold whenever it arrives. What central had and missed then is believed only while central has said
    nothing since (*newest*): an old word would take back what was handed over by network meanwhile. An old word from
    another life of central's database says nothing any more. Of the network it says nothing at all: back-off, limits
    and the next heartbeat stay as they are.
    """
    if not newest:
        before = link.progress(sent.send.store)
        if ack.generation and before.generation not in (0, ack.generation.number):
            return link
        owed = [span for one in before.missing for span in ranges.without(one, [_range(sent)])]
        upto = max(before.accounted_upto, ack.accounted_upto)
        ack = replace(ack, accounted_upto=upto, missing=tuple(owed), generation=None)
    moved = _moved(link, sent, ack)
    return replace(moved, last_success_ms=max(link.last_success_ms, ack.server_utc_ms))


def _range(sent: Sent) -> ranges.Range:
    return sent.send.first, sent.send.first + sent.count - 1


def _moved(link: Link, sent: Sent, ack: Acknowledgement) -> Link:
    """*link* with what *ack* says of answers and of documents."""
    before = link.progress(sent.send.store)
    progress = ranges.acknowledged(before, _range(sent), sent.send.void, ack, sent.last_seq)
    if ack.generation is not None:
        progress = ranges.in_generation(progress, ack.generation, sent.pruned_upto)
    moved = link.advanced(progress)
    for name, (version, digest) in ack.documents.items():
        known = moved.document(name)
        if version > known.version:  # versions only grow: a restored central does not take a document back
            moved = moved.documented(replace(known, version=version, sha256=digest, trouble=""))
    return moved


def _acknowledged(link: Link, sent: Sent, ack: Acknowledgement, now_ms: int) -> Link:
    moved = _moved(link, sent, ack)
    asked_before = link.progress(sent.send.store).asked_again
    asked_again = moved.progress(sent.send.store).asked_again
    vain = asked_again != 0 and asked_again == asked_before
    pause_ms = max(ack.limits.min_interval_s * SECOND_MS, ASKED_IN_VAIN_MS if vain else 0)
    return replace(
        moved,
        not_before_ms=now_ms + pause_ms,
        waiting_for="central asks in vain for answers it was sent" if vain else "",
        heard_ms=now_ms,
        failures=0,
        cut_off=False,
        budget=_grown(link, sent),
        max_answers=ack.limits.max_answers,
        max_bytes=ack.limits.max_bytes,
        min_interval_s=ack.limits.min_interval_s,
        gzip_offered="gzip" in ack.limits.encodings,
        last_success_ms=ack.server_utc_ms,
        generation=link.generation if ack.generation is None else ack.generation.number,
    )


def _grown(link: Link, sent: Sent) -> int:
    """The budget after a body that passed: a little more, if it was the budget that kept the body small."""
    tight = sent.count < sent.send.count or sent.bare
    return max(link.budget, min(link.budget * 9 // 8, link.max_bytes)) if tight else link.budget


def wait_between_ms(failures: int, *, is_heard: bool) -> tuple[int, int]:
    """
    The least and the most to wait after so many failures in a row.

    U(0, min(900, 5 * 2^n)) s once that is longer than U(60, 180) s. Shorter ones would call out, all at once, those
    who happened to try just before central came back: ``tests/faults/fleet.py`` has what it comes to. The first is
    U(0, 60) s, so that one lost packet is no matter; while central has not been heard in this boot, U(60, 120) s: a
    mall's network wakes later than its kiosks, and anything shorter would undo what has spread them.
    """
    most_ms = min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** min(failures, 20))
    if not is_heard and most_ms < BOOT_SPLAY_MS:
        return BOOT_SPLAY_MS // 2, BOOT_SPLAY_MS
    if is_heard and failures == 1:
        return 0, ONCE_MORE_MS
    return SPREAD_MS if most_ms < SPREAD_MS[1] else (0, most_ms)


# What the kiosk does with each result ----------------------------------------------------------------------------


def backed_off(link: Link, setback: Setback) -> Link:
    """Keep everything; wait by chance within ``wait_between_ms``, and no less than central asked for."""
    failures = link.failures + 1
    least_ms, most_ms = wait_between_ms(failures, is_heard=link.heard_ms is not None)
    wait_ms = least_ms + int(setback.chance * (most_ms - least_ms))
    asked_s = setback.result.retry_after_s
    if asked_s is not None:
        wait_ms += min(max(asked_s, LEAST_RETRY_AFTER_S), MOST_RETRY_AFTER_S) * SECOND_MS
    cut_off = isinstance(setback.result, NoNetwork) and setback.result.status == 0
    return replace(_waiting(link, setback, wait_ms, failures), cut_off=cut_off)


def smaller(link: Link, setback: Setback) -> Link:
    """Halve the byte budget and remember it. A lone, bare row is void, but only on central's own word."""
    sent = setback.sent
    tightened = replace(link, budget=max(min(link.most_bytes, sent.octets) // 2, LEAST_BUDGET))
    if sent.count > 1 or not sent.bare:
        return _at_once(tightened, setback)
    if isinstance(setback.result, Refused) and sent.count == 1:
        return _voided(tightened, setback, "too large")
    return backed_off(tightened, setback)


def plain(link: Link, setback: Setback) -> Link:
    """Once more without gzip; if that was it already, as refused access or as no network."""
    if setback.sent.packed:
        return _at_once(replace(link, gzip_refused=True), setback)
    return access_refused(link, setback) if setback.result.status == 401 else backed_off(link, setback)


def bisected(link: Link, setback: Setback) -> Link:
    """Find the answer that spoils the request, by halves; alone and bare it is void. A heartbeat has none to find."""
    sent = setback.sent
    if sent.count == 0:
        return backed_off(link, setback)
    if sent.count == 1 and sent.send.bare:
        return _voided(link, setback, setback.result.reason)
    first = sent.send.first
    progress = replace(link.progress(sent.send.store), suspect=(first, first + sent.count - 1))
    return _at_once(link.advanced(progress), setback)


def access_refused(link: Link, setback: Setback) -> Link:
    """Keep; ask again every 15 minutes, and a little later by chance, so that a fleet does not return together."""
    return _waiting(link, setback, int(ACCESS_WAIT_MS * (1 + setback.chance / 10)), link.failures + 1)


def wrong_place(link: Link, setback: Setback) -> Link:
    """Keep; ask hourly."""
    return _waiting(link, setback, int(WRONG_PLACE_WAIT_MS * (1 + setback.chance / 10)), link.failures + 1)


def new_store(link: Link, setback: Setback) -> Link:
    """Keep; ask the recorder for a new store. This one is offered again hourly, and no other waits for it."""
    rested_ms = setback.now_ms + WRONG_PLACE_WAIT_MS
    before = link.progress(setback.sent.send.store)
    return backed_off(link.advanced(replace(before, new_store=True, resting_until_ms=rested_ms)), setback)


def _waiting(link: Link, setback: Setback, wait_ms: int, failures: int) -> Link:
    return replace(
        link,
        failures=failures,
        cut_off=False,
        not_before_ms=setback.now_ms + wait_ms,
        waiting_for=setback.result.reason,
    )


def _at_once(link: Link, setback: Setback) -> Link:
    return _waiting(link, setback, link.min_interval_s * SECOND_MS, link.failures)


def _voided(link: Link, setback: Setback, reason: str) -> Link:
    send = setback.sent.send
    # What is left of the suspect range was refused for this answer: nothing is known against it any more.
    progress = replace(
        ranges.declared_void(link.progress(send.store), send.first, send.first, reason), suspect=None
    )
    # Counted as a failure, so that the next lone suspect needs proof.
    return backed_off(link.advanced(progress), setback)


Action = Callable[[Link, Setback], Link]

SIGNED, EITHER = "signed", "signed or not"

RULES: tuple[tuple[frozenset[int], str, Action], ...] = (
    # status                            counts if  what the kiosk does
    (frozenset({413}),                  EITHER,    smaller),
    (frozenset({415, 401}),             EITHER,    plain),
    (frozenset({400, 422}),             SIGNED,    bisected),
    (frozenset({403}),                  EITHER,    access_refused),
    (frozenset({404, 405, 410, 426}),   EITHER,    wrong_place),
    (frozenset({409}),                  SIGNED,    new_store),
    # Everything else, and these unsigned: backed_off. No route, DNS, TCP, TLS, time-out, a 200 that is not central's,
    # 3xx, 408, 425, 429, 5xx, 511, and whatever status is invented next.
)  # fmt: skip
