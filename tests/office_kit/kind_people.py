"""Two hundred residents as a table for the shipped model, thirty of them twice: elsewhere, with another NIK."""

import polars as pl

from expectations.matching import shipped
from office_kit.residents import again, born, nik_of, resident

MODEL = shipped()
COLUMNS = tuple(MODEL.columns)


def frame(rows: list[dict[str, str | None]]) -> pl.DataFrame:
    """Rows as a table with the model's columns."""
    return pl.DataFrame({column: [row.get(column.upper()) for row in rows] for column in COLUMNS},
                        schema=dict.fromkeys(COLUMNS, pl.String))  # fmt: skip


def moved(number: int) -> dict[str, str | None]:
    """Resident ``number`` again, elsewhere and with another NIK."""
    person = resident(number)
    nik = nik_of(born(person), str(person["JENIS_KLMIN"]), 9500 + number % 400)
    return again(person, NIK=nik, ALAMAT="JL LAIN 9", NO_KK=f"357602140612{9500 + number % 400}")


TWICE = 30
PEOPLE = frame([*map(resident, range(200)), *map(moved, range(TWICE))])
