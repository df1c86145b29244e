"""Writing on the real window: keys of a language, what is written, what is sealed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from feedback import surveys
from feedback.answers import SealedText, Source
from feedback.ratings import Kind, Rating
from kiosk.keyboards import LETTER_MM, Act, fits, keyboard
from kiosk.panel import KEY_MM, KNOWN_MM, panel
from kiosk.ui.key_board import board
from kiosk.ui.layout import layout
from kiosk.visit import ASKED_HERE, DEAF_MS, MOST_TEXT, Key, Screen
from scripts.gallery.faults import faults

LANGUAGES = ("en", "az", "ru", "tr", "de", "ar", "hi")
WIDE = [size for size in KNOWN_MM if fits("ru", panel(*size))]
TEXTS = {
    "en": "The queue was long, but at desk 3 everything was explained clearly.",
    "az": "Növbə uzun idi, amma 3-cü masada hər şeyi aydın izah etdilər.",
    "ru": "Очередь была длинной, но у третьего окна всё объяснили понятно.",
    "tr": "Kuyruk uzundu ama 3. masada her şeyi açıkça anlattılar.",
    "de": "Die Schlange war lang, aber an Schalter 3 wurde alles gut erklärt.",
    "ar": "كان الطابور طويلا، لكن الموظف شرح كل شيء بوضوح.",
    "hi": "कतार लंबी थी लेकिन काउंटर पर सब कुछ साफ़ समझाया गया।",
}


def survey(language: str, *, before: bool = False) -> Any:
    """A rating and a comment, perhaps with one more question *before* it."""
    ask = dict.fromkeys(LANGUAGES, "Anything to add?")
    ask |= {"ru": "Хотите что-нибудь добавить?", "ar": "هل تودون إضافة شيء؟", "hi": "कुछ और कहना चाहेंगे?"}
    questions = [
        {"id": "visit", "kind": "rating", "texts": dict.fromkeys(LANGUAGES, "How was your visit today?")},
        {"id": "words", "kind": "text", "texts": ask},
    ]
    if before:
        again = {"id": "again", "kind": "yes_no", "texts": dict.fromkeys(LANGUAGES, "Come again?")}
        questions.insert(1, again)
    document = {"survey": "exit", "version": 1, "languages": LANGUAGES, "default_language": language}
    return surveys.parse(json.dumps(document | {"questions": questions}).encode(), "the test's survey")


def asked(driver: Any, size: tuple[int, int] = (1280, 800), language: str = "en", **more: Any) -> Any:
    """A kiosk that asks a customer for words, and listens."""
    kiosk = driver(*size, survey=survey(language, **more))
    kiosk.sealed = []
    kiosk.reception.kinds_of = lambda *_: (*ASKED_HERE, Kind.TEXT)

    def seal(text: str) -> SealedText:
        kiosk.sealed.append(text)
        return SealedText(b"sealed" * 20, b"d" * 32)

    kiosk.reception.seal = seal
    kiosk.reception.press(Rating.BAD, Source.TOUCH)
    kiosk.tick(2)
    kiosk.recorder.store()
    kiosk.later(0.3)
    kiosk.later(DEAF_MS / 1000)
    if more:
        kiosk.reception.turn(Key.SKIP, Source.TOUCH)
        kiosk.later(0.3)
        kiosk.later(DEAF_MS / 1000)
    assert kiosk.reception.visit.question.id == "words"
    return kiosk


def hit(kiosk: Any, stroke: Any) -> None:
    """A finger lands on the key that does *stroke*."""
    box = next(key.target for key in kiosk.stage.front.board.keys if key.stroke == stroke)
    kiosk.touch(box.x + box.w // 2, box.y + box.h // 2)
    kiosk.tick()


def said(kiosk: Any) -> list[str]:
    return [
        " ".join(line.text for line in widget.lines)
        for widget in kiosk.stage.front.walk(restrict=True)
        if getattr(widget, "lines", None)
    ]


@pytest.mark.parametrize("size", WIDE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_keys_of_a_language(driver: Any, size: tuple[int, int], language: str) -> None:
    kiosk = asked(driver, size, language)
    kiosk.reception.write(TEXTS[language])
    kiosk.tick(2)
    kiosk.save(f"writing-{language}-{size[0]}x{size[1]}")
    others = [
        stroke
        for stroke in (Act.NUMBERS, Act.MORE)
        if any(k.stroke is stroke for k in kiosk.stage.front.board.keys)
    ]
    for page in others:
        hit(kiosk, page)
        kiosk.save(f"writing-{language}-{page.value}-{size[0]}x{size[1]}")
        assert [] == faults(kiosk.stage.front)
        hit(kiosk, Act.LETTERS)
    assert [] == faults(kiosk.stage.front)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_writes_what_stands_on_it(driver: Any, language: str) -> None:
    kiosk = asked(driver, (1280, 800), language)
    keys = keyboard(language)
    hit(kiosk, " ")  # so that no capital begins
    hit(kiosk, "." if "." in keys.stops else keys.stops[-1])
    written = " " + kiosk.reception.visit.text[-1]
    for letter in "".join(keys.letters) + keys.beside:
        hit(kiosk, letter)
        written += letter
    assert written == kiosk.reception.visit.text
    hit(kiosk, Act.NUMBERS)
    hit(kiosk, "7")
    hit(kiosk, Act.RUB)
    hit(kiosk, "8")
    assert f"{written}8" == kiosk.reception.visit.text


def test_a_sentence_begins_with_a_capital_and_shift_says_otherwise(driver: Any) -> None:
    kiosk = asked(driver, (1280, 800), "tr")
    for stroke in ("i", "y", "i", ".", " ", "ı"):
        hit(kiosk, stroke)
    assert "İyi. I" == kiosk.reception.visit.text
    hit(kiosk, Act.SHIFT)
    hit(kiosk, "ş")
    hit(kiosk, "k")
    assert "İyi. IŞk" == kiosk.reception.visit.text


def test_a_sign_of_the_second_page_leads_back_to_the_letters_in_hindi(driver: Any) -> None:
    kiosk = asked(driver, (1280, 800), "hi")
    hit(kiosk, Act.MORE)
    hit(kiosk, "अ")
    hit(kiosk, "क")
    assert "अक" == kiosk.reception.visit.text


def test_what_was_written_is_sealed_and_nowhere_else(driver: Any) -> None:
    kiosk = asked(driver)
    assert "Skip" in said(kiosk)
    for letter in "slow":
        hit(kiosk, letter)
    assert "Send" in said(kiosk)
    assert "Slow" in said(kiosk)
    hit(kiosk, Act.SEND)
    kiosk.tick(2)

    assert ["Slow"] == kiosk.sealed
    answers = kiosk.recorder.waiting[-1][0]
    assert (Kind.TEXT, 0, b"d" * 32) == (answers[0].ask.kind, answers[0].value, answers[0].text_digest)
    assert [b"d" * 32] == [text.digest for text in kiosk.recorder.texts]
    assert Kind.OUTCOME is answers[-1].ask.kind
    assert "" == kiosk.reception.visit.text
    kiosk.recorder.store()
    kiosk.later(0.3)
    assert Screen.THANKS is kiosk.reception.visit.screen


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("size", WIDE)
def test_a_key_leads_back_to_what_was_skipped(driver: Any, size: tuple[int, int], language: str) -> None:
    kiosk = asked(driver, size, language, before=True)
    kiosk.save(f"writing-back-{language}-{size[0]}x{size[1]}")
    assert [] == faults(kiosk.stage.front)
    box = kiosk.stage.front.board.back.target
    kiosk.touch(box.x + box.w // 2, box.y + box.h // 2)
    kiosk.tick(2)
    assert "again" == kiosk.reception.visit.question.id


def test_while_it_is_stored_the_key_still_says_send(driver: Any) -> None:
    kiosk = asked(driver)
    hit(kiosk, "a")
    hit(kiosk, Act.SEND)
    kiosk.tick(2)
    assert "Send" in said(kiosk)
    assert "Skip" not in said(kiosk)


def test_nothing_written_is_skipped(driver: Any) -> None:
    kiosk = asked(driver)
    hit(kiosk, " ")
    hit(kiosk, Act.SEND)
    assert [] == kiosk.sealed
    assert [Kind.OUTCOME] == [answer.ask.kind for answer in kiosk.recorder.waiting[-1][0]]


def test_the_next_customer_finds_an_empty_field(driver: Any) -> None:
    """Whoever walks away leaves nothing: what was not sent is nowhere."""
    kiosk = asked(driver)
    hit(kiosk, "x")
    hit(kiosk, "y")
    hit(kiosk, Act.NUMBERS)
    kiosk.reception.press(Rating.GOOD, Source.BUTTON)
    kiosk.tick(2)
    while kiosk.recorder.waiting:
        kiosk.recorder.store()
    kiosk.later(0.3)
    kiosk.later(0.3)
    assert "words" == kiosk.reception.visit.question.id
    assert "" == kiosk.reception.visit.text
    assert "Xy" not in said(kiosk)
    assert "q" in {key.stroke for key in kiosk.stage.front.board.keys}
    assert [] == kiosk.sealed


def test_asked_for_more_time_it_is_all_still_there(driver: Any) -> None:
    kiosk = asked(driver)
    hit(kiosk, "a")
    kiosk.later(21)
    assert Screen.MORE_TIME is kiosk.reception.visit.screen
    kiosk.later(1)
    kiosk.reception.turn(Key.MORE, Source.TOUCH)
    kiosk.later(1)
    assert "A" in said(kiosk)
    hit(kiosk, "b")
    assert "Ab" == kiosk.reception.visit.text


def test_each_letter_gives_all_the_time_again(driver: Any) -> None:
    kiosk = asked(driver)
    for _ in range(4):
        kiosk.later(15)
        hit(kiosk, "a")
    assert Screen.QUESTION is kiosk.reception.visit.screen


def test_after_so_many_characters_no_more_are_taken(driver: Any) -> None:
    kiosk = asked(driver)
    kiosk.reception.write("many words, " * 40)
    kiosk.tick(2)
    assert MOST_TEXT == len(kiosk.reception.visit.text)
    assert f"{MOST_TEXT} / {MOST_TEXT}" in said(kiosk)
    kiosk.save("writing-full")
    assert [] == faults(kiosk.stage.front)


@pytest.mark.parametrize("size", KNOWN_MM)
@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_are_as_large_as_fingers_need_or_there_are_none(size: tuple[int, int], language: str) -> None:
    glass = panel(*size)
    if not fits(language, glass):
        assert glass.small
        return
    keys = keyboard(language)
    for page in (Act.LETTERS, Act.NUMBERS, Act.MORE):
        for key in board(layout(glass), keys, page, with_back=True).keys:
            assert glass.across_mm(key.target.w) >= LETTER_MM
            assert glass.down_mm(key.target.h) >= KEY_MM


def test_no_two_keys_write_the_same_and_every_letter_is_there() -> None:
    alphabets = {
        "en": "abcdefghijklmnopqrstuvwxyz",
        "az": "abcçdeəfgğhxıijkqlmnoöprsştuüvyz",
        "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "tr": "abcçdefgğhıijklmnoöprsştuüvyz",
        "de": "abcdefghijklmnopqrstuvwxyzäöüß",
        "ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهويءأإآؤئىة",
        "hi": "अआइईउऊऋएऐओऔकखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहािीुूृेैोौंँः़्",
    }
    for language, alphabet in alphabets.items():
        keys = keyboard(language)
        letters = "".join((*keys.letters, keys.beside, *keys.more))
        assert set(alphabet) <= set(letters), language
        assert len(letters) == len(set(letters)), language
