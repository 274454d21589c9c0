"""Sections of the dashboard about the office's own work: the steps of the SOP against their limits, and who decides."""

from expectations.approvals import LEVELS
from tasks.dashboard import words
from tasks.dashboard.figures import Figures, StepTime, Work
from tasks.dashboard.sections import section, table, total
from tasks.findings_report.look import esc, number

SCALE = 2.5  # a step's bar ends at so many times its limit
DAYS_SHOWN = 10


def steps(figures: Figures) -> str:
    """How long the steps of the SOP take against their mutu baku."""
    note = (
        "Menit kerja: istirahat, malam, dan hari libur tidak dihitung. Garis tegak: batas menurut SOP. Saringan "
        "kelurahan dan aturan tidak berlaku di sini."
    )
    heads = ("#Langkah", "Kegiatan", "Batas SOP", "Nilai tengah", "", "Terlama", "#Lewat batas")
    return section("langkah", "Waktu langkah SOP", note, table(heads, [_step(step) for step in figures.steps]))


def _step(step: StepTime) -> str:
    width = min(100 * step.median / (SCALE * step.limit), 100.0)
    over = " over" if step.median > step.limit else ""
    return (
        f'<tr><td class="n">{step.step}</td><th scope="row">{esc(step.activity)}'
        f"<small>{esc(words.role(step.role))}</small></th><td>{words.minutes(step.limit)}</td><td>{words.minutes(step.median)}</td>"
        f'<td class="meter limit{over}"><i style="width:{width:.1f}%"></i></td><td>{words.minutes(step.longest)}</td>'
        f'<td class="n{" late" if step.exceeded else ""}">{number(step.exceeded)} dari {number(step.times)}</td></tr>'
    )


def workload(figures: Figures) -> str:
    """Decisions by post and by day, from the ledger; never by person."""
    roles = sorted({work.role for work in figures.work}, key=lambda name: [*LEVELS, name].index(name))
    days = sorted({work.day for work in figures.work}, reverse=True)
    by_role = [_role(name, [work for work in figures.work if work.role == name]) for name in roles]
    by_day = [_day(words.day(day), roles, [work for work in figures.work if work.day == day])
              for day in days[:DAYS_SHOWN]]  # fmt: skip
    if older := [work for work in figures.work if work.day in days[DAYS_SHOWN:]]:
        by_day.append(_day(f"{number(len(days) - DAYS_SHOWN)} hari lain", roles, older))
    heads = ("Pelaksana", "#Keputusan", "#Ya atau Ajukan", "#Tidak", "#Dicabut", "#Hari")
    foot = total(*_counts(figures.work), len(days))
    day_heads = ("Hari", *(f"#{words.role(name)}" for name in roles), "#Jumlah")
    day_foot = total(*(_decisions(figures.work, name) for name in roles), _decisions(figures.work))
    note = (
        "Keputusan menurut Buku Agenda, per jabatan dan bukan per orang. Dicabut: keputusan sendiri yang ditarik "
        "kembali. Hari: banyaknya hari yang ada keputusannya. Saringan kelurahan dan aturan tidak berlaku di sini."
    )
    body = (
        f"<h3>Menurut pelaksana</h3>{table(heads, by_role, foot)}"
        f"<h3>Menurut hari</h3>{table(day_heads, by_day, day_foot)}"
    )
    return section("beban", "Beban kerja", note, body)


def _counts(works: list[Work]) -> tuple[int, int, int, int]:
    return (
        _decisions(works), sum(work.yes for work in works), sum(work.no for work in works),
        sum(work.withdrawn for work in works),
    )  # fmt: skip


def _decisions(works: list[Work], role: str = "") -> int:
    return sum(work.decisions for work in works if role in {"", work.role})


def _role(name: str, works: list[Work]) -> str:
    cells = "".join(f'<td class="n">{number(count)}</td>' for count in (*_counts(works), len(works)))
    return f'<tr><th scope="row">{esc(words.role(name))}</th>{cells}</tr>'


def _day(told: str, roles: list[str], works: list[Work]) -> str:
    counts = (*(_decisions(works, name) for name in roles), _decisions(works))
    cells = "".join(f'<td class="n">{number(count)}</td>' for count in counts)
    return f'<tr><th scope="row">{told}</th>{cells}</tr>'
