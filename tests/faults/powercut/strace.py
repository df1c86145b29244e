"""Reading what strace -f -xx wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator

LINE = re.compile(r"(\d+) +(\w+)\((.*)\) += +(-?\d+|0x[0-9a-f]+|\?)")
RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)")
SAID = re.compile(r"\d+ +write\(1,")


def calls(lines: Iterator[str]) -> Iterator[tuple[str, str, int | str]]:
    """
    Name, words and result of each call, in the order they took effect.

    A call that another thread's line interrupts counts where it ended; only what was said counts where it began.
    """
    begun: dict[str, str] = {}
    for line in lines:
        if line.endswith("<unfinished ...>\n"):
            thread = line.split(maxsplit=1)[0]
            begun[thread] = line.removesuffix("<unfinished ...>\n")
            if SAID.match(line):
                yield "write", begun[thread].split("(", 1)[1], 0
            continue
        resumed = RESUMED.match(line)
        whole = line
        if resumed is not None:
            whole = begun.pop(resumed[1]) + resumed[3]
        match = LINE.match(whole)
        if match is not None and not (resumed is not None and SAID.match(whole)):
            result = match[4]
            yield match[2], match[3], int(result, 0) if result != "?" else result


def paths(words: str) -> list[str]:
    """The names among a call's *words*."""
    return [
        bytes.fromhex(text.replace("\\x", "")).decode()
        for text in re.findall(r'"((?:\\x[0-9a-f]{2})*)"', words)
    ]


def raw(words: str) -> bytes:
    """The first bytes among a call's *words*."""
    begin = words.index('"') + 1
    return bytes.fromhex(words[begin : words.index('"', begin)].replace("\\x", ""))
