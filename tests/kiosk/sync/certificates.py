"""A certificate authority of the tests' own, and the stand-in for central behind TLS."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.kiosk.sync.standin import NOW_MS, StandIn, server

NOW = datetime.fromtimestamp(NOW_MS / 1000, UTC)
DAY = timedelta(days=1)


@dataclass
class Authority:
    """Signs certificates, as good or bad as a test wants them."""

    folder: Path
    begins: datetime = NOW - 3_000 * DAY
    ends: datetime = NOW + 3_000 * DAY
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the tests")])
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.begins)
            .not_valid_after(self.ends)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        self.file.write_bytes(self.certificate.public_bytes(Encoding.PEM))

    @property
    def file(self) -> Path:
        return self.folder / "authority.pem"

    def signed(self, begins: datetime, ends: datetime, name: str = "localhost") -> Path:
        """A server's certificate and its key, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
            .add_extension(x509.SubjectAlternativeName([_named(name)]), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        path = self.folder / "server.pem"
        path.write_bytes(
            certificate.public_bytes(Encoding.PEM)
            + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        return path


def _named(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)


@contextmanager
def secured(central: StandIn, certificate: Path) -> Iterator[StandIn]:
    """*central* behind TLS with *certificate*, reachable at its ``url``."""
    running = server(central)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    # The handshake is made in the thread of the connection: one that fails is that connection's own trouble.
    running.socket = context.wrap_socket(running.socket, server_side=True, do_handshake_on_connect=False)
    running.daemon_threads = True
    running.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is what is tried
    central.url = f"https://localhost:{running.server_address[1]}"
    thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield central
    finally:
        running.shutdown()
        running.server_close()
        thread.join()
