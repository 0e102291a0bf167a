"""What staff read, in Vietnamese or English: sentences from `words/*.toml`, days,
hours, numbers.
"""

from __future__ import annotations

import tomllib
import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path

from db.store.engine import from_ms, to_ms
from db.store.local_days import iso_day_at
from menus import days

LANGUAGES = ("vi", "en")
_FOLDER = Path(__file__).parent / "words"


def _load(language: str) -> dict[str, str]:
    file = _FOLDER / f"{language}.toml"
    sentences = tomllib.loads(file.read_text("utf-8"))
    return {
        key: unicodedata.normalize("NFC", sentence)
        for key, sentence in sentences.items()
    }


WORDS = {language: _load(language) for language in LANGUAGES}


def say(language: str, key: str, **values: object) -> str:
    """The sentence, filled in. Raises KeyError for a key that is not written."""
    sentence = WORDS[language][key]
    return sentence.format_map(values)


def named(language: str, prefix: str, value: str | None) -> str:
    """The word for a value of a closed list, as `status_SENT`; a value nobody wrote a
    word for stands for itself.
    """
    key = f"{prefix}_{value}"
    return WORDS[language].get(key, value or "")


def clock(ms: int) -> str:
    """8h00, on the commune's clock."""
    return days.hour(from_ms(ms))


def stamp(ms: int | None, language: str) -> str:
    """14h05 CN 12/5; a dash where there is none."""
    if ms is None:
        return "–"
    moment = from_ms(ms)
    return days.short_time(moment, language)


def day_name(day: str | None, language: str) -> str:
    """`CN 12/5/2026` from an ISO day: the year stands, a list may reach back to last
    spring.
    """
    if not day:
        return "–"
    when = date.fromisoformat(day)
    day_and_month = days.short_day(when, language)
    return f"{day_and_month}/{when.year}"


def number(value: int | None, language: str) -> str:
    """1.234 in Vietnamese, 1,234 in English."""
    whole = int(value or 0)
    written = f"{whole:,}"
    if language == "vi":
        return written.replace(",", ".")
    return written


def decimal(value: float, language: str) -> str:
    """4,2 in Vietnamese, 4.2 in English."""
    written = f"{value:.1f}"
    if language == "vi":
        return written.replace(".", ",")
    return written


def now_ms() -> int:
    """The desk's own reading of the clock: one place, UTC ms."""
    return to_ms(datetime.now(UTC))


def current_day() -> str:
    """The local day of this moment as ISO."""
    return iso_day_at(now_ms())
