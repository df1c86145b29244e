"""The sync agent's loop: look, plan, send, keep the result. All it knows is in sync.db; its memory may be lost."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event
from time import monotonic

from feedback.answers import Anchor, Answer, Moment
from feedback.errors import LinkError, StoreError
from feedback.wire import Closed
from kiosk.clock import Clock
from kiosk.pinned import pinned_path
from kiosk.settings import Settings
from kiosk.storage.closed import stores
from kiosk.storage.database import leave
from kiosk.storage.link import LinkFile, prepare_link
from kiosk.storage.link_state import Link
from kiosk.sync import documents, plan
from kiosk.sync.again import explained, with_again
from kiosk.sync.carrier import Carrier
from kiosk.sync.courier import Courier
from kiosk.sync.desk import Desk
from kiosk.sync.enrolment import enrolled
from kiosk.sync.hatch import Hatch
from kiosk.sync.known_time import KnownTime
from kiosk.sync.line import Line
from kiosk.sync.look import Look
from kiosk.sync.outgoing import Beside, Outgoing, Reader, is_unhappy, outgoing, status, untold_anchors
from kiosk.sync.progress import declared_void, is_another_life, waiting
from kiosk.sync.shelf import Shelf
from kiosk.sync.steps import Acknowledged, Send, Sleep, Waiting
from kiosk.sync.trip import Central, Trips, learned
from kiosk.sync.trust import NAME, Trust, take_keys

LOOK_S = 1.0
"""How often answers.db is asked for its last seq: one small read."""
DOCUMENTS_AGAIN_MS = 300_000
SILENT_MS = 900_000
"""Without an acknowledgement for so long, nobody names new documents: the agent asks for them by itself."""
ANCHOR_DOUBT_MS = 1_000
"""An anchor is noted when this boot's others leave more doubt than this: about every half hour."""
DRIFT_PPM = 500
GONE = "not readable on the kiosk"

log = logging.getLogger(__name__)


class Agent:
    """
    Hands stored answers to central. One thread, one connection, one sync.db.

    Args:
        readers: Every store that has rows, asked again at each step; the one in use last.
        chance: Random, 0 to 1.
        splay_ms: The most that it waits after a boot before it first calls.
        carrier: Tells when a network comes up.
        beside: Documents are fetched in a thread and over a connection of their own; False: in turn with answers, for
            a clock that is told the time.

    Raises, when made:
        StoreError: sync.db is in use, or made for a newer program.
        LinkError: This kiosk is not enrolled.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        readers: Callable[[], Sequence[Reader]] | None = None,
        line: Line | None = None,
        chance: Callable[[], float] = random.random,
        splay_ms: int | None = None,
        carrier: Carrier | None = None,
        beside: bool = False,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._readers = readers or (lambda: stores(settings.answers_folder))
        self._chance = chance
        self._line = line or Line()
        self._carrier = carrier or Carrier()
        identity, keys = enrolled(settings)
        self._trust = Trust(pinned_path(settings))
        self._trips = Trips(Central(settings.central.url, keys), identity, clock, self._line)
        _, note = prepare_link(settings.sync_db)
        if note:
            log.error("%s", note)
        self._file = LinkFile(settings.sync_db)
        self._time = KnownTime(clock, self._file.anchors())
        most_ms = plan.BOOT_SPLAY_MS if splay_ms is None else splay_ms
        now = clock.moment()
        link = plan.begun(self._file.link, now.boot, now.boot_ms, int(chance() * most_ms))
        self._file.save(documents.present(link, settings.documents, self._trips.is_central))
        beside_line = Line() if beside else None
        if beside_line is not None:
            beside_line.utc_ms = self._time.utc_ms
        self._courier = Courier(settings.documents, beside_line)
        shelf = Shelf(settings, self._file, self._trust, self._believing_anew, lambda: self._courier.is_out)
        desk = Desk(self._file, identity, self._trust, shelf, self._readers, clock)
        self._hatch = Hatch(settings.sync_folder, desk)
        self._line.utc_ms = self._time.utc_ms
        self._documents_after_ms = 0
        self._keys_after_ms = 0
        self._started_ms = now.boot_ms
        self._seen: int | None = None
        self._current: Reader | None = None

    @property
    def link(self) -> Link:
        """What is remembered now."""
        return self._file.link

    def run(self, stop: Event, alive: Callable[[str], None] = lambda _: None) -> None:
        """
        Work until *stop* is set. *alive* is called at least once a second while idle, and before each trip.

        A trip lasts 60 s at most: a watchdog has to wait longer than that.
        """
        while not stop.is_set():
            alive(self.words())
            self._hatch.serve()
            self._idle(self.step(), stop, alive)

    def step(self) -> float:
        """Do the next thing; how many seconds to wait before the one after it."""
        now = self._clock.moment()
        readers = list(with_again(self.link, self._readers()))
        link = explained(self.link, readers)
        if link != self.link:
            self._file.save(link)
        looks = [look for reader in readers if (look := self._look(reader, is_last=reader is readers[-1]))]
        self._current, self._seen = readers[-1], looks[-1].last_seq if looks else None
        step = plan.next_step(self.link, [_waiting(look, now) for look in looks], now.boot_ms)
        if isinstance(step, Sleep):
            self._fetch_keys(now)
            self._fetch_documents(now)
            return step.ms / 1_000
        self._ask_time()
        self._trip(step, looks, now)
        self._fetch_keys(now)
        self._fetch_documents(now)
        return 0.0

    def _ask_time(self) -> None:
        """A boot that does not know the time asks before it judges a certificate by it."""
        if not self._trips.needs_time or self._time.is_known:
            return
        try:
            self._learn(self.link, [self._trips.time()])
        except LinkError as error:
            log.info("central does not tell the time: %s", error)

    def _learn(
        self, link: Link, learned: Sequence[Anchor], told: Sequence[Anchor] = (), *, again: bool = False
    ) -> None:
        self._file.save(link, learned, told, tell_again=again)
        self._time.learn(self._file.anchors())

    def words(self) -> str:
        """How it goes, in one plain sentence."""
        link = self.link
        if link.failures:
            return f"nothing handed over since {link.failures} attempts: {link.trouble}"
        return link.waiting_for or "in touch with central"

    def close(self) -> None:
        """Let go of the network and of the right to write sync.db; its connection stays open as every writer's."""
        self._courier.close()
        self._line.hang_up()
        self._hatch.close()
        self._file.leave_open()

    def _idle(self, seconds: float, stop: Event, alive: Callable[[str], None]) -> None:
        """Wait *seconds*, less if an answer or a document comes or it is time to stop."""
        until = monotonic() + seconds
        # Compared with what the step saw, not with what is there now: a press in between is not slept over.
        while (
            (left := until - monotonic()) > 0
            and self._last_seq() == self._seen
            and not self._courier.has_brought
        ):
            alive(self.words())
            if self._hatch.serve() or stop.wait(min(left, LOOK_S)) or self._network_came_up():
                return

    def _network_came_up(self) -> bool:
        """Whether that ends a wait sooner."""
        if not self._carrier.came_up():
            return False
        link = plan.network_came_up(self.link, self._clock.moment().boot_ms, self._chance())
        is_news = link != self.link
        self._file.save(link)
        return is_news

    def _last_seq(self) -> int | None:
        try:
            return self._current.last_seq() if self._current else None
        except StoreError:
            return None

    def _look(self, reader: Reader, *, is_last: bool) -> Look | None:
        try:
            store = reader.store_id()
            batch = reader.answers(self.link.progress(store).delivered + 1, plan.FULL)
            return Look(reader, store, reader.last_seq(), batch.answers)
        except StoreError as error:
            log.warning("answers cannot be read now: %s", error)
        if is_last and self.link.stores:
            # The heartbeat goes on, under the store last known.
            return Look(reader, self.link.stores[-1].store, None)
        return None

    def _trip(self, send: Send, looks: Sequence[Look], now: Moment) -> None:
        try:
            ready = self._outgoing(send, looks, now)
        except StoreError as error:
            log.warning("answers cannot be read now: %s", error)
            return
        if ready is None:
            return
        sent = ready.sent
        before = self._clock.moment()
        result = self._trips.sync(ready.body, send.first, sent.count, packed=sent.packed)
        after = self._clock.moment()
        before_it = self.link.progress(send.store)
        is_restored = isinstance(result, Acknowledged) and is_another_life(before_it, result.acknowledgement)
        if is_restored:
            sent = replace(sent, pruned_upto=self._pruned_upto(send, looks))
        link = plan.after(self.link, sent, result, after.boot_ms, self._chance())
        if link.failures or not isinstance(result, Acknowledged):
            link = replace(link, trouble_ms=after.wall_ms)
            log.warning("%d answers not handed over: %s", sent.count, link.trouble)
        if not isinstance(result, Acknowledged):
            self._file.save(link)
            return
        anchor = learned(before, after, result.acknowledgement.server_utc_ms)
        self._learn(link, [anchor] if self._is_news(anchor) else [], ready.anchors, again=is_restored)
        if self._trust.seen(self._trips.signer, result.acknowledgement.server_utc_ms):
            self._file.save(self._believing_anew(self.link))
        if sent.count:
            log.info("%d answers handed over in %d bytes", sent.count, sent.octets)

    def _outgoing(self, send: Send, looks: Sequence[Look], now: Moment) -> Outgoing | None:
        """What to send; None if the rows are not what the plan took them for, and it has to look again."""
        answers: tuple[Answer, ...] = ()
        look = next(one for one in looks if one.store == send.store)
        if send.count:
            batch = look.reader.answers(send.first, send.count)
            if batch.store != send.store:
                return None
            if batch.spoiled and batch.spoiled[0] == send.first:
                self._declare_void(send, batch.spoiled)
                return None
            gap = batch.spoiled[0] if batch.spoiled else batch.last + 1
            answers = tuple(answer for answer in batch.answers if answer.seq < gap)
        texts = look.reader.texts([one.seq for one in answers if one.text_digest]) if answers else {}
        return outgoing(self.link, send, look.last_seq, answers, texts, self._beside(send, looks, now))

    def _pruned_upto(self, send: Send, looks: Sequence[Look]) -> int:
        try:
            return next(one.reader.pruned_upto() for one in looks if one.store == send.store)
        except StoreError:
            # Offered again from its beginning: what is not there is void, which changes nothing central has stored.
            return 0

    def _declare_void(self, send: Send, spoiled: tuple[int, ...]) -> None:
        last = send.first
        while last + 1 in spoiled:
            last += 1
        log.error("answers %d to %d are not readable: declared void", send.first, last)
        progress = declared_void(self.link.progress(send.store), send.first, last, GONE)
        self._file.save(self.link.advanced(progress))

    def _beside(self, send: Send, looks: Sequence[Look], now: Moment) -> Beside:
        readable = all(look.last_seq is not None for look in looks)
        known = (*(anchor for look in looks for anchor in _anchors(look.reader)), *self._file.anchors())
        waiting, oldest = 0, None
        for look in looks:
            left = self._left(send, look)
            waiting += left
            oldest = oldest or (look.undelivered[0].moment if left and look.undelivered else None)
        report = status(
            waiting,
            oldest,
            now,
            known,
            self._settings.sync_folder,
            "ok" if readable else "unreadable",
            self.link.documents,
        ) | {"keys": self._trust.pins.version}
        closed = tuple(Closed(look.store, look.last_seq or 0) for look in looks if look.reader.closed)
        return Beside(untold_anchors(known, self._file.told()), now, report, closed)

    def _left(self, send: Send, look: Look) -> int:
        """What of a store waits once this request is answered; else the last one of a day says its own rows wait."""
        progress = self.link.progress(look.store)
        if send.count and send.store == look.store:
            progress = replace(progress, delivered=max(progress.delivered, send.first + send.count - 1))
        return waiting(progress, look.last_seq or 0)

    def _is_news(self, anchor: Anchor) -> bool:
        """Whether *anchor* tells much more of this boot's time than is known already."""
        doubts = [
            known.error_ms + (anchor.boot_ms - known.boot_ms) * DRIFT_PPM // 1_000_000
            for known in self._file.anchors()
            if known.boot == anchor.boot
        ]
        return min(doubts, default=ANCHOR_DOUBT_MS + 1) > max(ANCHOR_DOUBT_MS, anchor.error_ms)

    def _fetch_keys(self, now: Moment) -> None:
        """Follow central's keys when it names a newer document, or signs with a key that is not known here."""
        document = self.link.document(NAME)
        lost = self._trips.met_stranger
        named = document.version > 0 and document.sha256 != document.held_sha256
        if now.boot_ms < self._keys_after_ms or not (lost or named):
            return
        self._keys_after_ms = now.boot_ms + DOCUMENTS_AGAIN_MS
        before = self._trust.pins
        taken = take_keys(
            document, self._trust, self._trips.key_document, self._settings.documents, lost=lost
        )
        link = self.link.documented(taken)
        if taken.trouble:
            log.warning("%s", taken.trouble)
        if self._trust.pins != before:
            self._trips.met_stranger = False
            link = self._believing_anew(replace(link, not_before_ms=min(link.not_before_ms, now.boot_ms)))
        self._file.save(link)

    def _believing_anew(self, link: Link) -> Link:
        """*link* under the keys believed now, less the documents that none of them has signed."""
        self._trips.met_stranger = False
        self._trips.believe_by(self._trust.pins.believed)
        return documents.present(link, self._settings.documents, self._trips.is_central)

    def _fetch_documents(self, now: Moment) -> None:
        """Whatever became of the answers, and without a word to them."""
        self._keep_documents(now)
        if self._courier.is_out or now.boot_ms < self._documents_after_ms:
            return
        silent = now.boot_ms - (self.link.heard_ms or self._started_ms) > SILENT_MS
        if wanted := documents.wanted(self.link, silent=silent):
            self._courier.go(wanted, self._trips)
        if silent:
            self._documents_after_ms = now.boot_ms + DOCUMENTS_AGAIN_MS
        self._keep_documents(now)

    def _keep_documents(self, now: Moment) -> None:
        """Note in sync.db what was fetched, or why not."""
        for taken in self._courier.brought():
            self._file.save(documents.kept(self.link, taken))
            if taken.trouble:
                log.warning("the document %s is not taken: %s", taken.name, taken.trouble)
                self._documents_after_ms = now.boot_ms + DOCUMENTS_AGAIN_MS


def _waiting(look: Look, now: Moment) -> Waiting:
    if look.last_seq is None:
        return Waiting(look.store, 0)
    oldest = look.undelivered[0].moment if look.undelivered else None
    age_ms = now.boot_ms - oldest.boot_ms if oldest and oldest.boot == now.boot else None
    return Waiting(look.store, look.last_seq, age_ms, any(map(is_unhappy, look.undelivered)))


def _anchors(reader: Reader) -> list[Anchor]:
    try:
        return reader.anchors()
    except StoreError:
        return []


def serve(
    settings: Settings,
    clock: Clock,
    stop: Event,
    alive: Callable[[str], None] = lambda _: None,
    splay_ms: int | None = None,
) -> None:
    """Run the agent until *stop*, and leave the process so that sync.db stays readable for others."""
    agent = Agent(settings, clock, splay_ms=splay_ms, beside=True)
    agent.run(stop, alive)
    agent.close()
    leave()
