"""The contract as docs/analyst.md lists it, every column: ``python -m tasks.publish.page`` (``make docs``)."""

from pathlib import Path

from expectations.published import TABLES, Table

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "analyst.md"
START, END = "<!-- kolom -->", "<!-- akhir kolom -->"


def listing() -> str:
    """Every table, view and column with its meaning, as Markdown."""
    return "\n".join(_listed(table) for table in TABLES)


def _listed(table: Table) -> str:
    kind = " (view)" if table.is_view else ""
    rows = (f"| `{c.name}` | {c.kind}{' *' if c.trait else ''} | {c.meaning} |" for c in table.columns)
    head = f"### `{table.name}`{kind}\n\n{table.meaning[0].upper()}{table.meaning[1:]}.\n"
    return "\n".join([head, "| kolom | jenis | arti |", "|---|---|---|", *rows, ""])


def with_part(page: str, marks: tuple[str, str], part: str) -> str:
    """A page with the part between two marks exchanged. Raises ValueError when it has not exactly these marks."""
    start, end = marks
    before, found, rest = page.partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"tanda {start} dan {end} tidak ada")
    return f"{before}{start}\n\n{part.strip()}\n\n{end}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_part(PAGE.read_text(encoding="utf-8"), (START, END), listing()), encoding="utf-8")
