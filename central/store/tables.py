"""
Every table of central, as SQLAlchemy Core has them.

Each unique key of a table that grows with answers contains ``branch_id``, so that the same schema can be spread over
several machines by branch. Nothing is deleted from ``answers``; the counts are made from it and can be made again.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

branches = Table(
    "branches",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("zone", String, nullable=False),  # IANA, such as Asia/Baku: its civil days are the branch's days
)

touchpoints = Table(
    "touchpoints",
    metadata,
    Column("branch_id", String, ForeignKey("branches.id"), primary_key=True),
    Column("id", String, primary_key=True),
    Column(
        "stage", String, nullable=False
    ),  # where in the customer's way it stands: arrival, counter, exit ...
)

kiosks = Table(
    "kiosks",
    metadata,
    Column("id", String, primary_key=True),
    Column("branch_id", String, ForeignKey("branches.id"), nullable=False),
    Column("touchpoint_id", String, nullable=False),
    Column("state", String, nullable=False),  # expected, accepted
    Column("public_key", LargeBinary),
    Column("model", String, nullable=False, server_default=""),
    Column("serial", String, nullable=False, server_default=""),
    Column("app", String, nullable=False, server_default=""),
    Column("enrolled_ms", BigInteger),
    # The last accepted ``now``: an older one, replayed or late, changes nothing.
    Column("now_boot", String),
    Column("now_boot_ms", BigInteger),
    Column("contact_ms", BigInteger),
    Column("status", Text, nullable=False, server_default="{}"),
    Column("screen_secret", LargeBinary),  # sealed to central, as it came
)

assignments = Table(
    "assignments",
    metadata,
    Column("kiosk_id", String, ForeignKey("kiosks.id"), primary_key=True),
    Column("branch_id", String, ForeignKey("branches.id"), primary_key=True),
    Column("since_ms", BigInteger, nullable=False),
)

codes = Table(
    "codes",
    metadata,
    Column("digest", LargeBinary, primary_key=True),  # SHA-256 of the code: the code itself is not kept
    Column("kiosk_id", String, ForeignKey("kiosks.id"), nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("used_ms", BigInteger),
)

boots = Table(
    "boots",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kiosk_id", String, nullable=False),
    Column("boot", String, nullable=False),
    # Boot clock of its last accepted ``now``; none: this boot has never spoken for itself.
    Column("now_boot_ms", BigInteger),
    UniqueConstraint("kiosk_id", "boot"),
)

asks = Table(
    "asks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("survey", String, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("question", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("language", String, nullable=False),
    UniqueConstraint("survey", "version", "question", "kind", "language"),
)

answers = Table(
    "answers",
    metadata,
    Column("branch_id", String, primary_key=True),
    Column("kiosk_id", String, primary_key=True),
    Column("store_id", LargeBinary, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("response", BigInteger, nullable=False),
    Column("touchpoint_id", String, nullable=False),
    Column("ask_id", Integer, nullable=False),
    Column("value", Integer, nullable=False),
    Column("source", String, nullable=False),
    Column("boot_id", Integer, nullable=False),
    Column("boot_ms", BigInteger, nullable=False),
    Column("wall_ms", BigInteger, nullable=False),
    Column("test", Boolean, nullable=False),
    Column("text_digest", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),  # 16 bytes: same seq and content is a duplicate
    # From here on computed, by feedback.timeline and feedback.misuse, and computed again when they change:
    Column("utc_ms", BigInteger, nullable=False),
    Column("quality", String, nullable=False),
    Column("uncertainty_ms", BigInteger, nullable=False),
    Column("stage", String, nullable=False),
    Column("day", Integer, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("rule", String, nullable=False),  # why it is set aside; empty: counted
    sqlite_with_rowid=False,
)
# With the boot clock: a new anchor moves a stretch of one boot, not all of it.
Index("answers_by_boot", answers.c.branch_id, answers.c.kiosk_id, answers.c.boot_id, answers.c.boot_ms)

texts = Table(
    "texts",
    metadata,
    Column("branch_id", String, primary_key=True),
    Column("kiosk_id", String, primary_key=True),
    Column("store_id", LargeBinary, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("sealed", LargeBinary),
    sqlite_with_rowid=False,
)

# Texts that must not come back, however often and under whatever name they are sent again.
erased = Table(
    "erased",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("erased_ms", BigInteger, nullable=False),
)

# What a customer added by phone to a response, by its first answer. It may come before the answer does.
continuations = Table(
    "continuations",
    metadata,
    Column("branch_id", String, primary_key=True),
    Column("kiosk_id", String, primary_key=True),
    Column("store_id", LargeBinary, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("sealed", LargeBinary),  # none: erased; the row stays, or the same could be sent again
    Column("token", LargeBinary, nullable=False),  # SHA-256 of what the sender's phone was given
    Column("made_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# A day's counts that a phone carried here: provisional, until the answers they count have arrived.
carried_days = Table(
    "carried_days",
    metadata,
    Column("branch_id", String, primary_key=True),
    Column("kiosk_id", String, primary_key=True),
    Column("day", Integer, primary_key=True),
    # Answers before this quarter of an hour of the day are in them.
    Column("before", Integer, nullable=False),
    Column("counted", Text, nullable=False),  # JSON: how many of each rating, best first
    Column("set_aside", Integer, nullable=False),
    Column("stores", Text, nullable=False),  # JSON: [store, last seq that is in the counts] of each store
    Column("received_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

conflicts = Table(
    "conflicts",
    metadata,
    Column("branch_id", String, primary_key=True),
    Column("kiosk_id", String, primary_key=True),
    Column("store_id", LargeBinary, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("content", LargeBinary, primary_key=True),
    Column("answer", Text, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

ledgers = Table(
    "ledgers",
    metadata,
    Column("kiosk_id", String, primary_key=True),
    Column("store_id", LargeBinary, primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
    Column("accounted_upto", BigInteger, nullable=False),
    Column(
        "spans", Text, nullable=False
    ),  # JSON of central.ingest.ledger: every seq in exactly one final state
    Column("closed_last", BigInteger),
)

# The lives of this database, see central.store.generations: the newest is the one it is in.
generations = Table(
    "generations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),  # random: no two databases share one
    Column("commits", BigInteger, nullable=False),
    Column("begun_ms", BigInteger, nullable=False),
)

# How far each store was accounted for as a generation began. Not there: nothing of it was.
restored = Table(
    "restored",
    metadata,
    Column("generation_id", Integer, ForeignKey("generations.id"), primary_key=True),
    Column("kiosk_id", String, primary_key=True),
    Column("store_id", LargeBinary, primary_key=True),
    Column("upto", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

anchors = Table(
    "anchors",
    metadata,
    Column("kiosk_id", String, primary_key=True),
    Column("boot_id", Integer, primary_key=True),
    Column("boot_ms", BigInteger, primary_key=True),
    Column("source", String, primary_key=True),
    Column("utc_ms", BigInteger, nullable=False),
    Column("error_ms", BigInteger, nullable=False),
)

# Each boot as each store shows it: what bounds the boots that never learned the time, without a look at the answers.
stays = Table(
    "stays",
    metadata,
    Column("kiosk_id", String, primary_key=True),
    Column("store_id", LargeBinary, primary_key=True),
    Column("boot_id", Integer, primary_key=True),
    Column("first_seq", BigInteger, nullable=False),
    Column("first_ms", BigInteger, nullable=False),  # the lowest boot clock of its answers
    Column("last_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
# A boot may have been running while one store was closed and another begun.
Index("stays_by_boot", stays.c.kiosk_id, stays.c.boot_id)

counts = Table(
    "counts",
    metadata,
    Column("branch_id", String, primary_key=True),
    Column("day", Integer, primary_key=True),  # the branch's civil day, days since 1970-01-01
    Column("hour", Integer, primary_key=True),
    Column("touchpoint_id", String, primary_key=True),
    Column("stage", String, primary_key=True),
    Column("survey", String, primary_key=True),
    Column("question", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("value", Integer, primary_key=True),
    # Whether it opened its response. A branch's SLI asks one question; a later one may show the same faces.
    Column("opens", Boolean, primary_key=True),
    Column("rule", String, primary_key=True),  # empty: counted
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# By which version of what the counts and all that is computed were made. Not there: by one from before this table.
made_by = Table(
    "made_by",
    metadata,
    Column("name", String, primary_key=True),  # rules
    Column("version", Integer, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("name", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("sha256", String, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
)

access = Table(
    "access",
    metadata,
    Column("name", String, primary_key=True),  # owner, or a read key's name
    Column("kind", String, nullable=False),  # password, read_key
    Column("hash", String, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),  # SHA-256 of the cookie's value
    Column("expires_ms", BigInteger, nullable=False),
)
