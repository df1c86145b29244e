"""
``central import``: kiosks' requests from a stick, through the very same path as by network.

The stick is only another way to carry the same signed bytes: what HTTP would refuse is refused here, what it would
store is stored in the same transaction, and the answer is the same signed one, written beside for the way back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Engine

from central.exchange import RefusedRequest
from central.fleet import enrolment
from central.fleet.publishing import signed_documents
from central.ingest import sync
from central.keys import NAME as KEYS
from central.keys import Keys
from central.sealing import opened_by_any as unsealed
from central.signing import Signed, claimed_nonce, signed_headers
from central.store.database import reading
from central.store.generations import HighWater
from feedback import wire
from feedback.errors import StickError, WireError
from feedback.sticks import StickFolder, shown
from feedback.wire import Message, Purpose, StickFile, StickKind, fields

DOCUMENT = ".kdoc"
REQUESTS = (f".{StickKind.REQUEST.value}", f".{StickKind.ENROL_REQUEST.value}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What became of one file.

    Attributes:
        sentence: In plain words, with the file's name.
        done: Whether everything in it is stored, and answered.
    """

    sentence: str
    done: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """Central's signed answer to one request, as it goes back, and what it says in short."""

    file: StickFile
    words: str
    done: bool


class Importer:
    """
    Takes what kiosks sent on sticks.

    Args:
        mark: Beside the database, as it was begun.
        answers: Where the acknowledgements go; None: beside what they answer.
    """

    def __init__(
        self,
        store: Engine,
        keys: Keys,
        mark: HighWater,
        now_ms: Callable[[], int],
        answers: Path | None = None,
    ) -> None:
        self._store, self._keys, self._mark = store, keys, mark
        self._now_ms, self._answers = now_ms, answers

    def run(self, paths: Sequence[Path]) -> Iterator[Outcome]:
        """
        Everything at *paths*, which are sticks' folders or files, one outcome for each file.

        A file that cannot be taken never keeps another one from being taken.
        """
        for path in paths:
            try:
                if path.is_dir() and not path.name.endswith(REQUESTS):
                    yield from self._folder(path)
                else:
                    with StickFolder(path.parent) as folder:
                        yield self._file(folder, path.name)
            except StickError as error:
                yield Outcome(str(error), done=False)

    def _folder(self, path: Path) -> Iterator[Outcome]:
        with StickFolder(path) as folder:
            names = folder.names(*REQUESTS)
            if not names:
                yield Outcome(f"{path}: nothing from a kiosk is on it", done=True)
            for name in names:
                yield self._file(folder, name)

    def _file(self, folder: StickFolder, name: str) -> Outcome:
        try:
            file = wire.decode_stick_file(folder.read(name, wire.MOST_STICK_BYTES))
            reply = self._reply(file)
        except (StickError, WireError) as error:
            return Outcome(f"{shown(name)}: not taken: {error}", done=False)
        said = f"{shown(name)}: {reply.words}"
        try:
            self._write(folder, name, reply)
        except StickError as error:
            return Outcome(
                f"{said}; the answer for the kiosk could not be written ({error}): "
                "import it again with --answers FOLDER",
                done=False,
            )
        return Outcome(said, reply.done)

    def _reply(self, file: StickFile) -> Reply:
        """
        What is to be said to the request in *file*.

        Raises:
            WireError: It was not sealed to this central by that kiosk, or is not a request.
        """
        if file.kind is StickKind.ENROL_REQUEST:
            return self._enrolled(file)
        if file.kind is not StickKind.REQUEST:
            raise WireError("it is not a request of a kiosk's")
        message = self._opened(file)
        signed = Signed(
            "POST", f"http://central{wire.sync_path(file.kiosk)}", list(message.headers), message.body
        )
        try:
            request, nonce = sync.opened(self._store, file.kiosk, signed)
        except RefusedRequest as refused:
            body = wire.encode_refusal(wire.Refusal(refused.code, refused.sentence))
            nonce = refused.nonce or claimed_nonce(signed.headers)
            words = f"not taken: {refused.sentence}"
            return Reply(self._signed(file.kiosk, refused.status, body, nonce), words, done=False)
        # Whatever it says of its clock and of itself was true when it was written, and may be played again any day.
        carried = replace(request, now=None, status={})
        acknowledgement = sync.acknowledged(self._store, self._mark, file.kiosk, carried, self._now_ms())
        named = {**acknowledgement.documents, **self._keys.named}
        said = replace(acknowledgement, server_utc_ms=self._now_ms(), documents=named)
        body = wire.encode_acknowledgement(said)
        return Reply(
            self._signed(file.kiosk, 200, body, nonce), _words(file.kiosk, acknowledgement), done=True
        )

    def _enrolled(self, file: StickFile) -> Reply:
        """
        What is to be said to a kiosk that asks for its identity.

        Raises:
            WireError: It gets none.
        """
        try:
            answer, nonce = enrolment.carried(self._store, self._keys, file.content, self._now_ms())
        except RefusedRequest as refused:
            raise WireError(refused.sentence) from None
        body = wire.encode_enrol_reply(answer)
        headers = signed_headers(self._keys, 200, body, fields.text(nonce))
        content = wire.encode_message(Message(tuple(headers.items()), body, 200))
        reply = StickFile(StickKind.ENROL_REPLY, answer.kiosk, content, nonce.hex())
        return Reply(reply, f"kiosk {answer.kiosk} is enrolled at branch {answer.branch}", done=True)

    def _opened(self, file: StickFile) -> Message:
        try:
            clear = unsealed(file.content, self._keys.opening, Purpose.STICK, file.kiosk)
        except WireError:
            raise WireError(f"it was not sealed to this central by kiosk {file.kiosk}") from None
        return wire.decode_message(clear)

    def _signed(self, kiosk: str, status: int, body: bytes, nonce: str) -> StickFile:
        headers = signed_headers(self._keys, status, body, nonce)
        content = wire.encode_message(Message(tuple(headers.items()), body, status))
        return StickFile(StickKind.ACKNOWLEDGEMENT, kiosk, content, nonce)

    def _write(self, beside: StickFolder, name: str, reply: Reply) -> None:
        answer = f"{name.rpartition('.')[0]}.{reply.file.kind.value}"
        files = [(answer, wire.encode_stick_file(reply.file))]
        if self._answers is None:
            self._put(beside, files, reply)
            return
        with StickFolder(self._answers) as folder:
            self._put(folder, files, reply)

    def _put(self, folder: StickFolder, files: list[tuple[str, bytes]], reply: Reply) -> None:
        """Put *files* there, with the documents that the kiosk should have and that are not there yet."""
        there = folder.names(DOCUMENT)
        if self._keys.document:
            # Whatever became of the request: the answer to it may be signed by a key that only these lead to.
            _, digest = self._keys.named[KEYS]
            name = f"{KEYS}-{digest[:8]}{DOCUMENT}"
            if name not in there:
                files.append((name, self._keys.document))
        if reply.done:
            with reading(self._store) as connection:
                for one in signed_documents(connection, self._keys, reply.file.kiosk):
                    name = f"{one.name}-{one.version}-{one.sha256[:8]}{DOCUMENT}"
                    if name not in there:
                        files.append((name, wire.encode_document(one)))
        folder.write(files)


def _words(kiosk: str, said: wire.Acknowledgement) -> str:
    counts: dict[str, int] = {}
    for verdict in said.verdicts:
        counts[verdict.state.value] = counts.get(verdict.state.value, 0) + verdict.last - verdict.first + 1
    if not counts:
        return f"kiosk {kiosk} had nothing to hand over"
    told = ", ".join(f"{n} {state}" for state, n in counts.items())
    total = sum(counts.values())
    return f"{total} {'answer' if total == 1 else 'answers'} of kiosk {kiosk}: {told}"
