"""``python -m benchmarks``: one table for each thing that is measured."""

from __future__ import annotations

import argparse
import sys

from benchmarks import drain, press, screen, summary, wire

TABLES = {
    "press": press.main,
    "summary": summary.main,
    "wire": wire.main,
    "drain": drain.main,
    "screen": screen.main,
}


def main() -> int:
    """Prints the tables asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=TABLES, help="one table (all)")
    options = parser.parse_args()
    return max(TABLES[name]() for name in ([options.only] if options.only else TABLES))


if __name__ == "__main__":
    sys.exit(main())
