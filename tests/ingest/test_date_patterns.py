"""Dates by pattern: what is read, what is refused, and what a wrong choice of pattern does."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from hub.contracts.date_patterns import PatternRefused, read_pattern
from hub.contracts.values import Classification, LogicalType
from hub.deliveries import DeliveryStatus
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from ingest.deliveries import counts, quarantined, raw_rows, take_in
from ingest.small_feeds import column, feed

DATE, TIMESTAMP = LogicalType.DATE, LogicalType.TIMESTAMP
AMERICAN = feed(column("ref"), column("seen_on", kind=DATE, date_format="MM/dd/yyyy"), event_column="seen_on")
GERMAN = feed(column("ref"), column("seen_at", kind=TIMESTAMP, date_format="dd.MM.yyyy HH:mm"), event_column="seen_at")
BORN = feed(
    column("born_on", kind=DATE, date_format="dd/MM/yyyy", classification=Classification.PERSONAL), name="born_british"
)
BORN_ISO = feed(column("born_on", kind=DATE, classification=Classification.PERSONAL), name="born_iso")


def moments(notation: str, *texts: str) -> list[str | None]:
    found = read_pattern(notation).moments(pa.array(texts, pa.string()))
    return [None if missing else moment.isoformat() for moment, missing in zip(found, found.isna(), strict=True)]


def as_iso(notation: str, *texts: str) -> list[str]:
    return list(read_pattern(notation).as_iso(pa.array(texts, pa.string())).to_pylist())


@pytest.mark.parametrize(
    ("notation", "text", "iso"),
    [
        ("MM/dd/yyyy", "01/31/2025", "2025-01-31"),
        ("yyyyMMdd", "20250131", "2025-01-31"),
        ("yyyyMM", "202501", "2025-01"),
        ("dd.MM.yyyy HH:mm", "31.01.2025 09:05", "2025-01-31T09:05:00"),
        ("yyyyMMddHHmmss", "20250131090507", "2025-01-31T09:05:07"),
        ("dd/MM/yyyy HH:mm:ssXXX", "31/01/2025 09:05:07+01:00", "2025-01-31T09:05:07+01:00"),
        ("MM/dd/yyyy HH:mm:ss.SSS", "01/31/2025 09:05:07.125", "2025-01-31T09:05:07.125"),
        ("yyyyMMdd'T'HHmmss[.SSSSSS]XXX", "20250131T090507Z", "2025-01-31T09:05:07Z"),
        ("yyyyMMdd'T'HHmmss[.SSSSSS]XXX", "20250131T090507.000001Z", "2025-01-31T09:05:07.000001Z"),
        ("dd 'o''clock' HH, MM yyyy", "31 o'clock 09, 01 2025", "2025-01-31T09:00:00"),
        ("yyyy-MM-dd HH:mm:ss", "2025-01-31 09:05:07", "2025-01-31 09:05:07"),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2025-01-31T09:05:07Z", "2025-01-31T09:05:07Z"),
    ],
)
def test_a_text_of_the_pattern_is_written_in_iso_and_postgresql_reads_the_same_moment(
    engine: sa.Engine, notation: str, text: str, iso: str
) -> None:
    assert as_iso(notation, text) == [iso]
    day = iso if len(iso) > len("2025-01") else f"{iso}-01"
    with engine.connect() as connection:
        for style in ("SQL, DMY", "SQL, MDY", "German"):
            connection.exec_driver_sql(f"set datestyle = '{style}'")
            seconds = sa.text("select cast(extract(epoch from cast(:day as timestamptz)) as double precision)")
            read = datetime.fromtimestamp(connection.execute(seconds, {"day": day}).scalar_one(), UTC)
            assert [read.isoformat()] == moments(notation, text)


@pytest.mark.parametrize(
    "text",
    [
        "1/31/2025",
        "01/31/25",
        "01/31/2025 ",
        "01/31/2025T00:00",
        " 01/31/2025",
        "13/01/2025",
        "02/29/2025",
        "\u0660\u0661/31/2025",
    ],
)
def test_what_is_not_of_the_pattern_to_the_letter_is_no_date(text: str) -> None:
    assert moments("MM/dd/yyyy", text) == [None]


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_day_is_read_as_itself_in_every_order(day: date) -> None:
    for notation, form in (
        ("MM/dd/yyyy", "{1:02}/{2:02}/{0}"),
        ("ddMMyyyy", "{2:02}{1:02}{0}"),
        ("yyyy.dd.MM", "{0}.{2:02}.{1:02}"),
    ):
        assert as_iso(notation, form.format(day.year, day.month, day.day)) == [day.isoformat()]


@pytest.mark.parametrize(
    ("notation", "named"),
    [
        ("dd/MMM/yyyy", "MMM is not read"),
        ("d/M/yyyy", "d is not read"),
        ("dd/MM/yy", "yy is not read"),
        ("yyyy-MM-dd hh:mm", "hh is not read"),
        ("dd/MM", "a year"),
        ("dd/MM/yyyy/yyyy", "yyyy is in it twice"),
        ("yyyy-MM-dd HH:ss", "ss needs mm"),
        ("yyyy-MM HH", "HH needs dd"),
        ("yyyy-MM-dd XXX", "XXX"),
        ("yyyy-MM-dd[ HH:mm]", "["),
        ("yyyy-MM-dd'T", "quote"),
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused_by_name(notation: str, named: str) -> None:
    with pytest.raises(PatternRefused, match=named.replace("[", r"\[")):
        read_pattern(notation)


def test_raw_holds_iso_dates_and_the_same_file_is_known_again(settings: Settings, engine: sa.Engine) -> None:
    prepare_warehouse(engine, [AMERICAN])
    data = b"ref,seen_on\na,01/31/2025\nb,\nc,02/30/2025\n"
    first = take_in(settings, engine, AMERICAN, data)
    assert (counts(first), first.first_event_on, first.last_event_on) == (
        (3, 2, 1, 0),
        date(2025, 1, 31),
        date(2025, 1, 31),
    )
    assert [row["seen_on"] for row in raw_rows(engine, AMERICAN)] == ["2025-01-31", None]
    assert [row.rule for row in quarantined(engine)] == ["seen_on.type"]
    again = take_in(settings, engine, AMERICAN, data + b"d,02/01/2025\n")
    assert counts(again) == (4, 1, 1, 2)
    assert again.last_event_on == date(2025, 2, 1)


def test_times_by_pattern_have_their_event_days(settings: Settings, engine: sa.Engine) -> None:
    prepare_warehouse(engine, [GERMAN])
    result = take_in(settings, engine, GERMAN, b"ref,seen_at\na,31.01.2025 10:30\nb,02.03.2025 00:00\n")
    assert (result.first_event_on, result.last_event_on) == (date(2025, 1, 31), date(2025, 3, 2))


def test_a_birthday_has_one_token_however_its_feed_writes_it(settings: Settings, engine: sa.Engine) -> None:
    prepare_warehouse(engine, [BORN, BORN_ISO])
    take_in(settings, engine, BORN, b"born_on\n31/01/1990\n")
    take_in(settings, engine, BORN_ISO, b"born_on\n1990-01-31\n", "iso.csv")
    [british], [iso] = raw_rows(engine, BORN), raw_rows(engine, BORN_ISO)
    assert british["born_on_token"] == iso["born_on_token"] is not None


def british_days(count: int) -> bytes:
    days = [date.fromordinal(date(2025, 3, 1).toordinal() + place) for place in range(count)]
    return b"ref,seen_on\n" + b"".join(f"{day:%j},{day:%d/%m/%Y}\n".encode() for day in days)


def test_a_file_with_day_and_month_the_other_way_round_is_held(settings: Settings, engine: sa.Engine) -> None:
    prepare_warehouse(engine, [AMERICAN])
    result = take_in(settings, engine, AMERICAN, british_days(31))
    assert result.status is DeliveryStatus.HELD
    assert "seen_on.day_month: 61.3% of 31 dates are not MM/dd/yyyy and would be dd/MM/yyyy" in str(result.reason)
    assert raw_rows(engine, AMERICAN) == []


def test_one_date_the_other_way_round_among_many_is_one_bad_row(settings: Settings, engine: sa.Engine) -> None:
    prepare_warehouse(engine, [AMERICAN])
    right = b"".join(f"{place},01/31/2025\n".encode() for place in range(60))
    result = take_in(settings, engine, AMERICAN, b"ref,seen_on\nx,31/01/2025\n" + right)
    assert (result.status, counts(result)) == (DeliveryStatus.LOADED, (61, 60, 1, 0))


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        ("dd/MM/yyyy", "31/01/2026"),
        ("yyyy-dd-MM", "2026-02-01"),
        ("MMyyyy", "012026"),
        ("'on 'dd.MM.yyyy HH:mm:ss[.SSS]XXX", "on 31.01.2026 10:30:05.250+01:00"),
        ("dd.MM.yyyy HH:mm:ss[.SSS]", "31.01.2026 10:30:05"),
        ("yyyyMMddHHmmssSS", "2026013110300525"),
        ("yyyy-MM-dd", "2026-01-31"),
    ],
)
def test_what_raw_holds_is_written_again_as_it_was_delivered(notation: str, text: str) -> None:
    (stored,) = as_iso(notation, text)
    assert read_pattern(notation).as_delivered(stored) == text
