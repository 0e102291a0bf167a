"""The rows the first migration ships: the commune, its names by date, the programme and
the plan's indicators.

Part of migration 0001: changed by a later migration, never here.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, column, insert, table

COMMUNE = {"service_code": "*2404#", "sms_number": "2404"}
NAMES = (
    {
        "commune_id": 1,
        "since": "2000-01-01",
        "name": "xã Quảng Lạc",
        "parent": "UBND thành phố Lạng Sơn",
    },
    # The city level ceased on this day and the commune became part of a ward.
    {
        "commune_id": 1,
        "since": "2025-07-01",
        "name": "phường Lương Văn Tri",
        "parent": "",
    },
)
PROGRAMME = {"commune_id": 1, "key": "4g", "name": "Đổi máy 2G lên 4G"}

# key, subject, kind of business, derived, percent, name, in English, denominator, in
# English
INDICATORS: tuple[tuple[str, str, str | None, bool, int | None, str, str, str, str], ...] = (
    ("sim_4g", "person", None, False, None,
     "Đã có SIM 4G", "4G SIM in use",
     "người đang dùng máy 2G", "people who use a 2G device"),
    ("handset_volte", "person", None, False, None,
     "Đã có máy 4G gọi được VoLTE", "4G handset with VoLTE",
     "người đang dùng máy 2G", "people who use a 2G device"),
    ("converted_person", "person", None, True, None,
     "Người đã lên 4G (SIM và máy)", "Person moved to 4G (SIM and handset)",
     "người đang dùng máy 2G", "people who use a 2G device"),
    ("converted_household", "household", None, True, 90,
     "Hộ đã lên 4G", "Household moved to 4G",
     "hộ đang dùng máy 2G", "households that use a 2G device"),
    ("money_person", "person", None, False, 100,
     "Người có tài khoản Viettel Money", "Person with a Viettel Money account",
     "toàn bộ người dân", "all residents"),
    ("money_household", "household", None, True, 50,
     "Hộ có tài khoản Viettel Money", "Household with a Viettel Money account",
     "toàn bộ số hộ", "all households"),
    ("business_qr", "business", "household_business", False, 100,
     "Hộ kinh doanh có mã QR", "Household business with a QR code",
     "toàn bộ hộ kinh doanh", "all household businesses"),
    ("tuition_school", "business", "school", False, 100,
     "Trường thu học phí qua Viettel Money", "School taking tuition through Viettel Money",
     "các trường trên địa bàn", "schools operating in the commune"),
    ("app_citizen", "person", None, False, 80,
     "Đã cài Công dân số Xứ Lạng", "App Công dân số Xứ Lạng installed",
     "người từ 15 tuổi dùng điện thoại thông minh", "residents aged 15+ who use a smartphone"),
    ("electricity_money", "household", None, False, None,
     "Hộ trả tiền điện qua Viettel Money", "Household paying electricity through Viettel Money",
     "toàn bộ số hộ", "all households"),
    ("tv360", "household", None, False, None,
     "Hộ đăng ký TV360", "Household registered for TV360",
     "toàn bộ số hộ", "all households"),
    ("service_point", "business", "service_point", False, 100,
     "Điểm giao dịch Viettel Money", "Viettel Money service point",
     "một điểm của xã", "one point in the commune"),
    ("one_stop_qr", "business", "one_stop", False, 100,
     "Mã QR tại bộ phận một cửa", "QR code at the one-stop office",
     "bộ phận một cửa của xã", "the commune's one-stop office"),
)  # fmt: skip

_FIELDS = (
    "key",
    "subject",
    "kind",
    "derived",
    "percent",
    "name",
    "name_en",
    "denominator",
    "denominator_en",
)


def insert_first_rows(connection: Connection) -> None:
    """Fill an empty schema: commune and programme come out as number 1, by the engine's
    own counters.
    """
    _add(connection, "communes", COMMUNE)
    for row in NAMES:
        _add(connection, "commune_names", row)
    _add(connection, "programmes", PROGRAMME)
    for position, values in enumerate(INDICATORS, 1):
        _add(
            connection,
            "indicators",
            {
                "programme_id": 1,
                "position": position,
                **dict(zip(_FIELDS, values, strict=True)),
            },
        )


def _add(connection: Connection, name: str, row: dict[str, Any]) -> None:
    connection.execute(
        insert(table(name, *(column(field) for field in row))).values(row)
    )
