"""How a kiosk gets its identity: its own key, central's keys pinned, and the proof that both are who they say."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

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
    EnrolReply,
    EnrolRequest,
    decode_challenge,
    decode_enrol_reply,
    decode_refusal,
    encode_enrol_request,
    fingerprint,
    proof_text,
)
from kiosk.pinned import MODE as PINNED_MODE
from kiosk.pinned import pinned_path, read_pins, written
from kiosk.settings import Settings
from kiosk.sync.files import create_file, replace_file
from kiosk.sync.line import Line, Reply
from kiosk.sync.signatures import Identity, believe

KEY_MODE = 0o600
MODEL = Path("/proc/device-tree/model")
SERIAL = Path("/proc/device-tree/serial-number")


@dataclass(frozen=True, slots=True)
class Enrolled:
    """
    What enrolment came to.

    Attributes:
        pending: Somebody at central must agree first: run the same command again later.
    """

    kiosk: str
    branch: str
    touchpoint: str
    pending: bool
    server_utc_ms: int
    keys: CentralKeys


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
        reply = _asked(settings, code.strip(), key, line, self_test)
    finally:
        line.hang_up()
    _check_place(settings, reply)
    if reply.state == "accepted":
        pin(settings, reply.keys)
    return Enrolled(
        reply.kiosk, reply.branch, reply.touchpoint, reply.state == "pending", reply.server_utc_ms, reply.keys
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


def _asked(settings: Settings, code: str, key: Ed25519PrivateKey, line: Line, self_test: str) -> EnrolReply:
    """Central's believed reply to a request for an identity."""
    url = settings.central.url
    public = key.public_key().public_bytes_raw()
    try:
        challenge = decode_challenge(_answer(line, f"{url}/v1/enrol"))
        request = EnrolRequest(
            code=code,
            public_key=public,
            nonce=challenge.nonce,
            proof=key.sign(proof_text(challenge.nonce, public, code)),
            model=_board(MODEL),
            serial=_board(SERIAL),
            app=version("afterword"),
            self_test=self_test,
        )
        # No signature in the headers: central knows no key of ours yet, the proof stands for it.
        headers = {"Content-Type": CONTENT_TYPE}
        reply = line.call(line.prepared("POST", f"{url}/v1/enrol", headers, encode_enrol_request(request)))
        return _believed(reply, b64encode(challenge.nonce).decode(), settings.central.fingerprint)
    except WireError as error:
        raise LinkError(f"{url} is not central, or of another version: {error}") from error


def _answer(line: Line, url: str) -> bytes:
    reply = line.call(line.prepared("GET", url, {}, None))
    if reply.status != 200:
        raise LinkError(f"{url} answered {reply.status}: is [central] url in kiosk.toml right?")
    return reply.body


def _believed(reply: Reply, nonce: str, expected: str) -> EnrolReply:
    """*reply*, once the key it names has the *expected* fingerprint and has signed it."""
    if reply.status != 200:
        raise _refused(reply)
    answer = decode_enrol_reply(reply.body)
    if fingerprint(answer.keys.current) != expected:
        raise LinkError(
            "another server answered: its key does not have the fingerprint in kiosk.toml; "
            "check [central] url and fingerprint against `central code`"
        )
    believe(reply, nonce, [answer.keys.current])
    return answer


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


def _board(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip("\0\n ")[:100]
    except OSError:
        return ""
