"""
TLS on a machine whose clock may be wrong: OpenSSL checks all but the dates, which are checked here by a given time.

OpenSSL judges dates by the wall clock, and a kiosk that starts in 1970 would find every certificate not valid yet: it
could never hear from central what time it is.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cryptography import x509

from feedback.errors import LinkError

NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL, which Python has no name for."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CertificateError(LinkError):
    """A certificate is not valid at this time."""


def context() -> ssl.SSLContext:
    """Checks chain and host name as ever, and no dates: see ``check_dates``."""
    made = ssl.create_default_context()
    made.verify_flags |= NO_CHECK_TIME
    return made


def check_dates(chain: Iterable[bytes], utc_ms: int) -> None:
    """
    Nothing, if every certificate of *chain*, DER each, is valid at *utc_ms*.

    Raises:
        CertificateError: With one sentence.
    """
    now = EPOCH + timedelta(milliseconds=utc_ms)
    for one in chain:
        certificate = x509.load_der_x509_certificate(one)
        if now > certificate.not_valid_after_utc:
            raise CertificateError(
                f"the server's certificate ended on {_day(certificate.not_valid_after_utc)}: central needs a new one"
            )
        if now < certificate.not_valid_before_utc:
            raise CertificateError(
                f"the server's certificate begins on {_day(certificate.not_valid_before_utc)}, and for this kiosk it "
                f"is {_day(now)}"
            )


def verified_chain(connection: ssl.SSLSocket) -> list[bytes]:
    """The certificates that OpenSSL has built its verdict on, DER each, the server's first."""
    if hasattr(connection, "get_verified_chain"):  # Python 3.13
        return list(connection.get_verified_chain())
    # Before 3.13 only the object beneath says it.
    return [one.public_bytes(ssl._ssl.ENCODING_DER) for one in connection._sslobj.get_verified_chain()]  # type: ignore[attr-defined]  # noqa: SLF001


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d")
