"""
The wire, version 1: every message between a kiosk and central, encoded and decoded in one place.

Kiosks in the field run old versions: the golden messages in ``tests/wire/v1`` are added to and never edited.
Decoding is bounded and refuses in one sentence (``WireError``); nothing here touches a network or a key.
"""

from feedback.wire.acknowledgement import (
    Acknowledgement,
    Generation,
    Limits,
    Refusal,
    State,
    Verdict,
    covers,
    decode_acknowledgement,
    decode_refusal,
    encode_acknowledgement,
    encode_refusal,
)
from feedback.wire.document import (
    MOST_DOCUMENT_BYTES,
    SIGNATURE_HEADER,
    VERSION_HEADER,
    SignedDocument,
    decode_document,
    decode_signature,
    document_text,
    encode_document,
)
from feedback.wire.enrolment import (
    CentralKeys,
    Challenge,
    EnrolReply,
    EnrolRequest,
    decode_challenge,
    decode_enrol_reply,
    decode_enrol_request,
    encode_challenge,
    encode_enrol_reply,
    encode_enrol_request,
    proof_text,
)
from feedback.wire.fields import VERSION
from feedback.wire.request import (
    Closed,
    SyncRequest,
    Unreadable,
    Void,
    decode_request,
    encode_request,
)
from feedback.wire.sealing import Purpose, sealing_context
from feedback.wire.signing import (
    ALLOWED_SKEW,
    CONTENT_TYPE,
    MOST_REPLY_BYTES,
    MOST_REQUEST_BYTES,
    MOST_UNPACKED_BYTES,
    REPLY_COMPONENTS,
    fingerprint,
    request_components,
)
from feedback.wire.time import SignedTime, decode_time, encode_time

__all__ = [
    "ALLOWED_SKEW",
    "CONTENT_TYPE",
    "MOST_DOCUMENT_BYTES",
    "MOST_REPLY_BYTES",
    "MOST_REQUEST_BYTES",
    "MOST_UNPACKED_BYTES",
    "REPLY_COMPONENTS",
    "SIGNATURE_HEADER",
    "VERSION",
    "VERSION_HEADER",
    "Acknowledgement",
    "CentralKeys",
    "Challenge",
    "Closed",
    "EnrolReply",
    "EnrolRequest",
    "Generation",
    "Limits",
    "Purpose",
    "Refusal",
    "SignedDocument",
    "SignedTime",
    "State",
    "SyncRequest",
    "Unreadable",
    "Verdict",
    "Void",
    "covers",
    "decode_acknowledgement",
    "decode_challenge",
    "decode_document",
    "decode_enrol_reply",
    "decode_enrol_request",
    "decode_refusal",
    "decode_request",
    "decode_signature",
    "decode_time",
    "document_text",
    "encode_acknowledgement",
    "encode_challenge",
    "encode_document",
    "encode_enrol_reply",
    "encode_enrol_request",
    "encode_refusal",
    "encode_request",
    "encode_time",
    "fingerprint",
    "proof_text",
    "request_components",
    "sealing_context",
]
