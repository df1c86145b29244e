"""Documents for kiosks: published in versions that only grow, fetched by signed requests."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, Engine
from starlette.concurrency import run_in_threadpool

from central import exchange
from central.exchange import RefusedRequest
from central.fleet.contract import DOCUMENT
from central.keys import Keys
from central.signing import BARE_COMPONENTS, Signed
from central.store import documents
from central.store.database import reading
from central.store.documents import Published
from feedback import wire
from feedback.errors import SurveyError
from feedback.surveys import Survey
from feedback.wire import fields


def publish_survey(connection: Connection, survey: Survey, body: bytes, where: str, now_ms: int) -> bool:
    """
    Publish *survey*, written as *body*, as the document ``survey``; False if it is the one published already.

    Raises:
        SurveyError: Its version does not grow. Kiosks would never fetch it.
    """
    if len(body) > wire.MOST_DOCUMENT_BYTES:
        raise SurveyError(f"{where}: has {len(body)} bytes: expected at most {wire.MOST_DOCUMENT_BYTES}")
    newest = documents.newest(connection, documents.SURVEY)
    if newest and (newest.version, newest.body) == (survey.version, body):
        return False
    if newest and survey.version <= newest.version:
        raise SurveyError(
            f"{where}: version = {survey.version}: expected {newest.version + 1} or more, because version "
            f"{newest.version} is published already"
        )
    documents.add(connection, documents.SURVEY, survey.version, body, now_ms)
    return True


def signature_of(keys: Keys, name: str, published: documents.Published) -> str:
    """Central's own signature of a document that kiosks call *name*, base64; it lasts when the reply's is gone."""
    text = wire.document_text(name, published.version, published.sha256)
    return fields.text(keys.signing.sign(text))


def signed_documents(connection: Connection, keys: Keys, kiosk: str) -> list[wire.SignedDocument]:
    """The newest version of each document *kiosk* should have, as it travels on a stick."""
    found = []
    for name in documents.all_for(connection, kiosk):
        newest = documents.newest_for(connection, kiosk, name)
        if newest is not None:
            signature = wire.decode_signature(signature_of(keys, name, newest))
            found.append(
                wire.SignedDocument(name, newest.version, newest.body, keys.public.current, signature)
            )
    return found


def router(store: Engine, keys: Keys) -> APIRouter:
    """The route that kiosks fetch their documents from."""
    routes = APIRouter(tags=["kiosks"])

    @routes.get("/v1/kiosks/{kiosk_id}/documents/{name}", **DOCUMENT)
    async def document(kiosk_id: str, name: str, request: Request) -> Response:
        """The newest version of a document. Its ETag is its SHA-256; If-None-Match saves the body."""
        signed = await exchange.received(request, 0)
        return await run_in_threadpool(_answered, store, keys, kiosk_id, name, signed)

    return routes


def _answered(store: Engine, keys: Keys, kiosk: str, name: str, signed: Signed) -> Response:
    nonce = exchange.believed(store, kiosk, signed, BARE_COMPONENTS)
    found = _newest(store, keys, kiosk, name)
    if found is None:
        raise RefusedRequest(404, "no document", "there is no such document")
    tag = f'"{found.sha256}"'
    extra = {
        "ETag": tag,
        wire.VERSION_HEADER: str(found.version),
        wire.SIGNATURE_HEADER: signature_of(keys, name, found),
    }
    known = [value for name, value in signed.headers if name.lower() == "if-none-match"]
    if any(tag in value for value in known):
        return exchange.reply(keys, 304, b"", nonce, extra)
    return exchange.reply(keys, 200, found.body, nonce, extra)


def _newest(store: Engine, keys: Keys, kiosk: str, name: str) -> Published | None:
    if name in keys.named:
        return Published(*keys.named[name], keys.document)
    with reading(store) as connection:
        return documents.newest_for(connection, kiosk, name)
