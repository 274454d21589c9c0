"""Sheet "Pasangan": the other records that may be the same person, one card of three lines per pair.

Both records lie one above the other, so that a field is compared within its column and the page stays readable on A4:
nine fields twice in one line would be printed at a third of their size. Every line bears key and band to filter by.
"""

import textwrap
from typing import Any

import duckdb

from expectations.codes import labels
from expectations.matching import BAND_WORDS, MATCH, NONE, POSSIBLE, shipped
from tasks.resolve.explain import of_hundred
from tasks.worksheet.layout import HEAD, cell_text, printable

FIELDS = tuple((field.label.upper(), field.column) for field in shipped().fields)
HEADS = ("KUNCI", "PITA", "CATATAN", *(told for told, _ in FIELDS))
BY_CLEANER = {"name": 19, "digits": 17, "date": 11, "words": 18, "code": 11}  # widths, in letters
OWN_WIDTHS = (10, 9, 17)
WIDTHS = (*OWN_WIDTHS, *(BY_CLEANER[shipped().columns[column]] for _, column in FIELDS))
# No program finds out the height of merged cells by itself, and not all do it for others.
LINE = 13.5  # points of one line of text
TALLEST = 29  # lines; Excel's rows end at 409 points
WIDE_LETTERS, LETTERS, BOLD_LETTERS = 1.3, 1.1, 0.95  # of this text that fit into one of width
MARGINS = {"left": 0.35, "right": 0.35, "top": 0.45, "bottom": 0.6}  # inches
CARD, INSIDE = {"top": 2, "top_color": "#6B7782"}, {"top": 1, "top_color": "#D5DADE"}  # lines above
COLOURS = {MATCH: "#CFE8DC", POSSIBLE: "#FCE9B8", NONE: "#E4E7EA"}
DIFFERENT = "#FBE3D6"

_COLUMNS = ", ".join(f"coalesce(p.{column}::varchar, r.{column}::varchar) as {column}" for _, column in FIELDS)
PAIRS = f"""
, sides as (
  select agenda, left_id as mine, right_id as other, * exclude (agenda, left_id, right_id) from pairs
  union all select agenda, right_id, left_id, * exclude (agenda, left_id, right_id) from pairs),
cards as (
  select o.agenda, o.row_id, b.* exclude (agenda),
    row_number() over (order by o.row_id, b.probability desc, b.other) as n
  from shown o join identities i using (agenda, row_id) join sides b on b.agenda = o.agenda and b.mine = i.record_id),
lines as (select *, mine as record_id, other as partner, 1 as line from cards
          union all select *, other, mine, 2 from cards)
select c.row_id::varchar as key, c.band, c.kind, c.kind_probability, c.reason, {_COLUMNS},
  if(line = 1, 'baris ' || o.file_no || ' / ' || o.line_no || if(p.resident_id is null, '', ' (isi data kantor)'),
     if(p.resident_id is null, 'baris ' || r.file_no || ' / ' || r.line_no, 'data kantor')) as place,
  k.survives, if(k.cluster_id = q.cluster_id, k.basis, null) as basis
from lines c
join extract_rows o on o.agenda = c.agenda and o.row_id = c.row_id
left join penduduk p on c.record_id = 'P' || p.resident_id
left join extract_rows r on r.agenda = c.agenda and c.record_id = 'B' || r.row_id
left join clusters k on k.agenda = c.agenda and k.record_id = c.record_id
left join clusters q on q.agenda = c.agenda and q.record_id = c.partner
order by c.n, c.line
"""
Line = dict[str, Any]


def pairs_sheet(book: Any, con: duckdb.DuckDBPyConnection, query: str, key: list[Any]) -> None:
    """Writes the sheet. ``query``: PAIRS after a WITH that names the rows ``shown``; ``key``: its values."""
    sheet = book.add_worksheet("Pasangan")
    sheet.write_row(0, 0, HEADS, book.add_format(HEAD | {"text_wrap": True, "valign": "top"}))
    sheet.set_row(0, 2 * LINE + 3)
    looks = _looks(book)
    found = con.execute(query, key).pl().rows(named=True)
    for card, (first, second) in enumerate(zip(found[::2], found[1::2], strict=True)):
        _card(sheet, 1 + 3 * card, (first, second), looks)
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, len(OWN_WIDTHS))
    sheet.autofilter(0, 0, max(3 * (len(found) // 2), 1), 1)
    printable(sheet, 0)
    sheet.set_margins(**MARGINS)


def _looks(book: Any) -> dict[str, Any]:
    """Formats by what a cell tells. A line above separates the cards; bold tells what a grey print does not."""
    plain = {"font_size": 10, "valign": "top", "text_wrap": True}
    looks = {
        f"{name}{line}": book.add_format(plain | more | (CARD if line == 1 else INSIDE))
        for line in (1, 2)
        for name, more in (("same", {}), ("other", {"bg_color": DIFFERENT, "bold": True}))
    }
    for band, colour in COLOURS.items():
        for line in (1, 2, 3):
            border = CARD if line == 1 else {}
            looks[f"{BAND_WORDS[band]}{line}"] = book.add_format(plain | {"bg_color": colour, "bold": True} | border)
    looks["why"] = book.add_format(plain | INSIDE)
    return looks


def _card(sheet: Any, at: int, pair: tuple[Line, Line], looks: dict[str, Any]) -> None:
    """Line 1: the received row's record; line 2: the other record; line 3: the reason and what is proposed."""
    first = pair[0]
    for line, told in enumerate(pair, start=1):
        for column, text in enumerate((told["key"], told["band"], told["place"])):
            sheet.write_string(at + line - 1, column, text, looks[f"{text if column == 1 else 'same'}{line}"])
        lines = _lines(told["place"], OWN_WIDTHS[2] * LETTERS)
        for column, (_, name) in enumerate(FIELDS, start=len(OWN_WIDTHS)):
            values = [each[name] for each in pair]
            other, text = all(values) and values[0] != values[1], _value(name, told[name])
            sheet.write_string(at + line - 1, column, text, looks[f"{'other' if other else 'same'}{line}"])
            lines = max(lines, _lines(text, WIDTHS[column] * (BOLD_LETTERS if other else LETTERS)))
        sheet.set_row(at + line - 1, LINE * lines)
    reason = cell_text(f"{first['reason']}{_proposed(pair)}")
    kind = cell_text(f"{first['kind']} ({of_hundred(first['kind_probability'])})")
    for column, (text, look) in enumerate(((first["key"], "why"), (first["band"], f"{first['band']}3"), (kind, "why"))):
        sheet.write_string(at + 2, column, text, looks[look])
    sheet.merge_range(at + 2, len(OWN_WIDTHS), at + 2, len(WIDTHS) - 1, "", looks["why"])
    sheet.write_string(at + 2, len(OWN_WIDTHS), reason, looks["why"])
    wide = sum(WIDTHS[len(OWN_WIDTHS) :]) * WIDE_LETTERS
    sheet.set_row(at + 2, LINE * max(_lines(reason, wide), _lines(kind, OWN_WIDTHS[2] * LETTERS)) + 4)


def _lines(text: str, letters: float) -> int:
    """Lines that a text takes in a cell so wide, up to what a row may be high."""
    most = int(letters)
    return min(TALLEST, sum(1 if len(line) <= most else len(textwrap.wrap(line, most)) for line in text.split("\n")))


def _value(column: str, value: str | None) -> str:
    if not value:
        return "-"
    meaning = labels(column).get(value)
    return cell_text(f"{value} {meaning}" if meaning else value)


def _proposed(pair: tuple[Line, Line]) -> str:
    """Which record stays, when the two belong to one group; else nothing."""
    for place, told in zip(("atas", "bawah"), pair, strict=True):
        if told["survives"] and told["basis"]:
            return f"\nUsulan: NIK pada catatan {place} bertahan ({told['basis']})."
    basis = pair[0]["basis"]
    return f"\nUsulan: {basis}." if basis else ""
