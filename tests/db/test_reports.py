"""The questions behind the staff pages: progress by hamlet, the log in pages, sign-ins
counted.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest
from sqlalchemy import text

from db.models import targets
from db.office import sign_in
from db.progress import conversions
from db.register import people as register
from db.reports import conversions as logs
from db.reports import people, progress
from db.reports.paging import TOP, Place
from db.store.engine import Database, Tx, to_ms
from tests import factories

KEY = "a key"


@pytest.fixture
def at(now: datetime) -> int:
    return to_ms(now)


def _target(
    tx: Tx,
    indicator: int,
    hamlet_id: int | None,
    denominator: int,
    target: int,
    as_of: str,
) -> None:
    factories.insert_row(
        tx,
        targets,
        indicator_id=indicator,
        hamlet_id=hamlet_id,
        denominator=denominator,
        target=target,
        as_of=as_of,
    )


def _log(tx: Tx, indicator: str, person: int, at: int) -> int:
    made = conversions.log(
        tx,
        programme_id=factories.PROGRAMME,
        indicator=indicator,
        subject_id=person,
        at=at,
        staff_id=None,
    )
    assert made
    return made


def test_progress_takes_the_latest_figure_and_adds_the_commune_up_from_its_hamlets(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        trung, lien = factories.hamlet(tx), factories.hamlet(tx, "Quảng Liên I", 2)
        app = factories.indicator(tx, "app_citizen")  # 80 %
        _target(tx, app, trung, 40, 32, "2024-03-01")
        _target(tx, app, trung, 6, 5, "2024-04-01")
        _target(tx, app, lien, 6, 5, "2024-04-02")
        _target(tx, app, lien, 999, 999, "2024-05-01")  # of next month: not yet
        for number, hamlet in ((1, trung), (2, trung), (3, None)):
            _log(
                tx,
                "app_citizen",
                factories.person(tx, number=number, hamlet_id=hamlet, now=at),
                at,
            )
        figures = progress.figures(
            tx, programme_id=factories.PROGRAMME, day="2024-04-12"
        )
    here = figures[app, trung]
    assert (here.count, here.denominator, here.target, here.as_of) == (
        2,
        6,
        5,
        "2024-04-01",
    )
    assert figures[app, lien].count == 0
    whole = figures[app, progress.WHOLE]
    # 80 % of 12 is 10 households, rounded up once: not what each hamlet rounded up by
    # itself.
    assert (whole.count, whole.denominator, whole.target, whole.as_of) == (
        3,
        12,
        10,
        "2024-04-01",
    )
    assert figures[app, 0].count == 1  # nobody knows the hamlet


def test_an_indicator_without_figures_has_a_count_and_no_share(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        _log(
            tx,
            "sim_4g",
            factories.person(tx, number=1, hamlet_id=factories.hamlet(tx), now=at),
            at,
        )
        figures = progress.figures(
            tx, programme_id=factories.PROGRAMME, day="2024-04-12"
        )
        whole = figures[factories.indicator(tx, "sim_4g"), progress.WHOLE]
    assert (whole.count, whole.share, whole.goal) == (1, None, None)


def test_the_log_is_read_whole_in_chunks_with_its_undos(db: Database, at: int) -> None:
    with db.transaction() as tx:
        person = factories.person(
            tx, number=1, name="Nông Thị Hoa", hamlet_id=factories.hamlet(tx), now=at
        )
        first = _log(tx, "sim_4g", person, at)
        _log(tx, "money_person", person, at)
        _log(tx, "app_citizen", person, at)
        assert conversions.undo(
            tx, conversion_id=first, at=at + 1, staff_id=None, reason="nhầm"
        )
        wanted = logs.Wanted(factories.COMMUNE)
        every = list(logs.every(tx, wanted, size=2))
        assert logs.how_many(tx, wanted) == 3
        top = logs.page(tx, wanted, place=TOP, size=2)
        assert (top.newer, top.older) == (None, top.rows[-1].id)
        assert [
            entry.id
            for entry in logs.page(
                tx, wanted, place=Place(before=top.older), size=2
            ).rows
        ] == [first]
        assert (
            logs.how_many(tx, logs.Wanted(factories.COMMUNE, since="2024-04-13")) == 0
        )
    assert [(entry.indicator, entry.reason) for entry in every] == [
        ("sim_4g", "nhầm"),
        ("money_person", None),
        ("app_citizen", None),
    ]


def test_a_percent_sign_or_a_very_short_number_finds_nobody(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        factories.person(tx, number=1, name="Nông Thị Hoa", now=at)
        find = partial(people.find, tx, commune_id=factories.COMMUNE, hamlet_id=None)
        assert find(folded="%", digits="", phone="") == []
        assert find(folded="", digits="01", phone="") == []
        assert find(folded="", digits="", phone="") == []
        assert len(find(folded="thi", digits="", phone="")) == 1


def test_a_name_is_found_from_any_of_its_words_on_and_a_number_by_its_end(
    db: Database, at: int
) -> None:
    with db.transaction() as tx:
        trung, lien = factories.hamlet(tx), factories.hamlet(tx, "Quảng Liên I", 2)
        hoa = factories.person(
            tx, number=123, name="Nông Thị Hoa", hamlet_id=trung, now=at
        )
        son = factories.person(
            tx, number=223, name="Nông Văn Sơn", hamlet_id=lien, now=at
        )

        def found(
            asked: str = "", digits: str = "", hamlet: int | None = None
        ) -> list[int]:
            folded = register.fold_name(asked)
            rows = people.find(
                tx,
                commune_id=factories.COMMUNE,
                hamlet_id=hamlet,
                folded=folded,
                digits=digits,
                phone="",
            )
            return [row.id for row in rows]

        assert found("nông") == [hoa, son]
        assert found("Thị H") == found("hoa") == found("nong thi hoa") == [hoa]
        assert found("ong") == [], "not from the middle of a word"
        assert found("nông", hamlet=lien) == [son]
        assert (found(digits="0123"), found(digits="23"), found(digits="023")) == (
            [hoa],
            [],
            [],
        )
        assert found(digits="223", hamlet=lien) == [son]
        assert found(digits="223", hamlet=trung) == []

        register.edit(
            tx,
            hoa,
            name="Hoa Mai Đào",
            folded="hoa mai dao",
            hamlet_id=lien,
            household_id=None,
        )
        assert found("thi") == []
        assert found("mai", hamlet=lien) == found("dao") == [hoa]
        assert found("mai", hamlet=trung) == []
        tx.run(text("UPDATE people SET name = '', folded = '' WHERE id = :id"), id=hoa)
        assert (
            tx.value(
                text("SELECT COUNT(*) FROM name_ends WHERE person_id = :id"), id=hoa
            )
            == 0
        )
        gone = factories.person(tx, name="Bế Văn Thôi", now=at)
        tx.run(text("DELETE FROM people WHERE id = :id"), id=gone)
        assert (
            tx.value(
                text("SELECT COUNT(*) FROM name_ends WHERE person_id = :id"), id=gone
            )
            == 0
        )


def test_of_a_name_that_many_have_fifty_are_found(db: Database, at: int) -> None:
    with db.transaction() as tx:
        for number in range(120):
            factories.person(tx, number=number, name=f"Lý Văn Lý {number:03}", now=at)
        find = partial(
            people.find,
            tx,
            commune_id=factories.COMMUNE,
            hamlet_id=None,
            digits="",
            phone="",
        )
        assert len({row.id for row in find(folded="ly")}) == people.MOST
        assert len(find(folded="ly 119")) == 1


def test_tries_to_sign_in_are_kept_without_the_address_and_forgotten_after_a_day(
    db: Database, at: int
) -> None:
    account, address = (
        sign_in.blurred(KEY, "account:xa"),
        sign_in.blurred(KEY, "address:192.0.2.1"),
    )
    tried = {
        "pair": sign_in.blurred(KEY, "pair:192.0.2.1:xa"),
        "address": address,
        "account": account,
    }
    assert account != sign_in.blurred("another key", "account:xa")
    for _ in range(sign_in.PER_PAIR):
        db.again(lambda tx: sign_in.try_sign_in(tx, **tried, now=at))
    with pytest.raises(sign_in.TooManyTries):
        db.again(lambda tx: sign_in.try_sign_in(tx, **tried, now=at))
    tomorrow = at + 25 * 3600 * 1000
    db.again(lambda tx: sign_in.try_sign_in(tx, **tried, now=tomorrow))
    with db.connection() as tx:
        assert tx.value(text("SELECT COUNT(*) FROM sign_ins")) == 3
    db.again(lambda tx: sign_in.sign_in_worked(tx, **tried))
    with db.connection() as tx:
        assert tx.value(text("SELECT COUNT(*) FROM sign_ins")) == 0
