"""What people read: their own particulars, in their language, with marks where they
chose them, at a known price.
"""

from __future__ import annotations

from tests import factories as make
from tests.db.broadcasts.village import Village, tomorrow


def reads(village: Village, number: int) -> dict[str, str]:
    return {one["person"]: one["text"] for one in village.people(number)}


def test_everybody_reads_their_own_particulars_and_what_is_sent_is_what_was_shown(
    village: Village,
) -> None:
    village.books(1, hall="NVH Quảng Trung I")
    village.sql("UPDATE people SET language = 'en' WHERE id = 3")
    code = village.ask("SELECT code FROM bookings")
    vi = "{name} ({hamlet}): {hall}, {next_session}. Gọi {number}, {service_code}, {commune}."
    number = village.draft(words={"vi": vi, "en": "{name}, come to {hall}."})
    shown = reads(village, number)
    assert shown["An"].startswith("An (Quang Trung I): NVH Quang Trung I, 8h00 ")
    assert shown["Bình"].startswith("Binh (Quang Trung I): NVH Quang Trung I, ")
    assert shown["Chi"] == "Chi, come to NVH Quang Trung I."
    village.does("start", number)
    village.clock()
    assert village.sent(number) == list(shown.values())
    with_code = village.started(
        {"booked": True},
        words="{name}: mã {code}.",
        not_before=tomorrow("10:00").isoformat(),
    )
    village.clock(tomorrow("10:00"))
    assert village.sent(with_code) == [f"An: ma {code}."]


def test_who_reads_english_gets_vietnamese_where_no_english_was_written(
    village: Village,
) -> None:
    village.sql("UPDATE people SET language = 'en' WHERE id = 3")
    assert reads(village, village.draft(words="Mời họp."))["Chi"] == "Moi hop."


def test_an_empty_field_holds_the_start_and_says_whom_it_concerns(
    village: Village,
) -> None:
    village.books(1)
    village.sql("UPDATE people SET name = '' WHERE id = 3")
    number = village.draft(words="{name}: mã {code}.")
    assert village.why(number) == {
        "Bình": "nothing for {code}",
        "": "nothing for {name}",
    }
    said = village.refuses("start", number)
    assert said == (
        "Some people have nothing to put in: {code}: 1 (Bình); {name}: 1 ((no name))."
        " Change the words, or leave these people out."
    )
    assert village.does("show", number).endswith("state draft\n")
    village.does("start", village.draft({"booked": True}, words="{name}: mã {code}."))


def test_who_has_nothing_to_put_in_any_more_is_passed_over_with_the_reason(
    village: Village,
) -> None:
    village.books(1)
    number = village.started(
        {"handset": ["2g"]},
        words="Mã {code}.",
        not_before=tomorrow("08:00").isoformat(),
    )
    village.says(1, "HUY " + village.ask("SELECT code FROM bookings"))
    if village.ask("SELECT status FROM bookings") == "booked":
        village.says(1, "1")
    village.clock()
    assert village.why(number)["An"] == "nothing for {code}"
    village.agree(number)


def test_a_text_of_four_parts_does_not_start(village: Village) -> None:
    long = village.draft(words="Mời " + "x" * 456)
    assert (
        village.refuses("start", long)
        == "For some the text takes 4 parts, and 3 is the most. Shorten it."
    )
    assert village.people(long)[0]["parts"] == "4"
    fits = village.draft(words="Mời " + "x" * 455)
    assert village.people(fits)[0]["parts"] == "3"
    village.does("start", fits)


def test_one_long_name_is_enough_to_hold_everybodys_start(village: Village) -> None:
    village.sql("UPDATE people SET name = :name WHERE id = 2", name="B" * 80)
    number = village.draft(words="{name} " + "x" * 400)
    assert village.refuses("start", number).startswith(
        "For some the text takes 4 parts"
    )


def test_letters_beyond_the_alphabet_of_texts_are_dropped_for_who_reads_without_marks(
    village: Village,
) -> None:
    village.sql("UPDATE people SET marks = :yes WHERE id = 2", yes=True)
    shown = {
        one["person"]: one
        for one in village.people(village.draft(words="Mời họp 😀 lúc 8h – “nhớ đến”…"))
    }
    assert shown["An"]["text"] == 'Moi hop luc 8h - "nho den"...'
    assert shown["Bình"]["text"] == "Mời họp 😀 lúc 8h – “nhớ đến”…"
    assert (shown["An"]["parts"], shown["Bình"]["parts"]) == ("1", "1")
    dear = village.people(village.draft(words="Mời họp " + "ắ" * 63))
    assert [one["parts"] for one in dear] == ["1", "2", "1"]


def test_how_to_refuse_an_advert_is_a_sentence_of_its_own(village: Village) -> None:
    with village.db.transaction() as tx:
        make.consent(tx, 1)
    for words, begins in (
        ("Xem phim trên TV360", "[QC] Xem phim tren TV360. Tu choi: "),
        ("Xem phim trên TV360!", "[QC] Xem phim tren TV360! Tu choi: "),
        ("Xem “TV360.”", '[QC] Xem "TV360." Tu choi: '),
        ("{name}", "[QC] An. Tu choi: "),
    ):
        number = village.advert(words)
        assert reads(village, number)["An"].startswith(begins)


def test_an_advert_bears_its_label_first_and_how_to_refuse_last(
    village: Village,
) -> None:
    village.sql("UPDATE people SET language = 'en' WHERE id = 2")
    village.sql("UPDATE people SET marks = :yes WHERE id = 3", yes=True)
    with village.db.transaction() as tx:
        for person in (1, 2, 3):
            make.consent(tx, person)
    number = village.advert({"vi": "Gói data giá tốt.", "en": "A good data plan."})
    shown = reads(village, number)
    assert shown["An"].startswith("[QC] Goi data gia tot. ")
    assert shown["Bình"].startswith("[QC] A good data plan. ")
    assert shown["Chi"].startswith("[QC] Gói data giá tốt. ")
    for said in shown.values():
        last = said.split(". ")[-1]
        assert "TC" in last
        assert "2404" in last
