"""A file of settings: its values by section and key; what is wrong is one sentence with file and line."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn
from urllib.parse import urlsplit

from feedback.errors import SettingsError
from feedback.ratings import Rating

LAST_GPIO = 27
"""The header's pins are GPIO 0 to 27."""
FEWEST_MM, MOST_MM = 50, 3000
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Ids stand in addresses, signatures and file names, so they need no quoting anywhere."""
HEX_OF_32_BYTES = re.compile(r"[0-9a-fA-F]{64}")

Keys = Mapping[str, Sequence[str]]
"""Keys by section."""


class SettingsFile:
    """The parsed file together with its text, so that an error can name the line."""

    def __init__(self, path: Path, required: Keys, optional: Keys) -> None:
        self._path = path
        self._required, self._optional = required, optional
        self._known = tuple(dict.fromkeys((*required, *optional)))
        try:
            self._text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise SettingsError(
                f"{path} cannot be read ({reason}): expected the kiosk's settings file"
            ) from None
        try:
            self._sections: dict[str, Any] = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{path} is not TOML: {error}") from None
        self._refuse_unknown()
        self._refuse_missing()

    def text(self, section: str, key: str, default: str | None = None) -> str:
        raw = self._raw(section, key, default)
        if not isinstance(raw, str) or (key in self._required.get(section, ()) and not raw.strip()):
            self._refuse(section, key, "a text in quotes that is not empty")
        return raw

    def line(self, section: str, key: str) -> str:
        """A text that stands on the screen, on one line; empty where there is none."""
        raw = self.text(section, key, "")
        if not raw.isprintable():
            self._refuse(section, key, "one line of text in quotes")
        return raw.strip()

    def id(self, section: str, key: str) -> str:
        raw = self.text(section, key)
        if not ID.fullmatch(raw):
            self._refuse(section, key, "up to 64 letters, digits, dots, hyphens and underscores")
        return raw

    def other_folder(self, section: str, key: str) -> Path | None:
        """A folder named in full: where devices are mounted does not depend on where the file is."""
        raw = self._raw(section, key, None)
        if raw is None:
            return None
        if not isinstance(raw, str) or not raw.startswith("/"):
            self._refuse(section, key, 'a whole path in quotes, such as "/media/copy"')
        return Path(raw)

    def whole(self, section: str, key: str, least: int, most: int, default: int) -> int:
        raw = self._raw(section, key, default)
        # bool is an int to Python and not to anybody else.
        if type(raw) is not int or not least <= raw <= most:
            self._refuse(section, key, f"a whole number from {least} to {most}, without quotes")
        return raw

    def measured(self, section: str, keys: Sequence[str]) -> list[float | None]:
        """Lengths that somebody measured, all or none of them."""
        found = [self._raw(section, key, None) for key in keys]
        for key, raw in zip(keys, found, strict=True):
            if raw is None and any(found):
                self._refuse_alone(section, keys)
            if raw is not None and (type(raw) not in {int, float} or not FEWEST_MM <= raw <= MOST_MM):
                self._refuse(section, key, f"millimetres from {FEWEST_MM} to {MOST_MM}, without quotes")
        return found

    def _refuse_alone(self, section: str, keys: Sequence[str]) -> NoReturn:
        alone = next(key for key in keys if self._raw(section, key, None) is not None)
        where = self._where(section, alone)
        raise SettingsError(
            f"{where}: [{section}] {alone} stands alone: expected {_listed(keys, 'and')}, or neither"
        )

    def switch(self, section: str, key: str, *, default: bool) -> bool:
        raw = self._raw(section, key, default)
        if not isinstance(raw, bool):
            self._refuse(section, key, "true or false, without quotes")
        return raw

    def one_of(self, section: str, key: str, words: Sequence[str]) -> str:
        """One of *words*, the first of which is meant when nothing is said."""
        raw = self._raw(section, key, words[0])
        if raw not in words:
            self._refuse(section, key, "one of " + ", ".join(f'"{word}"' for word in words))
        return str(raw)

    def url(self, section: str, key: str) -> str:
        """An address that paths can be appended to."""
        raw = self.text(section, key)
        expected = 'an address such as "https://central.example", nothing after the path'
        try:
            parts = urlsplit(raw)
            reachable = bool(parts.hostname) and parts.port != 0
        except ValueError:
            self._refuse(section, key, expected)
        plain = not re.search(r"[\s?#@]", raw)
        if parts.scheme not in {"http", "https"} or not reachable or not plain:
            self._refuse(section, key, expected)
        return raw.rstrip("/")

    def hex_of_32_bytes(self, section: str, key: str, default: str | None = None) -> str:
        """A key of central's, or its fingerprint."""
        raw = self.text(section, key, default)
        if raw != default and not HEX_OF_32_BYTES.fullmatch(raw):
            self._refuse(section, key, "the 64 hex digits that `central code` printed")
        return raw.lower()

    def pins(self, section: str) -> Mapping[Rating, int]:
        """The GPIO that *section* gives to each rating, in the file's order."""
        words = self._sections.get(section, {})
        return MappingProxyType({Rating.named(word): self._gpio(section, word) for word in words})

    def gpio(self, section: str, key: str) -> int | None:
        """A GPIO that may be left out."""
        return self._gpio(section, key) if key in self._sections.get(section, {}) else None

    def refuse_taken_pin(self, section: str, key: str, gpio: int | None, *taken: int | None) -> None:
        """Something else has the pin that *key* is given."""
        if gpio is not None and gpio in taken:
            self._refuse(section, key, "a GPIO that nothing else has")

    def refuse_shared_pins(self, buttons: Mapping[Rating, int], lamps: Mapping[Rating, int]) -> None:
        taken: dict[int, tuple[str, str]] = {}
        for section, pins in (("buttons", buttons), ("lamps", lamps)):
            for rating, gpio in pins.items():
                if gpio in taken:
                    self._refuse_pin(gpio, taken[gpio], (section, rating.word))
                taken[gpio] = (section, rating.word)

    def _refuse_pin(self, gpio: int, first: tuple[str, str], second: tuple[str, str]) -> NoReturn:
        where = self._where(*second)
        if first[0] == second[0]:
            raise SettingsError(
                f"{where}: GPIO {gpio} is given to both {first[1]} and {second[1]} in [{second[0]}]: "
                "give each rating its own pin"
            )
        raise SettingsError(
            f"{where}: GPIO {gpio} is given to the lamp of {second[1]} and to the button of {first[1]}: "
            "give the lamp its own pin"
        )

    def _gpio(self, section: str, key: str) -> int:
        raw = self._sections[section][key]
        if type(raw) is not int or not 0 <= raw <= LAST_GPIO:
            self._refuse(section, key, f"a GPIO number from 0 to {LAST_GPIO}, without quotes")
        return raw

    def _raw(self, section: str, key: str, default: Any) -> Any:
        return self._sections.get(section, {}).get(key, default)

    def _refuse_unknown(self) -> None:
        for section, keys in self._sections.items():
            if section not in self._known:
                where = self._where(section)
                raise SettingsError(
                    f"{where}: [{section}] is not known: {_nearest(section, self._known, '[{}]')}"
                )
            if not isinstance(keys, dict):
                raise SettingsError(
                    f"{self._where(section)}: {section} = {_toml(keys)}: expected a section [{section}]"
                )
            known = (*self._required.get(section, ()), *self._optional.get(section, ()))
            for key in keys:
                if key not in known:
                    where = self._where(section, key)
                    raise SettingsError(
                        f"{where}: [{section}] {key} is not known: {_nearest(key, known, '{}')}"
                    )

    def _refuse_missing(self) -> None:
        for section, keys in self._required.items():
            if section not in self._sections:
                raise SettingsError(
                    f"{self._path}: [{section}] is missing: expected it with {_listed(keys, 'and')}"
                )
            for key in keys:
                if key not in self._sections[section]:
                    where = self._where(section)
                    raise SettingsError(f"{where}: [{section}] has no {key}: expected {_listed(keys, 'and')}")

    def _refuse(self, section: str, key: str, expected: str) -> NoReturn:
        shown = _toml(self._raw(section, key, None))
        raise SettingsError(f"{self._where(section, key)}: [{section}] {key} = {shown}: expected {expected}")

    def _where(self, section: str, key: str | None = None) -> str:
        line = _line(self._text, section, key)
        return f"{self._path}, line {line}" if line else str(self._path)


def _line(text: str, section: str, key: str | None) -> int | None:
    """
    The line that says *key* of *section*, or else the section's first; tomllib keeps no lines.

    Good for the way people write settings; a key inside an inline table is found at its section's line.
    """
    inside, opened = "", None
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line)
        if header:
            inside = header[1].strip("\"'")
        said = re.match(r"\s*([^=\[#]+?)\s*=", line)
        name = re.sub(r"[\"'\s]", "", said[1]) if said else ""
        path = f"{inside}.{name}" if inside else name
        if key is not None and path == f"{section}.{key}":
            return number
        if opened is None and (inside == section or path.partition(".")[0] == section):
            opened = number
    return opened


def _nearest(word: str, known: Sequence[str], shape: str) -> str:
    near = get_close_matches(word, known, 1, 0.5)
    if near:
        return f"did you mean {shape.format(near[0])}?"
    return f"expected {_listed([shape.format(name) for name in known], 'or')}"


def _listed(words: Sequence[str], last: str) -> str:
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _toml(raw: Any) -> str:
    """*raw* about as it stands in the file."""
    if isinstance(raw, bool):
        return str(raw).lower()
    return json.dumps(raw, ensure_ascii=False) if isinstance(raw, str) else str(raw)
