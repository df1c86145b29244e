"""
What the owner of sync.db does for a stick: makes sealed requests, believes what comes back. Touches no stick.

Every request's nonce is in sync.db before the request leaves, and the cursor moves in one transaction with the nonce's
being used up. So a stick may be lost, torn, copied, brought back twice, by anybody and in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import requests
from requests.structures import CaseInsensitiveDict

from feedback.answers import Answer, SealedText
from feedback.errors import LinkError, StoreError, WireError
from feedback.wire import (
    CONTENT_TYPE,
    Acknowledgement,
    Closed,
    Limits,
    Message,
    Purpose,
    StickFile,
    StickKind,
    decode_message,
    decode_stick_file,
    encode_message,
    encode_stick_file,
    sync_path,
)
from kiosk.clock import Clock
from kiosk.sealing import seal
from kiosk.storage.link import LinkFile
from kiosk.storage.link_carried import Carried
from kiosk.sync import plan
from kiosk.sync import progress as ranges
from kiosk.sync.again import explained, with_again
from kiosk.sync.line import Reply
from kiosk.sync.outgoing import Beside, Outgoing, Reader, outgoing, untold_anchors
from kiosk.sync.shelf import ENDING as DOCUMENT
from kiosk.sync.shelf import Shelf
from kiosk.sync.signatures import Identity, believe, fresh_nonce, sign
from kiosk.sync.steps import Acknowledged, Refused, Send, Sent
from kiosk.sync.trip import result_of
from kiosk.sync.trust import Trust

MOST_FILES = 64
"""In one export: 16 MB at most, some 300,000 answers. What is left goes with the next one."""
LIMITS = Limits()
"""No proxy is in the way of a stick: what central takes at most is what a file holds."""
GONE = "not readable on the kiosk"


@dataclass(frozen=True, slots=True)
class Export:
    """One file for the stick, with how many answers are in it."""

    name: str
    content: bytes
    answers: int


@dataclass(frozen=True, slots=True)
class Taken:
    """
    What became of a file from a stick.

    Attributes:
        sentence: For a person; without the file's name.
        done: Nothing more will ever come of it: it may leave the stick, with the request it answers.
        answers: How many answers it acknowledged.
    """

    name: str
    sentence: str
    done: bool = False
    answers: int = 0


@dataclass(frozen=True, slots=True)
class _Believed:
    name: str
    request: Carried
    acknowledgement: Acknowledgement
    signer: bytes


class Desk:
    """
    Works on *file* for a stick; for the thread that owns it.

    Args:
        trust: By which central is believed, and sealed to.
        shelf: Puts documents in place.
        readers: Every store that has rows; the one in use last.
    """

    def __init__(
        self,
        file: LinkFile,
        identity: Identity,
        trust: Trust,
        shelf: Shelf,
        readers: Callable[[], Sequence[Reader]],
        clock: Clock,
    ) -> None:
        self._file, self._identity, self._trust, self._shelf = file, identity, trust, shelf
        self._readers, self._clock = readers, clock

    @property
    def kiosk(self) -> str:
        """Whose desk it is."""
        return self._identity.kiosk

    def left(self) -> int:
        """How many answers central has not acknowledged."""
        link = self._file.link
        return sum(ranges.waiting(link.progress(one.store_id()), one.last_seq()) for one in self._stores())

    def names(self) -> list[str]:
        """The stems of the files of every request that is remembered: what of ours may still lie on a stick."""
        return [stem_of(self.kiosk, *one) for one in self._file.carried_numbers()]

    def export(self) -> Iterator[Export]:
        """
        What central has not acknowledged, as files; at least one, because documents come back with its answer.

        Moves nothing: what is exported is exported again until its acknowledgement is here.

        Raises:
            StoreError: The answers cannot be read.
        """
        for one in islice(self._outgoing(), MOST_FILES):
            yield self._sealed(one)

    def take(self, files: Iterable[tuple[str, bytes]]) -> list[Taken]:
        """
        What becomes of *files*: acknowledgements, and documents that they name. Of documents only what is new is told.

        All that acknowledgements move is kept in one transaction.
        """
        ready = list(files)
        papers = [(name, raw) for name, raw in ready if name.endswith(DOCUMENT)]
        taken = [Taken(*told) for told in self._shelf.follow_keys(papers)]
        believed: dict[str, _Believed] = {}
        for name, raw in ready:
            if name.endswith(DOCUMENT):
                continue
            try:
                one = self._believed(name, raw)
            except (LinkError, WireError) as error:
                taken.append(Taken(name, f"not believed: {error}"))
                continue
            if isinstance(one, Taken):
                taken.append(one)
            else:
                believed.setdefault(one.request.nonce, one)
        if believed:
            taken += self._keep(list(believed.values()))
        return [*taken, *(Taken(*told) for told in self._shelf.put(papers))]

    # Out ---------------------------------------------------------------------------------------------------------

    def _stores(self) -> list[Reader]:
        readers = list(with_again(self._file.link, self._readers()))
        link = explained(self._file.link, readers)
        self._file.save(link)
        return readers

    def _outgoing(self) -> Iterator[Outgoing]:
        readers = self._stores()
        known = (*(anchor for reader in readers for anchor in reader.anchors()), *self._file.anchors())
        closed = tuple(Closed(one.store_id(), one.last_seq()) for one in readers if one.closed)
        beside = Beside(untold_anchors(known, self._file.told()), closed=closed)
        some = False
        for reader in readers:
            for one in self._of_store(reader, beside):
                some, beside = True, Beside()
                yield one
        if not some:
            store = readers[-1].store_id()
            yield self._request(store, readers[-1].last_seq(), [], {}, beside)

    def _of_store(self, reader: Reader, beside: Beside) -> Iterator[Outgoing]:
        store, last_seq = reader.store_id(), reader.last_seq()
        some = False
        for first, last in ranges.owed(self._file.link.progress(store), last_seq):
            at = first
            while at <= last:
                batch = reader.answers(at, min(LIMITS.max_answers, last - at + 1))
                if batch.store != store:
                    raise StoreError("the store was replaced meanwhile: do the same once more")
                if batch.spoiled[:1] == (at,):
                    at = self._declare_void(store, batch.spoiled) + 1
                    continue
                gap = batch.spoiled[0] if batch.spoiled else batch.last + 1
                answers = [one for one in batch.answers if one.seq < gap]
                if not answers:
                    return
                texts = reader.texts([one.seq for one in answers if one.text_digest])
                made = self._request(store, last_seq, answers, texts, Beside() if some else beside)
                some = True
                yield made
                at += made.sent.count
        if not some and ranges.has_news(self._file.link.progress(store)):
            yield self._request(store, last_seq, [], {}, beside)

    def _declare_void(self, store: bytes, spoiled: Sequence[int]) -> int:
        """The last of the run that *spoiled* begins with, once all of it is void."""
        last = spoiled[0]
        while last + 1 in spoiled:
            last += 1
        progress = ranges.declared_void(self._file.link.progress(store), spoiled[0], last, GONE)
        self._file.save(self._file.link.advanced(progress))
        return last

    def _request(
        self,
        store: bytes,
        last_seq: int,
        answers: Sequence[Answer],
        texts: dict[int, SealedText],
        beside: Beside,
    ) -> Outgoing:
        progress = self._file.link.progress(store)
        first = answers[0].seq if answers else progress.delivered + 1
        send = Send(store, first, len(answers), void=ranges.untold(progress))
        roomy = replace(
            self._file.link,
            budget=LIMITS.max_bytes,
            max_bytes=LIMITS.max_bytes,
            gzip_offered=True,
            gzip_refused=False,
        )
        return outgoing(roomy, send, last_seq, answers, texts, beside)

    def _sealed(self, made: Outgoing) -> Export:
        nonce, sent = fresh_nonce(), made.sent
        headers = {"Content-Type": CONTENT_TYPE, "Content-Encoding": "gzip"}
        request = requests.Request("POST", f"http://central{sync_path(self.kiosk)}", headers, data=made.body)
        prepared = request.prepare()
        sign(prepared, made.body, self._identity, nonce, self._clock.moment().wall_ms)
        lines = tuple(
            (name, value) for name, value in prepared.headers.items() if name.lower() != "content-length"
        )
        content = seal(
            encode_message(Message(lines, made.body)),
            self._trust.pins.keys.sealing,
            Purpose.STICK,
            self.kiosk,
        )
        void = () if sent.bare else sent.send.void
        # Before it leaves: an answer to what is not remembered would not be believed.
        number = self._file.carry(
            Carried(nonce, sent.send.store, sent.send.first, sent.count, void, made.anchors)
        )
        file = StickFile(StickKind.REQUEST, self.kiosk, content)
        return Export(
            f"{stem_of(self.kiosk, number, nonce)}.{file.kind.value}", encode_stick_file(file), sent.count
        )

    # Back --------------------------------------------------------------------------------------------------------

    def _believed(self, name: str, raw: bytes) -> _Believed | Taken:
        """
        The acknowledgement in *raw*, or that nothing will ever come of it.

        Raises:
            LinkError, WireError: It does not count.
        """
        file = decode_stick_file(raw)
        if file.kind is not StickKind.ACKNOWLEDGEMENT or file.kiosk != self.kiosk:
            raise WireError(f"it is not an acknowledgement for kiosk {self.kiosk}")
        request = self._file.carried(file.nonce)
        if request is None:
            raise LinkError(
                "it answers a request that this kiosk does not remember; its answers are offered again"
            )
        message = decode_message(file.content)
        reply = Reply(message.status, CaseInsensitiveDict(message.headers), message.body)
        signer = believe(reply, request.nonce, self._trust.pins.believed)
        if request.answered:
            return Taken(name, "it was taken before, or central was restored since: nothing moved", done=True)
        result = result_of(reply, request.first, request.count)
        if isinstance(result, Refused):
            self._file.save(self._file.link, answered=[request.nonce])
            sentence = f"{result.reason}; nothing moved, and the answers are offered again"
            return Taken(name, sentence, done=True)
        if not isinstance(result, Acknowledged):
            raise LinkError(result.reason)
        return _Believed(name, request, result.acknowledgement, signer)

    def _keep(self, believed: Sequence[_Believed]) -> list[Taken]:
        readers = {reader.store_id(): reader for reader in self._stores()}
        link = self._file.link
        heard_ms, restored = link.last_success_ms, False
        in_order = sorted(believed, key=lambda one: (one.request.store, one.request.first))
        for one in in_order:
            link = plan.carried_back(link, _sent(one, readers), one.acknowledgement, newest=False)
        # What central said last of all is the only thing it may have meant to say of now.
        for one in _newest(in_order, heard_ms):
            before = self._file.link.progress(one.request.store)
            restored = restored or ranges.is_another_life(before, one.acknowledgement)
            link = plan.carried_back(link, _sent(one, readers), one.acknowledgement, newest=True)
        anchors = [anchor for one in believed for anchor in one.request.anchors]
        nonces = [one.request.nonce for one in believed]
        self._file.save(link, told=anchors, tell_again=restored, answered=nonces)
        over = [self._trust.seen(one.signer, one.acknowledgement.server_utc_ms) for one in in_order]
        if any(over):
            self._shelf.believe_anew()
        return [Taken(one.name, _words(one), done=True, answers=one.request.count) for one in in_order]


def _sent(one: _Believed, readers: Mapping[bytes, Reader]) -> Sent:
    """What went out, as far as it matters now."""
    request, reader = one.request, readers.get(one.request.store)
    send = Send(request.store, request.first, request.count, void=request.void)
    # The store's last seq as it is now: by network, central may have got more than had left on the stick.
    last_seq, pruned_upto = (reader.last_seq(), reader.pruned_upto()) if reader else (None, 0)
    return Sent(send, request.count, 0, packed=True, bare=False, last_seq=last_seq, pruned_upto=pruned_upto)


def _newest(believed: Sequence[_Believed], heard_utc_ms: int) -> list[_Believed]:
    """Of each store the one central said last, unless it has said something else since: by central's own clock."""
    found: dict[bytes, _Believed] = {}
    for one in sorted(believed, key=_said):
        if _said(one)[0] >= heard_utc_ms:
            found[one.request.store] = one
    return list(found.values())


def _said(one: _Believed) -> tuple[int, int]:
    ack = one.acknowledgement
    return ack.server_utc_ms, ack.accounted_upto


def _words(one: _Believed) -> str:
    counts: dict[str, int] = {}
    for verdict in one.acknowledgement.verdicts:
        counts[verdict.state.value] = counts.get(verdict.state.value, 0) + verdict.last - verdict.first + 1
    if not counts:
        return "central has heard this kiosk"
    return "central has " + ", ".join(f"{n} {state}" for state, n in counts.items())


def stem_of(kiosk: str, number: int, nonce: str) -> str:
    """The name of a request's file and of its answer's, without the ending: sorted as they were made, never twice."""
    return f"{kiosk}-{number:06d}-{nonce[:8]}"
