"""What tests of the dashboard do over and over: an office with a published city, and a page of it in a browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from playwright.sync_api import Page, expect

from office_kit.published_city import City, published_city
from tasks.office import Office

Serve = Callable[[Office], str]


def published_office(folder: Path, city: City | None) -> Office:
    """An office with the city as its published copy, or with none."""
    office = Office(folder / "kantor")
    office.create()
    if city:
        published_city(office.published / "sinkron.duckdb", city)
    return office


def opened(page: Page, address: str) -> None:
    """Opens the page and waits until marimo's own stands."""
    page.goto(address)
    page.locator("#root article.dasbor").wait_for()
    expect(page.locator("#dasbor-awal")).to_have_count(0)


def ask(office: Office, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Rows of a query over the office's copy."""
    with duckdb.connect(str(office.published / "sinkron.duckdb"), read_only=True) as con:
        return con.execute(query, list(values)).fetchall()


def card(page: Page, name: str, value: str) -> None:
    """Expects one of the figures at the top."""
    expect(page.locator(f"#root [data-angka={name}] b")).to_have_text(value)


def choose(page: Page, label: str, option: str) -> None:
    """Chooses in one of marimo's filters."""
    page.get_by_label(label, exact=True).select_option(label=option)


def beyond(page: Page, what: str) -> int:
    """How many elements end right of the window."""
    return int(page.evaluate(
        """what => [...document.querySelectorAll(what)].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
           .length""",
        what,
    ))  # fmt: skip
