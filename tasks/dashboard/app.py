"""The marimo app: filters, the page they make, and its numbers as CSV. Served by ``flows.dashboard``.

The place of the copy comes with the request (``meta``), so that nothing here reads the environment.
"""

# mypy: ignore-errors
# ruff: noqa: ANN001, ANN202, PLR1711 (marimo's form of a cell: a function named by nobody)
import marimo

app = marimo.App(width="full", app_title="Dasbor Anomali Data - Sinkron", css_file="page.css")

with app.setup:
    from pathlib import Path

    import marimo as mo

    from tasks.dashboard import controls, downloads, figures, page, sums, words


@app.cell
def _():
    request = mo.app_meta().request
    try:
        known = sums.sums_of(Path(str(request.meta["published"])))
    except sums.NotReadableError as error:
        known = None
        refused = error
    else:
        refused = None
    mo.stop(known is None, mo.Html(page.refusal(refused)) if refused else None)
    offered = figures.choices(known)
    return known, offered


@app.cell
def _(offered):
    district = controls.district(offered)
    rule = controls.rule(offered)
    agenda = controls.agenda(offered, mo.query_params().get("agenda"))
    return agenda, district, rule


@app.cell
def _(district, offered):
    village = controls.village(offered, district.value)
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
def _(shown):
    mo.Html(page.head(shown.published))
    return


@app.cell
def _(agenda, district, rule, village):
    mo.Html(controls.bar(district, village, rule, agenda))
    return


@app.cell
def _(chosen, offered, shown):
    mo.Html(page.body(shown, words.chosen(chosen, offered)))
    return


@app.cell
def _(shown):
    mo.Html(controls.exports(downloads.downloads(shown), shown.published))
    return


if __name__ == "__main__":
    app.run()
