"""What a bad card does to the kiosk's files: every kind of damage, as a list of cases."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count, zip_longest
from pathlib import Path

from kiosk.storage.pages import rows_of

PAGE = 4096
WAL_HEADER, FRAME_HEADER = 32, 24
FRAME = FRAME_HEADER + PAGE
NAME = "answers.db"
ANSWER_VALUES = 11
"""The values in a row of the answers: no other table's rows have as many."""
JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")

Spoil = Callable[[bytearray, random.Random], bytes | bytearray | None]
"""What becomes of a file's bytes; None: there is no file any more."""


@dataclass(frozen=True)
class Damage:
    """
    One damage to one copy of the files.

    Attributes:
        kind: Its kind, for the count.
        suffix: Of the file it is done to; empty for the database itself.
        at: Where, and what makes its chance.
    """

    kind: str
    suffix: str
    at: int
    spoil: Spoil

    @property
    def name(self) -> str:
        return f"{self.kind} {NAME}{self.suffix} at {self.at}"

    def do(self, folder: Path) -> None:
        """Spoil the file in *folder*."""
        path = folder / (NAME + self.suffix)
        raw = bytearray(path.read_bytes()) if path.exists() else bytearray()
        spoiled = self.spoil(raw, random.Random(self.name))
        if spoiled is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(spoiled)


def damages(folder: Path, seed: int) -> Iterator[Damage]:
    """
    Every damage to the files in *folder*, kinds taking turns, and then random blocks without an end.

    A short run has some of every kind; a long one has every page, every byte and every boundary.
    """
    chance = random.Random(seed)
    kinds = [list(kind) for kind in _kinds(folder)]
    for kind in kinds:
        chance.shuffle(kind)
    for turn in zip_longest(*kinds):
        yield from (damage for damage in turn if damage is not None)
    for at in count():
        yield _blocks(("", "-wal")[at % 2], seed + at)


def how_many(folder: Path) -> int:
    """How many there are before the random blocks."""
    return sum(len(list(kind)) for kind in _kinds(folder))


def _kinds(folder: Path) -> Iterator[Iterator[Damage]]:
    size = (folder / NAME).stat().st_size
    wal = used_wal(folder)
    pages = range(0, size, PAGE)
    frames = range(WAL_HEADER, wal, FRAME)
    yield (_zeroed("page zeroed", "", at, PAGE) for at in pages)
    yield (_noise("page of noise", "", at, PAGE) for at in pages)
    yield (_zeroed("half a page zeroed", "", at, PAGE // 2) for at in range(0, size, PAGE // 2))
    yield (_flipped("byte flipped", "", at) for at in range(size))
    yield (_flipped("byte flipped in the WAL", "-wal", at) for at in range(0, wal, 7))
    yield (_cut("truncated", "", at) for at in _boundaries(pages, size))
    yield (_cut("WAL truncated", "-wal", at) for at in _boundaries(frames, wal))
    yield (
        _noise("header of noise", "", at, length) for at, length in ((0, 16), (16, 84), (0, 100), (100, 12))
    )
    yield (_noise("WAL header of noise", "-wal", 0, length) for length in (4, 8, 24, 32))
    yield (_noise("frame header of noise", "-wal", at, FRAME_HEADER) for at in frames)
    yield (_zeroed("frame zeroed", "-wal", at, FRAME) for at in frames)
    yield (_gone(suffix) for suffix in ("", "-wal", "-shm", ".meanings", ".lease"))
    yield (_noise("index of noise", "-shm", at, 4096) for at in (0, 48, 96, 136, 4096, 16_384))
    yield (_cut("index truncated", "-shm", at) for at in (0, 1, 136, 4096))
    yield (_journal(at, magic=bool(at % 2)) for at in (512, 513, 4096, 20_001))
    yield (_noise("second copy of noise", ".meanings", at, 64) for at in (0, 32, 64, 200))
    yield (_cut("second copy truncated", ".meanings", at) for at in (0, 1, 100))
    yield (_blocks(("", "-wal")[at % 2], -at) for at in range(1, 400))


def used_wal(folder: Path) -> int:
    """How much of the WAL the commits since the last checkpoint take: its header's salts stand in their frames."""
    raw = (folder / (NAME + "-wal")).read_bytes()
    at = WAL_HEADER
    while at + FRAME <= len(raw) and raw[at + 8 : at + 16] == raw[16:24]:
        at += FRAME
    return at


def _boundaries(starts: range, size: int) -> Iterator[int]:
    yield from (0, 1, 16, 99, 512)
    for start in starts:
        yield from (at for at in (start - 1, start, start + 1, start + 2048) if 512 < at < size)


def _zeroed(kind: str, suffix: str, at: int, length: int) -> Damage:
    return Damage(
        kind, suffix, at, lambda raw, _: raw[:at] + bytes(len(raw[at : at + length])) + raw[at + length :]
    )


def _noise(kind: str, suffix: str, at: int, length: int) -> Damage:
    return Damage(
        kind,
        suffix,
        at,
        lambda raw, chance: raw[:at] + chance.randbytes(len(raw[at : at + length])) + raw[at + length :],
    )


def _flipped(kind: str, suffix: str, at: int) -> Damage:
    def flip(raw: bytearray, chance: random.Random) -> bytearray:
        raw[at] ^= chance.choice((1, 2, 4, 8, 16, 32, 64, 128, 255))
        return raw

    return Damage(kind, suffix, at, flip)


def _cut(kind: str, suffix: str, at: int) -> Damage:
    return Damage(kind, suffix, at, lambda raw, _: raw[:at])


def _gone(suffix: str) -> Damage:
    return Damage("gone", suffix, 0, lambda *_: None)


def _journal(length: int, *, magic: bool) -> Damage:
    head = JOURNAL_MAGIC if magic else b""
    return Damage("stray journal", "-journal", length, lambda _, chance: head + chance.randbytes(length))


def _blocks(suffix: str, number: int) -> Damage:
    def blocks(raw: bytearray, chance: random.Random) -> bytearray:
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(0, len(raw), 512)
            length = chance.choice((512, 512, 4096, 8192))
            piece = chance.choice((bytes(length), chance.randbytes(length), bytes(raw[:length])))
            raw[at : at + length] = piece[: len(raw[at : at + length])]
        return raw

    return Damage("blocks", suffix, number, blocks)


def inside_ratings(pages: dict[tuple[str, int], bytes]) -> list[Damage]:
    """For the control: damage to the values of ratings, of the database and of its WAL."""
    found = []
    for (suffix, at), page in pages.items():
        for seq, values in rows_of(page):
            if len(values) == ANSWER_VALUES and seq in {3, 5, 7}:
                found.append(Damage("rating changed", suffix, at, partial(_other_rating, page=page, seq=seq)))
    return found


def _other_rating(raw: bytearray, _chance: random.Random, *, page: bytes, seq: int) -> bytes:
    """Every copy of the row of *seq* with another value: its record's tail is value, source, test, crc."""
    for number, values in rows_of(page):
        if number == seq and len(values) == ANSWER_VALUES:
            source = str(values[8]).encode()
            crc = int(values[10] or 0)
            size = 6 if crc >= 1 << 31 else 4
            tail = source + crc.to_bytes(size)
            value = int(values[7] or 0)
            return bytes(raw).replace(bytes([value]) + tail, bytes([value % 5 + 1]) + tail)
    return bytes(raw)
