"""Documents from a stick, central's key document among them: put in place as if they had come by network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from feedback.errors import DocumentError, WireError
from feedback.wire import SignedDocument
from kiosk.settings import Settings
from kiosk.storage.link import LinkFile
from kiosk.storage.link_state import Link
from kiosk.sync import documents
from kiosk.sync.trust import NAME, Trust, take_keys

ENDING = ".kdoc"
KEYS = f"{NAME}-"
"""How the file of a key document begins: it is no signed document, it proves itself."""
Papers = Iterable[tuple[str, bytes]]


class Shelf:
    """
    Puts documents in place; for the thread that owns *file*.

    Args:
        settings: Whose documents they are.
        trust: By which central is believed, and which follows its keys.
        believing_anew: What is left of a link under other keys.
        is_fetching: Whether documents come by network just now: then those on a stick have to wait.
    """

    def __init__(
        self,
        settings: Settings,
        file: LinkFile,
        trust: Trust,
        believing_anew: Callable[[Link], Link],
        is_fetching: Callable[[], bool] = lambda: False,
    ) -> None:
        self._folder, self._file, self._trust = settings.documents, file, trust
        self._believing_anew, self._is_fetching = believing_anew, is_fetching

    def follow_keys(self, papers: Papers) -> Iterator[tuple[str, str]]:
        """
        Follow the key documents among *papers*; the name and a sentence for each that changed something, or is none.

        Before anything else: what else is on the stick may be signed by keys that only these lead to.
        """
        for name, raw in papers:
            if not name.startswith(KEYS):
                continue
            before = self._trust.pins
            known = self._file.link.document(NAME)
            taken = take_keys(known, self._trust, _handing(raw), self._folder, lost=False)
            if self._trust.pins != before:
                self._file.save(self._file.link.documented(taken))
                self.believe_anew()
                yield name, "central's keys have changed, and this kiosk follows"
            elif taken.trouble:
                yield name, f"not believed: {taken.trouble}"

    def believe_anew(self) -> None:
        """Keep what is left of the link under the keys that are believed now."""
        self._file.save(self._believing_anew(self._file.link))

    def put(self, papers: Papers) -> Iterator[tuple[str, str]]:
        """Put those of *papers* in place that central named to this kiosk; the name and a sentence for each."""
        for name, raw in papers:
            if name.startswith(KEYS):
                continue
            try:
                found = documents.carried(self._file.link, raw, self._trusts)
            except (WireError, DocumentError) as error:
                yield name, f"not believed: {error}"
                continue
            if found is None:
                continue
            if self._is_fetching():
                yield name, "documents are coming by network just now: this one is left for later"
                continue
            yield name, self._put(found)

    def _put(self, document: SignedDocument) -> str:
        named = self._file.link.document(document.name)
        taken = documents.take(named, lambda *_: document, self._folder)
        self._file.save(documents.kept(self._file.link, taken))
        if taken.trouble:
            return f"the {document.name} is not taken: {taken.trouble}"
        told = f"the document {document.name} is now version {document.version}"
        return f"{told}; the screen follows it when nobody is there"

    def _trusts(self, key: bytes) -> bool:
        return key in self._trust.pins.believed


def _handing(raw: bytes) -> Callable[[str], bytes | None]:
    return lambda _: raw
