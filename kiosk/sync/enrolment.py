"""How a kiosk gets its identity: its own key, central's keys pinned, and the proof that both are who they say."""

from __future__ import annotations

import errno
import os
import secrets
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import monotonic

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from feedback.errors import LinkError, RefusedError, StoreError, WireError
from feedback.pins import Pins
from feedback.wire import (
    CONTENT_TYPE,
    CentralKeys,
    Challenge,
    EnrolReply,
    EnrolRequest,
    Purpose,
    decode_challenge,
    decode_enrol_reply,
    decode_refusal,
    decode_time,
    encode_enrol_request,
    fingerprint,
    proof_text,
)
from kiosk.pinned import MODE as PINNED_MODE
from kiosk.pinned import pinned_path, read_pins, written
from kiosk.sealing import seal
from kiosk.settings import Settings
from kiosk.sync.files import create_file, replace_file
from kiosk.sync.line import Line, Reply
from kiosk.sync.signatures import Identity, believe, fresh_nonce

KEY_MODE = 0o600
SECRET_BYTES = 32
MODEL = Path("/proc/device-tree/model")
SERIAL = Path("/proc/device-tree/serial-number")


@dataclass(frozen=True, slots=True)
class Enrolled:
    """
    What enrolment came to.

    Attributes:
        pending: Somebody at central must agree first: run the same command again later.
        without_secret: Why central was not told the screen's secret, one sentence; empty: it was.
    """

    kiosk: str
    branch: str
    touchpoint: str
    pending: bool
    server_utc_ms: int
    keys: CentralKeys
    without_secret: str = ""


def enrol(settings: Settings, code: str, *, line: Line | None = None, self_test: str = "") -> Enrolled:
    """
    Make this kiosk the one that ``kiosk.toml`` names, with the *code* from ``central code``. Repeating it is harmless.

    Raises:
        LinkError: No network, or another server than the one whose fingerprint is in ``kiosk.toml``.
        RefusedError: Central refuses the code, or means another kiosk.
        StoreError: The device key cannot be kept.
    """
    key = device_key(settings.device_key)
    line = line or Line()
    try:
        challenge = _challenge(settings, line)
        secret, without = _sealed_secret(settings, challenge)
        reply = _asked(settings, challenge, code.strip(), key, line, (self_test, secret))
    finally:
        line.hang_up()
    _check_place(settings, reply)
    if reply.state == "accepted":
        pin(settings, reply.keys)
    return Enrolled(
        reply.kiosk,
        reply.branch,
        reply.touchpoint,
        reply.state == "pending",
        reply.server_utc_ms,
        reply.keys,
        without,
    )


def enrolled(settings: Settings) -> tuple[Identity, tuple[bytes, ...]]:
    """
    This kiosk's identity and the keys by which central is believed.

    Raises:
        LinkError: It is not enrolled.
        StoreError: Its key or its pins cannot be read.
    """
    if not settings.device_key.exists():
        raise LinkError(
            f"kiosk {settings.kiosk.id} is not enrolled: run `kiosk enrol` with a code from `central code`"
        )
    pins = read_pins(pinned_path(settings))
    return Identity(settings.kiosk.id, device_key(settings.device_key)), pins.believed


def sealing_key(settings: Settings) -> bytes:
    """
    Central's public key that texts and what travels on a stick are sealed to.

    Raises:
        LinkError: The kiosk is not enrolled.
        StoreError: The pins cannot be read.
    """
    return read_pins(pinned_path(settings)).keys.sealing


def pin(settings: Settings, keys: CentralKeys) -> None:
    """Believe central by *keys* from now on."""
    replace_file(pinned_path(settings), written(Pins(keys)), PINNED_MODE)


def device_key(path: Path) -> Ed25519PrivateKey:
    """
    The kiosk's own key in the file at *path*, made if there is none.

    Raises:
        StoreError: The file cannot be written, or holds something else.
    """
    try:
        if not path.exists():
            _make_key(path)
        key = load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be used ({error.strerror}); run this as the user that owns its folder"
        ) from error
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise StoreError(f"{path}: is not this kiosk's key; move it away and enrol the kiosk again")
    return key


def _make_key(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        create_file(path, pem, KEY_MODE)
    except FileExistsError:
        return  # another process was quicker; both use that one


def _challenge(settings: Settings, line: Line) -> Challenge:
    """
    Central's challenge; from here on *line* knows the time by central's signature.

    Asked without a look at a certificate's dates: a new kiosk's clock may say anything, and the key with the
    fingerprint in ``kiosk.toml`` has signed it.
    """
    url = settings.central.url
    try:
        reply = _answer(line, f"{url}/v1/enrol")
        challenge = decode_challenge(reply.body)
        if challenge.keys is None:
            return challenge
        _check_fingerprint(challenge.keys, settings.central.fingerprint)
        believe(reply, "", [challenge.keys.current])
        if url.startswith("https:"):
            _tell_time(line, url, challenge.keys)
    except WireError as error:
        raise LinkError(f"{url} is not central, or of another version: {error}") from error
    return challenge


def _tell_time(line: Line, url: str, keys: CentralKeys) -> None:
    nonce, asked_s = fresh_nonce(), monotonic()
    reply = _answer(line, f"{url}/v1/time?nonce={nonce}")
    believe(reply, nonce, [keys.current])
    utc_ms = decode_time(reply.body).server_utc_ms
    line.utc_ms = lambda: utc_ms + int((monotonic() - asked_s) * 1_000)


def _sealed_secret(settings: Settings, challenge: Challenge) -> tuple[bytes, str]:
    """The screen's secret as central may read it, and else why it is not told."""
    if challenge.keys is None:
        return b"", "central is of an older version and does not ask for the screen's secret"
    return _sealed_to(challenge.keys.sealing, settings)


def _sealed_to(sealing: bytes, settings: Settings) -> tuple[bytes, str]:
    try:
        secret = screen_secret(settings)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return b"", (
            f"{settings.screen_secret} cannot be made or read ({reason}): the screen signs no codes; run `kiosk "
            "prepare --own answers` as the screen's user, then enrol as root"
        )
    return seal(secret, sealing, Purpose.SCREEN_SECRET, settings.kiosk.id), ""


def screen_secret(settings: Settings) -> bytes:
    """
    What the screen signs its codes with, made if there is none: its own file, which the agent's user cannot read.

    Raises:
        OSError: This user may not.
        ValueError: The file holds something else.
    """
    path = settings.screen_secret
    if not path.parent.exists() and os.geteuid() == 0 and settings.files.folder.stat().st_uid != 0:
        raise FileNotFoundError(errno.ENOENT, f"{path.parent} is missing")
    with suppress(FileExistsError):
        create_file(path, secrets.token_bytes(SECRET_BYTES).hex().encode() + b"\n", KEY_MODE)
    secret = bytes.fromhex(path.read_text(encoding="ascii"))
    if len(secret) != SECRET_BYTES:
        raise ValueError("it is not a secret of this screen; move it away")
    return secret


def _asked(
    settings: Settings,
    challenge: Challenge,
    code: str,
    key: Ed25519PrivateKey,
    line: Line,
    told: tuple[str, bytes],
) -> EnrolReply:
    """Central's believed reply to a request for an identity. *told*: the self-test's digest, the sealed secret."""
    url = settings.central.url
    public = key.public_key().public_bytes_raw()
    try:
        request = EnrolRequest(
            code=code,
            public_key=public,
            nonce=challenge.nonce,
            proof=key.sign(proof_text(challenge.nonce, public, code)),
            model=_board(MODEL),
            serial=_board(SERIAL),
            app=version("afterword"),
            self_test=told[0],
            screen_secret=told[1],
        )
        # No signature in the headers: central knows no key of ours yet, the proof stands for it.
        headers = {"Content-Type": CONTENT_TYPE}
        reply = line.call(line.prepared("POST", f"{url}/v1/enrol", headers, encode_enrol_request(request)))
        return _believed(reply, b64encode(challenge.nonce).decode(), settings.central.fingerprint)
    except WireError as error:
        raise LinkError(f"{url} is not central, or of another version: {error}") from error


def _answer(line: Line, url: str) -> Reply:
    reply = line.call_undated(line.prepared("GET", url, {}, None))
    if reply.status != 200:
        raise LinkError(
            f"{url.partition('?')[0]} answered {reply.status}: is [central] url in kiosk.toml right?"
        )
    return reply


def _believed(reply: Reply, nonce: str, expected: str) -> EnrolReply:
    """*reply*, once the key it names has the *expected* fingerprint and has signed it."""
    if reply.status != 200:
        raise _refused(reply)
    answer = decode_enrol_reply(reply.body)
    _check_fingerprint(answer.keys, expected)
    believe(reply, nonce, [answer.keys.current])
    return answer


def _check_fingerprint(keys: CentralKeys, expected: str) -> None:
    if fingerprint(keys.current) != expected:
        raise LinkError(
            "another server answered: its key does not have the fingerprint in kiosk.toml; "
            "check [central] url and fingerprint against `central code`, which prints the newest"
        )


def _refused(reply: Reply) -> Exception:
    # Not signed by a key known yet: shown to a technician, and nothing follows from it.
    try:
        return RefusedError(f"central refuses: {decode_refusal(reply.body).sentence}")
    except WireError:
        return LinkError(
            f"what answered is not central ({reply.status}): a captive portal, or a wrong address"
        )


def _check_place(settings: Settings, reply: EnrolReply) -> None:
    for key in ("kiosk", "branch", "touchpoint"):
        own = settings.kiosk.id if key == "kiosk" else getattr(settings.kiosk, key)
        said = getattr(reply, key)
        if own != said:
            raise RefusedError(
                f"this code is for {key} {said}, but kiosk.toml says {own}: use the kiosk.toml that "
                "`central code` printed with the code"
            )


def carried_request(settings: Settings, code: str, nonce: bytes) -> tuple[bytes, str]:
    """
    The request for an identity as it travels on a stick, where central can give no challenge: the *nonce* is our own.

    With it, why it does not tell central the screen's secret, one sentence; empty: it does.

    Raises:
        StoreError: The device key cannot be kept.
    """
    key = device_key(settings.device_key)
    public, plain = key.public_key().public_bytes_raw(), code.strip()
    proof = key.sign(proof_text(nonce, public, plain))
    board = (_board(MODEL), _board(SERIAL), version("afterword"))
    secret, without = b"", "kiosk.toml has no [central] sealing: `central code` writes it"
    if settings.central.sealing:
        secret, without = _sealed_to(settings.central.sealing, settings)
    request = EnrolRequest(plain, public, nonce, proof, *board, screen_secret=secret)
    return encode_enrol_request(request), without


def accept_carried(settings: Settings, reply: Reply, nonce: bytes) -> EnrolReply:
    """
    Be who central's *reply* from a stick says, which answers the request that had *nonce*.

    Raises:
        LinkError: It is not from the central whose fingerprint is in ``kiosk.toml``, or answers another request.
        RefusedError: Central refuses the code, or means another kiosk.
    """
    try:
        answer = _believed(reply, b64encode(nonce).decode(), settings.central.fingerprint)
    except WireError as error:
        raise LinkError(f"central's answer cannot be read ({error})") from error
    _check_place(settings, answer)
    if answer.state == "accepted":
        pin(settings, answer.keys)
    return answer


def _board(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip("\0\n ")[:100]
    except OSError:
        return ""
