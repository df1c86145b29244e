"""Lines of every script: in which order, and in which font. Without a window."""

import json
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from kiosk import texts
from kiosk.ui.fitting import wrap
from kiosk.ui.glyphs import FontError, coverage
from kiosk.ui.runs import from_the_right, missing, runs
from kiosk.ui.typefaces import ROLES, SHIPPED, faces, shipped_faces
from scripts.typography import shipped_letters


def drawn(line: str, *, rtl: bool = False) -> list[tuple[str, str, bool]]:
    return [(run.text, run.face.script, run.rtl) for run in runs(line, "text", rtl=rtl)]


def order(line: str, *, rtl: bool) -> list[str]:
    """The pieces from left to right; between which two of them a space is drawn does not matter."""
    return [text.strip() for text, _, _ in drawn(line, rtl=rtl) if text.strip()]


def test_a_line_of_one_script_is_one_piece() -> None:
    assert drawn("Unacceptable, 3.5 %") == [("Unacceptable, 3.5 %", "", False)]
    assert drawn("غير مقبول؟", rtl=True) == [("غير مقبول؟", "Arab", True)]
    assert drawn("न नाम, न कैमरा।") == [("न नाम, न कैमरा।", "Deva", False)]
    assert drawn("谢谢。") == [("谢谢。", "Hani", False)]


def test_numbers_and_names_inside_arabic_keep_their_own_direction() -> None:
    # A number after Arabic is part of the Arabic, a name is not.
    assert order("فرع 15 Baku", rtl=True) == ["Baku", "15", "فرع"]
    assert order("خصم 3.5 و 15", rtl=True) == ["15", "و", "3.5", "خصم"]


def test_brackets_go_with_what_is_in_them() -> None:
    assert order("المس Harbour (Bank) الآن", rtl=True) == ["الآن", "Harbour (Bank)", "المس"]
    # From the right the font turns them itself: the closing one is on the left.
    assert order("وجه (كاف)", rtl=True) == [")", "كاف", "(", "وجه"]


def test_a_line_that_begins_with_a_name_is_still_of_its_paragraph() -> None:
    assert order("Harbour Bank فرع", rtl=True) == ["فرع", "Harbour Bank"]
    assert order("Harbour Bank فرع", rtl=False) == ["Harbour Bank", "فرع"]


@pytest.mark.parametrize(
    ("text", "rtl"), [("", False), ("15", False), ("Bank فرع", False), ("15 فرع", True), ("שלום", True)]
)
def test_a_paragraph_is_read_from_where_its_first_letter_says(text: str, rtl: bool) -> None:
    assert from_the_right(text) is rtl


def test_what_no_font_has_is_left_out_and_named() -> None:
    assert drawn("good \U0001f642!") == [("good ", "", False), ("!", "", False)]
    assert missing("good \U0001f642\U0001f642 \u0e44\u0e17\u0e22") == "\U0001f642\u0e44\u0e17\u0e22"
    assert not missing("İyi ə ğ Ж ق अ 好 \u200f\u200d\n")


@pytest.mark.parametrize("role", ROLES)
def test_every_shipped_text_has_its_letters_in_the_fonts_that_come_with_it(role: str) -> None:
    have = shipped_faces(role)
    lacking = {c for c in shipped_letters() if c != "\n" and not any(face.has(c) for face in have)}
    assert not lacking, "run scripts/fonts"


def test_a_letter_more_would_be_found_lacking() -> None:
    assert not any(face.has("龘") for face in shipped_faces("text"))


@pytest.mark.parametrize(
    "path", sorted([*SHIPPED.glob("*.ttf"), *SHIPPED.glob("*.otf")]), ids=lambda path: path.name
)
def test_our_reading_of_a_font_agrees_with_fonttools(path: Path) -> None:
    table = TTFont(path).getBestCmap()
    ours = coverage(path)
    assert all(chr(code) in ours for code in table)
    spans = zip(ours.firsts, ours.lasts, strict=True)
    assert sum(last - first + 1 for first, last in spans) == len(table)


@pytest.mark.parametrize("raw", [b"", b"not a font", b"\0\1\0\0\0\1" + bytes(6) + b"cmap" + b"\xff" * 12])
def test_a_file_that_is_no_font_is_one_sentence(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "x.ttf").write_bytes(raw)
    with pytest.raises(FontError, match="is not a font that can be read"):
        coverage(tmp_path / "x.ttf")
    with pytest.raises(FontError, match="is not a font that can be read"):
        coverage(tmp_path / "missing.ttf")


def test_every_language_is_drawn_in_as_few_pieces_as_it_has_scripts() -> None:
    for language in texts.shipped():
        for key, text in json.loads((texts.FOLDER / f"{language}.json").read_text()).items():
            for line in (text or "").splitlines() if key not in {"language", "reviewed_by"} else ():
                assert len(runs(line, "word", rtl=from_the_right(line))) <= 2, (language, key)
    assert len(faces("word")) >= 4


def wide(text: str, px: int) -> float:
    return len(text) * px


def test_chinese_is_broken_between_characters_but_no_line_begins_with_a_stop() -> None:
    assert wrap("请触摸一个表情。不记名", 7, 1, wide) == ["请触摸一个表", "情。不记名"]
    assert wrap("（好）好", 3, 1, wide) == ["（好）", "好"]
    assert wrap("到Harbour去", 7, 1, wide) == ["到", "Harbour", "去"]
    assert "".join(wrap("您今天的体验如何？", 1, 1, wide)) == "您今天的体验如何？"
