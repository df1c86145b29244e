"""Every error a person may read, as one tree.

A message is one plain sentence for a technician on the phone: what, where, what was expected, what to do.
Only a ``cli`` prints it and only a ``cli`` turns it into exit code 2.
"""


class AfterwordError(Exception):
    """Anything this project refuses, with a sentence that can be read aloud."""


class SettingsError(AfterwordError, ValueError):
    """A settings file says something that cannot be meant."""


class SurveyError(AfterwordError, ValueError):
    """A survey document cannot be shown to customers as it is."""


class DocumentError(AfterwordError, ValueError):
    """A document is not central's, not whole, or not to be followed as it is."""


class WireError(AfterwordError, ValueError):
    """Bytes that came over the wire are not version 1 of the contract."""


class StickError(AfterwordError):
    """A stick, or a file on it, is not what is expected. Nothing moved."""


class StoreError(AfterwordError):
    """A database is missing, in use, damaged, or made for a newer version."""


class LinkError(AfterwordError):
    """Central did not answer in a way that counts. Nobody's fault: nothing moves, try again."""


class RefusedError(AfterwordError):
    """Central answered, signed, and refused."""
