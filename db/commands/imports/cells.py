"""What one cell means: numbers that a spreadsheet broke are mended where the answer is
certain, refused where not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from menus.hearing import fold
from menus.numbers import OLD_PREFIXES, NotAFixedLine, NotAMobile, fixed_line, mobile

# As a list or the desk writes them, in either language; without marks and signs. What
# the desk says of each is held by tests/gateway/staff/test_imports.py.
HANDSETS = {
    "2g": "2g", "3g": "3g", "4g_no_volte": "4g_no_volte", "4g_volte": "4g_volte", "unknown": "unknown",
    "chi 2g": "2g", "2g only": "2g", "may 2g": "2g", "may 3g": "3g",
    "4g khong volte": "4g_no_volte", "4g without volte": "4g_no_volte",
    "4g co volte": "4g_volte", "4g with volte": "4g_volte", "volte": "4g_volte",
    "khong ro": "unknown", "khong biet": "unknown", "chua ro": "unknown",
}  # fmt: skip
SIMS = {
    "2g": "2g", "3g": "3g", "4g": "4g", "unknown": "unknown",
    "sim 2g": "2g", "sim 3g": "3g", "sim 4g": "4g", "2g sim": "2g", "3g sim": "3g", "4g sim": "4g",
    "khong ro": "unknown", "khong biet": "unknown", "chua ro": "unknown",
}  # fmt: skip
# What is not known says nothing: it is as an empty cell.
POOR = {
    "yes": "yes", "near": "near", "no": "no", "ngheo": "yes", "ho ngheo": "yes", "co": "yes", "can ngheo": "near",
    "ho can ngheo": "near", "khong": "no", "khong ngheo": "no", "poor": "yes", "near poor": "near",
    "chua ro": "", "unknown": "", "khong ro": "",
}  # fmt: skip

# Our columns as a reason names them in Vietnamese.
CALLED = {
    "phone": "số điện thoại", "name": "tên", "hamlet": "thôn", "household": "mã hộ", "handset": "loại máy",
    "sim": "loại SIM", "poor": "hộ nghèo", "code": "mã hộ", "date": "ngày", "hall": "nhà văn hóa", "from": "từ giờ",
    "to": "đến giờ", "minutes": "số phút", "places": "số chỗ", "kind": "loại", "services": "nội dung",
    "run_by": "người phụ trách", "bring": "mang theo", "bring_en": "mang theo (tiếng Anh)", "indicator": "chỉ tiêu",
    "denominator": "mẫu số", "target": "mục tiêu", "as_of": "tính đến ngày", "source": "nguồn số liệu",
    "tac": "mã TAC", "owner": "chủ cơ sở", "school": "trường", "class": "lớp", "agreed_on": "ngày đồng ý",
    "asked": "cách hỏi", "adverts_on": "ngày đồng ý quảng cáo",
}  # fmt: skip

# as the desk writes a day: T7 13/4/2024, CN 14/4/2024, Sat 13/4/2024
_WEEKDAY = re.compile(r"^(?:T[2-7]|CN|Mon|Tue|Wed|Thu|Fri|Sat|Sun)[ ,]+", re.IGNORECASE)
_SIGNS = re.compile(r"[^\w]+")
_EXCEL_ZERO = date(1899, 12, 30)
# 8, 8:00, 8h30, folded
_CLOCK = re.compile(r"(\d{1,2})(?: ?(?:[:hg.]|gio) ?(\d{2})?(?::00)?)?")


class Fault(ValueError):
    """This row cannot be taken; the message is read by the clerk who sent it: `vi /
    en`, in both languages.
    """


class Cells:
    """One row's cells by our column names. `repaired` once something was mended."""

    def __init__(self, cells: Mapping[str, object]) -> None:
        self._cells = cells
        self.repaired = False

    def has(self, column: str) -> bool:
        """Is anything written there?"""
        value = self._cells.get(column)
        return value is not None and str(value).strip() != ""

    def text(self, column: str, most: int, *, needed: bool = False) -> str:
        value = self._cells.get(column)
        if value is None:
            value = ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        words = str(value).replace("\x00", "").split()
        found = " ".join(words)
        if re.match(r"'[=+@-]", found):
            # the guard of our own files (db/commands/exports.py) comes back
            found = found[1:]
        if needed and not found:
            raise Fault(f"thiếu {CALLED[column]} / {column} is missing")
        if len(found) > most:
            raise Fault(
                f"{CALLED[column]} quá dài / {column} is longer than {most} characters"
            )
        return found

    def choice(
        self, column: str, known: Mapping[str, str], *, needed: bool = False
    ) -> str:
        """One of `known`, or empty where the cell is."""
        written = self.text(column, 40, needed=needed)
        said = plain_words(written)
        if not said:
            return ""
        if said not in known:
            once = dict.fromkeys(known.values())
            allowed = ", ".join(filter(None, once))
            raise Fault(
                f"{CALLED[column]} '{said}' không có / {column} must be one of {allowed}"
            )
        return known[said]

    def phone(
        self, column: str, *, needed: bool = False, or_fixed: bool = False
    ) -> str:
        """E.164, or empty where the cell is. `or_fixed` takes a fixed line, too: it can
        be called, not texted.
        """
        written = self.text(column, 40, needed=needed)
        if not written:
            return ""
        digits = self._digits(written)
        bare = _bare(digits)
        fixed = ""
        if or_fixed:
            fixed = _fixed(digits)
        if fixed:
            self.repaired |= bare.startswith("2")
            return fixed
        if re.fullmatch(r"[35789]\d{8}|1\d{9}", bare):
            # 1…: an old number of eleven digits
            digits = "0" + bare
            self.repaired = True
        try:
            found = mobile(digits)
        except NotAMobile as problem:
            called = CALLED[column]
            raise Fault(
                f"{called} không phải số di động Việt Nam / {column} is not a Vietnamese mobile"
            ) from problem
        national = re.sub(r"^(?:\+84|0084|84)0?", "0", _bare(digits))
        self.repaired |= national[:4] in OLD_PREFIXES
        return found

    def tac(self, column: str) -> str:
        written = self.text(column, 20, needed=True)
        digits = self._digits(written)
        if re.fullmatch(r"\d{7}", digits):
            digits = f"0{digits}"
            self.repaired = True
        if not re.fullmatch(r"\d{8}", digits):
            raise Fault(f"{CALLED[column]} phải có 8 chữ số / {column} has 8 digits")
        return digits

    def _digits(self, written: str) -> str:
        """A number that went through a float: `912345678.0`, `9.12345678E+8`; not
        `9.8E+8`, whose digits are lost.
        """
        if not re.fullmatch(r"\d+(?:[.,]0+|[.,]?\d*[eE]\+?\d+)", written):
            return written
        try:
            number = Decimal(written.replace(",", "."))
        except InvalidOperation:
            return written
        mantissa = re.sub(r"[eE].*|[.,]", "", written)
        kept = mantissa.lstrip("0")
        whole, _, _ = f"{number:f}".partition(".")
        has_exponent = "e" in written.lower()
        if has_exponent and len(kept) < len(whole):
            raise Fault(
                "bảng tính đã làm mất chữ số / the spreadsheet lost digits of this number"
            )
        self.repaired = True
        return whole

    def whole(self, column: str, least: int, most: int) -> int:
        written = self.text(column, 20, needed=True)
        digits = re.sub(r"(?<=\d)[.,](?=\d{3}(?:\D|$))", "", written)
        number = None
        if digits.isascii() and digits.isdigit():
            number = int(digits)
        if number is None or not least <= number <= most:
            called = CALLED[column]
            raise Fault(
                f"{called} phải là số từ {least} đến {most} / {column} is a whole number {least} to {most}"
            )
        return number

    def day(self, column: str) -> date:
        value = self._cells.get(column)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        written = self.text(column, 20, needed=True)
        written = _WEEKDAY.sub("", written)
        for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
            try:
                return datetime.strptime(written, form).date()  # noqa: DTZ007  # a day has no zone
            except ValueError:
                continue
        if re.fullmatch(r"4\d{4}", written):
            # a date that lost its format, days since 1899
            self.repaired = True
            since = timedelta(days=int(written))
            return _EXCEL_ZERO + since
        raise Fault(
            f"{CALLED[column]} viết như 12/4/2026 / {column} is written 2026-04-12 or 12/4/2026"
        )

    def clock(self, column: str) -> time:
        value = self._cells.get(column)
        if isinstance(value, datetime):
            return value.time()
        if isinstance(value, time):
            return value
        if isinstance(value, float) and 0 < value < 1:  # a part of the day
            return _time_of_day(value)
        written = self.text(column, 20, needed=True)
        found = _CLOCK.fullmatch(fold(written))
        if found:
            hour = int(found[1])
            minute = int(found[2] or 0)
            if hour <= 23 and minute <= 59:
                return time(hour, minute)
        raise Fault(
            f"{CALLED[column]} viết như 8:00 hoặc 8h30 / {column} is a time such as 8:00"
        )


def plain_words(written: str) -> str:
    """As words of a closed list are compared: `4G, không VoLTE` as `4g khong volte`."""
    return _SIGNS.sub(" ", fold(written)).strip()


def _time_of_day(part: float) -> time:
    """As a spreadsheet keeps it: 0.5 is noon."""
    minutes = round(part * 1440)
    hour, minute = divmod(min(minutes, 1439), 60)
    return time(hour, minute)


def _bare(digits: str) -> str:
    """Without what people put between the digits of a number."""
    return re.sub(r"[\s.\-()]", "", digits)


def _fixed(written: str) -> str:
    """E.164 of a fixed line, or nothing."""
    try:
        return fixed_line(written)
    except NotAFixedLine:
        return ""
