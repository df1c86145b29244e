"""
Short codes that a kiosk's screen vouches for with its secret, and that a phone carries: in a QR code, in an address.

HMAC-SHA-256 (RFC 2104), cut to 16 bytes, over the purpose and the content; base64url without padding, so that a code
stands in an address as it is. Whoever has no screen secret can make none; whoever has a code can only hand it on.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from feedback.errors import WireError

MAC_BYTES = 16
LONGEST_CODE = 400
SECRET_BYTES = 32
MOST_VERSION = 255
CODE = re.compile(r"[A-Za-z0-9_-]+")


def code_of(content: bytes, purpose: bytes, secret: bytes) -> str:
    """*content*, vouched for by the holder of *secret* for one *purpose*."""
    return urlsafe_b64encode(content + _mac(content, purpose, secret)).rstrip(b"=").decode()


def split(code: str) -> tuple[bytes, bytes]:
    """
    What *code* says, and what it is vouched with: not believed yet, only read.

    Raises:
        WireError: It is no such code.
    """
    if len(code) <= LONGEST_CODE and CODE.fullmatch(code) and len(code) % 4 != 1:
        raw = urlsafe_b64decode(code + "=" * (-len(code) % 4))
        # One content has one code: what the last letter holds beyond the last byte must be nothing.
        if len(raw) > MAC_BYTES and urlsafe_b64encode(raw).rstrip(b"=") == code.encode():
            return raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    raise WireError("this code is not complete: expected it as the kiosk showed it")


def is_vouched(content: bytes, mac: bytes, purpose: bytes, secret: bytes) -> bool:
    """Whether the holder of *secret* vouched for *content* for this *purpose*."""
    return hmac.compare_digest(mac, _mac(content, purpose, secret))


class Writer:
    """Packs fields into few bytes, one after the other."""

    def __init__(self) -> None:
        self.content = bytearray()

    def number(self, value: int) -> Writer:
        """A whole number, seven bits a byte, the lowest first."""
        while value > 0x7F:
            self.content.append(value & 0x7F | 0x80)
            value >>= 7
        self.content.append(value)
        return self

    def octets(self, value: bytes) -> Writer:
        """Bytes, with how many they are before them."""
        self.number(len(value)).content.extend(value)
        return self

    def text(self, value: str) -> Writer:
        """A text."""
        return self.octets(value.encode())


class Reader:
    """
    Unpacks what ``Writer`` packed.

    Each method raises WireError for what no ``Writer`` packs.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def version(self, known: int) -> None:
        """The number of the code's own version, which must be the *known* one."""
        if self.number(MOST_VERSION) != known:
            raise self._odd()

    def number(self, most: int) -> int:
        """A whole number, *most* at the highest."""
        value = shift = 0
        while shift <= 56:
            byte = self._take(1)[0]
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                if value > most or (shift and not byte):
                    break
                return value
            shift += 7
        raise self._odd()

    def octets(self, most: int) -> bytes:
        """Bytes, at the most so many."""
        return self._take(self.number(most))

    def exactly(self, many: int) -> bytes:
        """Bytes, exactly so many."""
        taken = self.octets(many)
        if len(taken) != many:
            raise self._odd()
        return taken

    def text(self, most: int) -> str:
        """A text of at most so many bytes."""
        try:
            text = self.octets(most).decode()
        except UnicodeDecodeError:
            raise self._odd() from None
        if not text.isprintable():
            raise self._odd()
        return text

    def end(self) -> None:
        """Nothing follows."""
        if self._at != len(self._content):
            raise self._odd()

    def _take(self, many: int) -> bytes:
        taken = self._content[self._at : self._at + many]
        if len(taken) != many:
            raise self._odd()
        self._at += many
        return taken

    def _odd(self) -> WireError:
        return WireError("this code is damaged, or of a newer kiosk: expected it as the kiosk showed it")


def _mac(content: bytes, purpose: bytes, secret: bytes) -> bytes:
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"a screen secret has {SECRET_BYTES} bytes, not {len(secret)}")
    return hmac.digest(secret, b"afterword v1 " + purpose + b"\n" + content, hashlib.sha256)[:MAC_BYTES]
