"""Enrolment with no network: the request leaves on a stick, and central's answer comes back on one."""

from __future__ import annotations

import secrets

from requests.structures import CaseInsensitiveDict

from feedback.errors import LinkError, RefusedError, StickError, WireError
from feedback.sticks import StickFolder, shown
from feedback.wire import (
    MOST_STICK_BYTES,
    StickFile,
    StickKind,
    decode_message,
    decode_stick_file,
    encode_stick_file,
)
from feedback.wire.enrolment import NONCE_BYTES
from kiosk.pinned import pinned_path
from kiosk.settings import Settings
from kiosk.storage.link import LinkFile, prepare_link
from kiosk.storage.link_carried import Carried
from kiosk.sync.enrolment import accept_carried, carried_request
from kiosk.sync.line import Reply

REQUEST, ANSWER = f".{StickKind.ENROL_REQUEST.value}", f".{StickKind.ENROL_REPLY.value}"
MOST_LOOKED = 200


def is_enrolled(settings: Settings) -> bool:
    """Whether this kiosk has its identity: then nothing on a stick can give it another."""
    return pinned_path(settings).exists()


def ask(settings: Settings, code: str, folder: StickFolder) -> list[str]:
    """
    Put a request for this kiosk's identity on the stick, with the *code* from ``central code``; what to tell about it.

    Raises:
        StickError: It is enrolled already, or the stick does not take it.
        StoreError: The device key or the request's nonce cannot be kept.
    """
    if is_enrolled(settings):
        raise StickError(f"kiosk {settings.kiosk.id} is enrolled already")
    nonce, kiosk = secrets.token_bytes(NONCE_BYTES), settings.kiosk.id
    request, without = carried_request(settings, code, nonce)
    file = StickFile(StickKind.ENROL_REQUEST, kiosk, request)
    prepare_link(settings.sync_db)
    link = LinkFile(settings.sync_db)
    try:
        # Before it leaves: an answer to what is not remembered would not be believed.
        number = link.carry(Carried(nonce.hex(), b"", 0, 0))
    finally:
        link.leave_open()
    name = f"{kiosk}-enrol-{number:06d}{REQUEST}"
    folder.write([(name, encode_stick_file(file))])
    said = (
        f"the request is on {folder.path}: take it to central, `central import`, and back here, `kiosk import`; "
        "keep the stick safe until then, the code is in it"
    )
    if not without:
        return [said]
    return [said, f"central does not learn what the screen signs its codes with: {without}"]


def take(settings: Settings, folder: StickFolder) -> list[str]:
    """
    Take this kiosk's identity from the stick, if central's answer is on it; what became of each answer.

    Raises:
        StickError: The stick cannot be read.
    """
    prepare_link(settings.sync_db)
    link = LinkFile(settings.sync_db)
    said: list[str] = []
    try:
        for name in folder.names(ANSWER)[:MOST_LOOKED]:
            if is_enrolled(settings):
                break
            if sentence := _taken(settings, link, folder, name):
                said.append(f"{shown(name)}: {sentence}")
    finally:
        link.leave_open()
    return said


def _taken(settings: Settings, link: LinkFile, folder: StickFolder, name: str) -> str:
    try:
        file = decode_stick_file(folder.read(name, MOST_STICK_BYTES))
        if file.kind is not StickKind.ENROL_REPLY or file.kiosk != settings.kiosk.id:
            return ""
        if link.carried(file.nonce) is None:
            return "it answers a request that this kiosk did not make"
        message = decode_message(file.content)
        reply = Reply(message.status, CaseInsensitiveDict(message.headers), message.body)
        answer = accept_carried(settings, reply, bytes.fromhex(file.nonce))
    except (StickError, WireError, LinkError, RefusedError) as error:
        return f"not taken: {error}"
    folder.remove([name, name.removesuffix(ANSWER) + REQUEST])
    return f"enrolled: kiosk {answer.kiosk} at {answer.touchpoint} of branch {answer.branch}"
