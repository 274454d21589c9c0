"""What a run shows in Prefect's UI: Markdown alone, every value from data a code span (``tasks.privacy.markdown``).

Nothing here bears a NIK or a name; links lead to this office's own pages (flows.reports), never elsewhere.
"""

from prefect.artifacts import create_link_artifact, create_markdown_artifact

from flows import settings, steps
from flows.paper_steps import papers_out
from flows.supervisor import dashboard_address, served_address
from tasks.privacy import markdown


def show_page(agenda: str, round_no: int, what: str) -> None:
    """The one page with its kode berkas; ``what``: "draf", "usulan", "hasil" or "pembatalan"."""
    create_markdown_artifact(
        steps.page(agenda, round_no, with_code=True),
        key=f"{what}-{agenda.lower()}-r{round_no}",
        description=f"{what.capitalize()} ronde {round_no}",
    )


def link_report(agenda: str) -> None:
    """The validation report as a link of the run. Without an office that serves it there is nothing to open."""
    office = settings.office()
    if address := served_address(office, f"laporan/{office.report(agenda).name}"):
        create_link_artifact(
            address,
            link_text=f"Buka laporan validasi agenda {agenda}",
            key=f"laporan-validasi-{agenda}",
            description="Temuan menurut aturan, kelurahan dan orang, tanpa NIK dan nama. Terbuka di komputer kantor.",
        )


def link_dashboard(agenda: str) -> None:
    """The dashboard as a link of the run, with this agenda number chosen as soon as it is published."""
    if address := dashboard_address(settings.office()):
        create_link_artifact(
            f"{address}?agenda={agenda}",
            link_text=f"Buka dasbor agenda {agenda}",
            key=f"dasbor-{agenda.lower()}",
            description="Tunggakan, aturan, waktu langkah, batas 60 hari dan ganda, dari salinan analis yang tersamar. "
            "Agenda ini ikut setelah ditulis dan diterbitkan. Terbuka di komputer kantor.",
        )


def link_papers(agenda: str) -> None:
    """Every paper put out so far: masked ones as links, those with residents' data by name and folder."""
    office, lines = settings.office(), []
    for name, masked in papers_out(agenda).items():
        address = served_address(office, f"dokumen/{agenda}/{name}") if masked and name.endswith(".pdf") else None
        lines.append(f"- [{name}]({address})" if address else f"- {markdown(name)} (folder kantor)")
    if lines:
        create_markdown_artifact(
            "\n".join([f"### Dokumen agenda {agenda}", "", *lines]),
            key=f"dokumen-{agenda.lower()}",
            description="Lembar, berita acara dan surat: tersamar. Daftar berisi data penduduk tetap di folder kantor.",
        )
