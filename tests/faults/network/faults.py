"""Everything a network does to a request, one function each."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import replace

from feedback import wire
from tests.faults.network.middle import Exchange, Fault, Whole, read, reply
from tests.faults.network.portals import PORTALS

RETRY_AFTER = (
    "0", "5", "120", "999999999999", "-3", "soon", "1e3", "", "Wed, 21 Oct 2026 07:28:00 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 2099 23:59:59 GMT", "Sun, 99 Foo 2026 99:99:99 GMT",
)  # fmt: skip
DATE = "Wed, 21 Oct 2026 07:00:00 GMT"
STATUSES = range(100, 600)
JSON = {"Content-Type": wire.CONTENT_TYPE}
DRIPS = 12
BOMB = gzip.compress(b" " * (32 << 20), 9)


# The line -------------------------------------------------------------------------------------------------------


async def request_cut(exchange: Exchange) -> None:
    """Central hears the request up to some byte, and the line is cut."""
    await cut_after(exchange, exchange.chance.randrange(len(exchange.request.raw)))


async def cut_after(exchange: Exchange, octets: int) -> None:
    """Central hears so many bytes of the request."""
    _, writer = await asyncio.open_connection("127.0.0.1", exchange.middle.port)
    writer.write(exchange.request.raw[:octets])
    await writer.drain()
    writer.close()
    exchange.cut()


async def dripping_request(exchange: Exchange) -> None:
    """The request reaches central a byte at a time here and there, as over a line that hardly is one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", exchange.middle.port)
    raw = exchange.request.raw
    cut = exchange.chance.randrange(len(raw) - DRIPS)
    for part in (raw[:cut], *(bytes([byte]) for byte in raw[cut : cut + DRIPS]), raw[cut + DRIPS :]):
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.0005)
    whole = await read(reader)
    writer.close()
    if whole is None:
        raise ConnectionResetError
    exchange.give(whole)


async def reply_cut(exchange: Exchange) -> None:
    """Central has it all, and its reply arrives up to some byte."""
    whole = await exchange.ask()
    exchange.writer.write(whole.raw[: exchange.chance.randrange(len(whole.raw))])
    exchange.writer.close()


async def never_arrived(exchange: Exchange) -> None:
    """The line is cut before central has heard a word."""
    exchange.cut()


async def delayed(exchange: Exchange) -> None:
    """All of it, later."""
    await asyncio.sleep(exchange.chance.random() * 0.02)
    whole = await exchange.ask()
    await asyncio.sleep(exchange.chance.random() * 0.02)
    exchange.give(whole)


async def dripping(exchange: Exchange) -> None:
    """The reply comes a byte at a time until the kiosk's patience ends: brought on here, not waited for."""
    whole = await exchange.ask()
    cut = exchange.chance.randrange(len(whole.raw) - DRIPS)
    exchange.writer.write(whole.raw[:cut])
    for byte in whole.raw[cut : cut + DRIPS - 1]:
        exchange.writer.write(bytes([byte]))
        await asyncio.sleep(0.0005)
    exchange.middle.too_slow()
    await asyncio.sleep(0.002)
    exchange.cut()


async def silent(exchange: Exchange) -> None:
    """Taken, and never answered."""
    await exchange.ask()
    exchange.middle.too_slow()
    await asyncio.sleep(0.002)
    exchange.cut()


# Played again ---------------------------------------------------------------------------------------------------


async def delivered_twice(exchange: Exchange) -> None:
    """Central hears the request twice; either reply comes back."""
    replies = [await exchange.ask(), await exchange.ask()]
    exchange.give(exchange.chance.choice(replies))


async def delivered_at_once_twice(exchange: Exchange) -> None:
    """The same, side by side."""
    replies = await asyncio.gather(exchange.ask(), exchange.ask())
    exchange.give(exchange.chance.choice(replies))


async def delivered_late(exchange: Exchange) -> None:
    """The kiosk hears nothing; central gets the request later, after newer ones."""
    exchange.middle.late.append(exchange.request)
    exchange.cut()


async def late_ones_first(exchange: Exchange) -> None:
    """What was held up arrives, in any order, just before this one."""
    late = exchange.middle.late
    exchange.chance.shuffle(late)
    while late:
        await exchange.ask(late.pop().raw)
    exchange.give(await exchange.ask())


async def old_request_again(exchange: Exchange) -> None:
    """An older request is delivered again, beside this one."""
    if exchange.middle.requests:
        await exchange.ask(exchange.chance.choice(exchange.middle.requests).raw)
    exchange.give(await exchange.ask())


async def old_request_instead(exchange: Exchange) -> None:
    """An older request is delivered in place of this one, and its fresh reply comes back."""
    old = exchange.chance.choice([exchange.request, *exchange.middle.requests])
    exchange.give(await exchange.ask(old.raw))


async def old_reply_instead(exchange: Exchange) -> None:
    """Somebody plays an older reply, and central hears nothing."""
    exchange.give(exchange.chance.choice([*exchange.middle.replies, PORTALS[0]]))


async def old_reply_after_all(exchange: Exchange) -> None:
    """Central hears it, and an older reply comes back."""
    await exchange.ask()
    exchange.give(exchange.chance.choice([*exchange.middle.replies, PORTALS[0]]))


# Sizes ----------------------------------------------------------------------------------------------------------


async def endless(exchange: Exchange) -> None:
    """A body without an end, as far as anybody reads."""
    head = exchange.chance.choice((b"", b"Content-Length: 99999999\r\n"))
    exchange.writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + head + b"\r\n")
    for _ in range(24):
        exchange.writer.write(b" " * 65_536)
        await exchange.writer.drain()
    exchange.writer.close()


async def endless_header(exchange: Exchange) -> None:
    """A header without an end."""
    exchange.writer.write(b"HTTP/1.1 200 OK\r\n")
    for at in range(exchange.chance.choice((200, 5_000))):
        exchange.writer.write(b"X-%d: 1\r\n" % at)
    exchange.writer.close()


async def shorter_than_said(exchange: Exchange) -> None:
    """The body ends before its length."""
    whole = await exchange.ask()
    exchange.give(Whole(whole.head, whole.body[: len(whole.body) // 2]))


async def bomb(exchange: Exchange) -> None:
    """A small body that unfolds to 32 MB."""
    kind = {"Content-Type": wire.CONTENT_TYPE, "Content-Encoding": "gzip"}
    exchange.give(reply(200, BOMB, kind))


async def repacked_reply(exchange: Exchange) -> None:
    """A proxy packs central's reply."""
    whole = await exchange.ask()
    body = gzip.compress(whole.body)
    exchange.give(_with(Whole(whole.head, body), content_encoding="gzip", content_length=str(len(body))))


async def unpacked_request(exchange: Exchange) -> None:
    """A proxy unpacks the request, or packs it: its signature no longer holds."""
    request = exchange.request
    packed = "content-encoding" in request.fields
    body = gzip.decompress(request.body) if packed else gzip.compress(request.body)
    changed = _with(
        Whole(request.head, body),
        content_encoding="" if packed else "gzip",
        content_length=str(len(body)),
    )
    exchange.give(await exchange.ask(changed.raw))


async def spoiled_request(exchange: Exchange) -> None:
    """One byte of the body is another one when it arrives."""
    body = bytearray(exchange.request.body)
    if body:
        body[exchange.chance.randrange(len(body))] ^= 1 << exchange.chance.randrange(8)
    exchange.give(await exchange.ask(exchange.request.head + bytes(body)))


async def spoiled_reply(exchange: Exchange) -> None:
    """One byte of the reply is another one when it arrives."""
    whole = await exchange.ask()
    raw = bytearray(whole.raw)
    raw[exchange.chance.randrange(len(raw))] ^= 1 << exchange.chance.randrange(8)
    exchange.writer.write(bytes(raw))
    exchange.writer.close()


# Somebody else answers ------------------------------------------------------------------------------------------


async def portal(exchange: Exchange) -> None:
    """A captive portal, central hearing nothing."""
    at = exchange.middle.turn("portal", len(PORTALS))
    exchange.give(PORTALS[at])


async def redirected(exchange: Exchange) -> None:
    """Sent elsewhere: to central itself, or anywhere."""
    own = f"http://127.0.0.1:{exchange.middle.port}{exchange.request.first[1]}"
    where = exchange.chance.choice((own, "http://10.0.0.1/", "/login", "//", "http://[", ""))
    exchange.give(reply(exchange.chance.choice((301, 302, 303, 307, 308)), b"", {"Location": where, **JSON}))


async def bare_200(exchange: Exchange) -> None:
    """Everything is stored, says somebody who does not sign."""
    exchange.give(reply(200, exchange.acknowledged(), JSON))


async def wrong_server(exchange: Exchange) -> None:
    """Everything is stored, says another central, signed by its own key."""
    exchange.give(exchange.signed(200, exchange.acknowledged(), keys=exchange.middle.others))


async def neighbours_reply(exchange: Exchange) -> None:
    """Everything is stored, says central, to another kiosk: a true signature under another nonce."""
    nonce = exchange.chance.choice(("0" * 32, "", exchange.nonce.upper() + "0"))
    exchange.give(exchange.signed(200, exchange.acknowledged(), nonce))


async def not_covering(exchange: Exchange) -> None:
    """Central's own signature and this very nonce, and verdicts about something else."""
    sync = exchange.sync
    if sync is None or not sync.count:
        await bare_200(exchange)
        return
    first, last = sync.first, sync.first + sync.count - 1
    stored = wire.State.STORED
    verdicts = exchange.chance.choice(
        (
            (),
            (wire.Verdict(first + 1, last + 1, stored),),
            (wire.Verdict(first, last + 1, stored),),
            (wire.Verdict(first, first, stored), wire.Verdict(first, last, stored)),
        )
    )
    said = wire.Acknowledgement(1_790_000_000_000, verdicts, max(last, sync.cursor))
    exchange.give(exchange.signed(200, wire.encode_acknowledgement(said)))


async def another_version(exchange: Exchange) -> None:
    """Signed for this request, in words of another version, or in none."""
    body = exchange.chance.choice(
        (exchange.acknowledged().replace(b'"v":1', b'"v":2'), b"<html>", b"", b"{}")
    )
    exchange.give(exchange.signed(200, body))


async def unsigned_status(exchange: Exchange) -> None:
    """Any status, by nobody in particular."""
    status = STATUSES[exchange.middle.turn("unsigned", len(STATUSES))]
    exchange.middle.statuses.add(f"unsigned {status}")
    kind = exchange.chance.choice(("text/html", wire.CONTENT_TYPE))
    body = exchange.chance.choice((b"", b"<html>", wire.encode_refusal(wire.Refusal("no", "no"))))
    exchange.give(reply(status, body, {"Content-Type": kind, **_pause(exchange)}))


async def signed_status(exchange: Exchange) -> None:
    """Any status, by central itself."""
    status = STATUSES[exchange.middle.turn("signed", len(STATUSES))]
    exchange.middle.statuses.add(f"signed {status}")
    # A signed 200 is an acknowledgement: one that speaks of nothing is another fault.
    body = b"{}" if status == 200 else wire.encode_refusal(wire.Refusal("no", "not like this"))
    whole = exchange.signed(status, body)
    exchange.give(_with(whole, **_pause(exchange)))


# The ends -------------------------------------------------------------------------------------------------------


async def agent_killed(exchange: Exchange) -> None:
    """The reply arrives, and the agent dies before or after it has kept what that means."""
    exchange.middle.kill_agent(exchange.chance.choice(("before", "after")))
    exchange.give(await exchange.ask())


async def central_killed(exchange: Exchange) -> None:
    """Central's process is killed at some instant of the request, and begun again."""
    middle = exchange.middle
    asked = asyncio.ensure_future(exchange.ask())
    await asyncio.wait([asked], timeout=exchange.chance.random() * 0.03)
    middle.kill_central()
    exchange.cut()
    await asyncio.gather(asked, return_exceptions=True)


STATUS_FAULTS: tuple[Fault, ...] = (unsigned_status, signed_status)
LINE_FAULTS: tuple[Fault, ...] = (
    request_cut, reply_cut, never_arrived, delayed, dripping, silent, delivered_twice, delivered_at_once_twice,
    delivered_late, late_ones_first, old_request_again, old_request_instead, old_reply_instead,
    old_reply_after_all, endless, endless_header, shorter_than_said, bomb, repacked_reply, unpacked_request,
    spoiled_request, spoiled_reply, redirected, bare_200, wrong_server, neighbours_reply, not_covering,
    another_version, dripping_request, agent_killed, reply_cut, request_cut, delivered_late, late_ones_first,
)  # fmt: skip
RARE_FAULTS: tuple[Fault, ...] = (central_killed,)


def _pause(exchange: Exchange) -> dict[str, str]:
    if exchange.chance.random() < 0.8:
        return {}
    pause = {"Retry-After": exchange.chance.choice(RETRY_AFTER)}
    return pause | ({"Date": DATE} if exchange.chance.random() < 0.7 else {})


def _with(whole: Whole, **changed: str) -> Whole:
    """*whole* with header fields *changed*; empty: left out."""
    wanted = {name.replace("_", "-").lower(): value for name, value in changed.items()}
    lines = whole.head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    kept = [line for line in lines[1:] if line.partition(":")[0].lower() not in wanted]
    added = [f"{name}: {value}" for name, value in wanted.items() if value]
    return replace(whole, head=("\r\n".join([lines[0], *kept, *added]) + "\r\n\r\n").encode("latin-1"))
