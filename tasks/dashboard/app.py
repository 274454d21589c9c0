"""The marimo app: filters, the page they make, and its numbers as CSV. Served by ``flows.dashboard``.

The places of the copy and of the ledger come with the request (``meta``), so that nothing here reads the environment.
"""

# mypy: ignore-errors
# ruff: noqa: ANN001, ANN202, PLR1711 (marimo's form of a cell: a function named by nobody)
import marimo

app = marimo.App(width="full", app_title="Dasbor Anomali Data - Sinkron", css_file="page.css")

with app.setup:
    from pathlib import Path

    import marimo as mo

    from tasks.dashboard import asked, behind, controls, downloads, figures, page, sums, words


@app.cell
def _():
    request = mo.app_meta().request
    ledger = Path(str(request.meta["ledger"]))
    try:
        known = sums.sums_of(Path(str(request.meta["published"])))
    except sums.NotReadableError as error:
        known = None
        refused = error
    else:
        refused = None
    mo.stop(known is None, mo.Html(page.refusal(refused, behind.missing_from(None, ledger))) if refused else None)
    offered = figures.choices(known)
    return known, ledger, offered


@app.cell
def _(offered):
    named, unknown = asked.asked(mo.query_params().to_dict(), offered)
    district = controls.dropdown("kecamatan", controls.options("district", offered), named.district)
    rule = controls.dropdown("aturan", controls.options("rule", offered), named.rule)
    agenda = controls.dropdown("agenda", controls.options("agenda", offered), named.agenda)
    return agenda, district, named, rule, unknown


@app.cell
def _(district, named, offered):
    village = controls.dropdown("kelurahan", controls.options("village", offered, district.value), named.village)
    return (village,)


@app.cell
def _(agenda, district, rule, village):
    chosen = figures.Filters(district.value, village.value, rule.value, agenda.value)
    return (chosen,)


@app.cell
def _(chosen, known):
    shown = figures.read(known, chosen)
    return (shown,)


@app.cell
def _(ledger, shown):
    mo.Html(page.head(shown, behind.missing_from(shown.published, ledger)))
    return


@app.cell
def _(agenda, district, rule, village):
    mo.Html(controls.bar(district, village, rule, agenda))
    return


@app.cell
def _(chosen, offered, shown, unknown):
    told = [text for field, text in unknown.items() if not getattr(chosen, field)]
    mo.Html(page.body(shown, words.chosen(chosen, offered), told, asked.address(chosen)))
    return


@app.cell
def _(shown):
    mo.Html(controls.exports(downloads.downloads(shown), shown.published))
    return


if __name__ == "__main__":
    app.run()
