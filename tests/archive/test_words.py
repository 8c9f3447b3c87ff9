"""What is found by what, in many scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.archive.words import LONGEST, MOST_TOKENS, Phrase, Search, parse, tokens

SCRIPTS = {
    "Latin": ("Le café est très Cher, naïve Straße!", ["CAFE", "cher", "strasse", "tres"]),
    "Greek": ("Η Αθήνα είναι ωραία τέλος", ["αθηνα", "ΤΕΛΟΣ"]),
    "Cyrillic": ("Съешь ещё этих мягких булок", ["еще", "БУЛОК"]),
    "Arabic": ("مَرْحَبًا بالعالم", ["مرحبا", "بالعالم"]),
    "Hebrew": ("שָׁלוֹם עולם", ["שלום"]),
    "Devanagari": ("हिन्दी में लिखा", ["हिन्दी", "में"]),
    "Tamil": ("வணக்கம் உலகம்", ["உலகம்"]),
    "Chinese": ("我们明天去学校上课", ["学校", "学", "明天去", "课"]),
    "Japanese": ("東京タワーへ行きたいです", ["東京", "タワー", "行きたい"]),
    "Korean": ("우리는 학교에서 만나요", ["학교", "학교에서", "만나"]),
    "Thai": ("สวัสดีครับวันนี้อากาศดี", ["อากาศ", "วันนี้", "สวัสดี"]),
    "Khmer": ("សួស្តីពិភពលោក", ["ពិភពលោក"]),
    "Burmese": ("မင်္ဂလာပါကမ္ဘာ", ["ကမ္ဘာ"]),
}


def holds(text: str, search: Search) -> bool:
    """Whether a text has all phrases: what a database is to say of it."""
    return bool(search) and all(_has(tokens(text), phrase) for phrase in search)


def _has(there: list[str], phrase: Phrase) -> bool:
    length = len(phrase.tokens)
    for start in range(len(there) - length + 1):
        piece = there[start : start + length]
        whole = piece[-1] == phrase.tokens[-1]
        begun = phrase.open and piece[-1].startswith(phrase.tokens[-1])
        if tuple(piece[:-1]) == phrase.tokens[:-1] and (whole or begun):
            return True
    return False


@pytest.mark.parametrize("script", SCRIPTS)
def test_any_script(script: str) -> None:
    text, words = SCRIPTS[script]
    for word in words:
        assert holds(text, parse(word)), word
        assert not holds("nothing of it", parse(word)), word


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("hello world", True),
        ("world HELLO", True),
        ("hello mars", False),
        ('"hello big"', True),
        ('"hello world"', False),
        ('"big world" hello', True),
        ("wor*", True),
        ("orl*", False),
        ('"hello bi*"', True),
        ('"hello bi"*', True),
        ("wor", False),
        ("user@example.org", True),
        ("example.org", True),
        ("example-org", True),
        ("org.example", False),
        ('"hello', True),
        ("...", False),
        ("* \" '", False),
        ("hello ...", True),
    ],
)
def test_words_phrases_and_beginnings(search: str, found: bool) -> None:
    assert holds("Hello big world: user@example.org", parse(search)) is found


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("世界", True),
        ("世", True),
        ("界", True),
        ("界世", False),
        ('"hello 世界"', True),
        ('"hello 世"', True),
        ('"hello 界"', False),
        ('"世界 foo"', True),
        ('"界 foo"', True),
        ('"世 foo"', False),
        ("世界*", True),
        ("hello世界", True),
        ('"世 世"', False),
    ],
)
def test_runs_without_spaces(search: str, found: bool) -> None:
    assert holds("Hello 世界 foo", parse(search)) is found


def test_neither_length_nor_number_is_without_limit() -> None:
    assert tokens("x" * 1000) == ["x" * LONGEST]
    assert holds("x" * 1000, parse("x" * 999))
    assert len(tokens("好" * 60_000)) == MOST_TOKENS


@given(st.text())
def test_nothing_but_letters_and_digits_gets_to_a_database(text: str) -> None:
    for token in [*tokens(text), *(t for phrase in parse(text) for t in phrase.tokens)]:
        assert token
        assert not set(token) & set(" \"'\\*:&|!<>()/\0\ue000")


@given(st.text(alphabet="aB é学校ー한국ที่*\"'.", max_size=30))
def test_a_text_is_found_by_itself(text: str) -> None:
    search = parse(text)
    assert not search or holds(text.replace("*", " ").replace('"', " "), search) or '"' in text
