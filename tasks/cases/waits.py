"""What each written batch leaves waiting, as SQL: of it are made the cases, the call letters and the regencies' lists.

A subject can wait for several things at once (a region, a document, the biometrics): each kind is a line of its own.
On it stand the written batches, in the order of writing, in which a row of the subject waits for it, and those that
end it. Only these end it: an answer to that case; a proposal to deactivate; what happened by Staff's word (KEJADIAN)
where that is what the case waits for; a word of Staff about a row with one of the case's own findings (by hand, or a
row that was opened again and left as proposed), or an earlier one taken over; a written change of an element by which
one of them is corrected; and a row that came without findings once the case's own list (series) no longer has any. Its
own findings are those of the rows that wait for it; to a region only what a row is referred for (``REFERRED``). Staff
who decides about the same person in another list says nothing about it. What compares records with each other
(``OTHER_RECORD``) is never ended by silence: the other record may stand in another list.
"""

from expectations.cases import CALL_DAYS, CaseKind
from expectations.codes import CITY, UNKNOWN_REGION
from expectations.memory import OPEN, REMEMBERED
from expectations.outcomes import BY_STAFF, EVENTS, Outcome
from expectations.rules import CATALOGUE, MODEL_DECIDES, RULES, Resolution, Severity
from tasks.cases.layout import BOTH_WRONG, CAME, REGION_ANSWERS, STAYED_AWAY, STAYS_HERE, THEIRS

EVENT_NAMES = [event.name for event in EVENTS]
BIOMETRIC_CODES = [rule.code for rule in CATALOGUE if rule.resolution is Resolution.BIOMETRIC]
# What nobody here can show by a document: the centre mends it, or sends the list again.
CENTRAL_CODES = [rule.code for rule in CATALOGUE if rule.resolution in (Resolution.CENTRAL, Resolution.FILE_RETURN)]
JUDGED = tuple(rule.code for rule in RULES if rule.severity is not Severity.INFO)
OTHER_RECORD = tuple(sorted(MODEL_DECIDES - {"GND-02", "ANM-KEL-08"}))  # those two are one NIK's own rows
REFERRED = ("ANM-WIL-01", "GND-04")  # as tasks.propose.outcomes refers them
# In the basis of a row that a region answered about somebody who may not be the resident with that NIK.
SOMEBODY_ELSE = "NIK ini di data kantor mungkin milik orang lain atau kembarannya: biometrik menentukan pemiliknya"
_OPEN = tuple(sorted(label.value for label in OPEN))
_CORRECTS = ", ".join(
    f"('{code}', '{element}')" for code, element in sorted({(r.code, e) for r in RULES for e in r.corrects})
)

NOW = """written as (
  select agenda, round, n, written_on from applied
  where undoes is null and agenda not in (select agenda from undone))"""
# The office as it stood when batch $agenda was written: its papers are the same whatever was undone since.
THEN = """so_far as (select * from applied where n <= (select n from applied where agenda = $agenda)),
below as (
  select undoes as agenda, agenda as by from so_far where undoes is not null
  union all
  select a.undoes, b.by from below b join so_far a on a.agenda = b.agenda where a.undoes is not null),
written as (
  select agenda, round, n, written_on from so_far where undoes is null
    and agenda not in (select agenda from below group by agenda having count(*) % 2 = 1))"""
OF_BATCH = "and s.subject in (select subject from subjects where agenda = $agenda)"

# A region that answered "stays here" still owes the SKPWNI: that case goes on. When it answered "theirs" and the row
# waits all the same, two people share the NIK.
_KINDS = f"""
waited as materialized (
  select o.agenda, o.row_id, o.outcome, o.cause, o.basis from written w join outcomes o on o.agenda = w.agenda
    and o.round = w.round where o.outcome in ('{Outcome.OTHER_REGION}', '{Outcome.POSTPONED}')),
concerned as (
  select distinct s.subject from waited w join subjects s on s.agenda = w.agenda and s.row_id = w.row_id {{only}}),
said as (
  select d.agenda, d.row_id, d.event, d.until from decisions d join written w on w.agenda = d.agenda
    and d.round <= w.round
  qualify row_number() over (partition by d.agenda, d.row_id order by d.round desc) = 1),
taken_over as (  -- what Staff decided in an earlier batch: its event stands in the basis
  select w.agenda, w.row_id, list_filter({EVENT_NAMES}, lambda e: contains(w.basis, e))[1] as event, m.until
  from waited w left join written v on v.agenda = w.agenda left join recalled c on c.agenda = w.agenda
    and c.round = v.round and c.row_id = w.row_id
  left join row_memory m on m.agenda = c.earlier and m.row_id = c.earlier_row where w.cause = '{REMEMBERED}'),
recorded as (select distinct agenda, row_id from findings where code in {tuple(BIOMETRIC_CODES)}),
judged as materialized (
  select w.agenda, w.row_id, coalesce(d.until, t.until) as until, coalesce(d.event, t.event) as event,
    list_filter(string_split(coalesce(w.cause, ''), ' '), lambda c: contains(c, '-')) as codes,
    case when w.outcome = '{Outcome.OTHER_REGION}'
        then if(coalesce(d.event, t.event, '') like 'jawaban daerah%', null, '{CaseKind.OTHER_REGION}')
      when contains(coalesce(w.basis, ''), '{SOMEBODY_ELSE}') then '{CaseKind.BIOMETRIC}'
      when coalesce(d.event, t.event) = '{STAYS_HERE}' and f.row_id is null then '{CaseKind.OTHER_REGION}'
      when coalesce(d.event, t.event) in ('{BOTH_WRONG}', '{THEIRS}') or list_has_any({BIOMETRIC_CODES}, codes)
        or (len(codes) > 0 and list_has_all({CENTRAL_CODES}, codes)) or (f.row_id is not null and len(codes) = 0)
        then '{CaseKind.BIOMETRIC}'
      else '{CaseKind.RESIDENT}' end as own_kind
  from waited w left join said d on d.agenda = w.agenda and d.row_id = w.row_id
  left join taken_over t on t.agenda = w.agenda and t.row_id = w.row_id
  left join recorded f on f.agenda = w.agenda and f.row_id = w.row_id),
kinds as (  -- a case whose answer leaves it waiting goes on as what it was, unless a region said what it waits for
  select j.agenda, j.row_id, j.until,
    if(j.own_kind is null or coalesce(j.event, '') like 'jawaban daerah%', j.own_kind,
      coalesce(b.own_kind, j.own_kind)) as kind
  from judged j left join case_answers c on c.agenda = j.agenda and c.row_id = j.row_id
  left join judged b on b.agenda = c.case_agenda and b.row_id = c.case_row)"""

# about: the kind of the case that a row answers, '' for an answer to no case that still counts; null in a list.
# tells: of a list's row the kind that Staff's KEJADIAN is about. spoken: ends the kind whatever its findings are.
_LINES = f"""
ended as materialized (
  select s.subject, w.agenda, w.n, w.written_on, s.row_id, k.kind, k.until, c.answer,
    if(c.row_id is null, null, coalesce(b.own_kind, '')) as about, o.cause = '{REMEMBERED}' as recalled,
    c.row_id is null and o.outcome = '{Outcome.DEACTIVATION}' as leaves,
    c.row_id is null and (o.cause = '{BY_STAFF}' or (o.needs_person and r.row_id is not null)) as by_hand,
    case when by_hand and d.event in {REGION_ANSWERS} then '{CaseKind.OTHER_REGION}'
      when by_hand and d.event = '{CAME}' then '{CaseKind.RESIDENT}' end as tells
  from concerned join subjects s on s.subject = concerned.subject join written w on w.agenda = s.agenda
  join outcomes o on o.agenda = s.agenda and o.row_id = s.row_id and o.round = w.round
  left join kinds k on k.agenda = s.agenda and k.row_id = s.row_id
  left join case_answers c on c.agenda = s.agenda and c.row_id = s.row_id
  left join judged b on b.agenda = c.case_agenda and b.row_id = c.case_row
  left join said d on d.agenda = s.agenda and d.row_id = s.row_id
  left join reopened r on r.agenda = s.agenda and r.row_id = s.row_id),
line as (
  select t.subject, t.kind, e.agenda, any_value(e.n) as n, any_value(e.written_on) as written_on,
    min(e.row_id) filter (e.kind = t.kind) as row_id,
    first(e.until order by e.row_id) filter (e.kind = t.kind) as until,
    coalesce(bool_or(e.kind = t.kind and e.about is null), false) as listed,
    coalesce(bool_or(e.kind = t.kind and e.answer = '{STAYED_AWAY}'), false) as away,
    coalesce(bool_or(e.leaves or e.about = t.kind or e.tells = t.kind), false) as spoken
  from (select distinct subject, kind from ended where kind is not null) t join ended e using (subject) group by all),
faced as materialized (
  select *, last_value(if(listed, agenda, null) ignore nulls) over before as since,
    last_value(if(row_id is null, null, agenda) ignore nulls) over before as latest
  from line window before as (partition by subject, kind order by n
    rows between unbounded preceding and 1 preceding)),
unsaid as (select * from faced where row_id is null and not spoken),
silent as (select * from unsaid where since is not null),
own as materialized (  -- an answer's row may have lost what its list's row had, or be all there is
  select distinct p.subject, p.kind, p.agenda, p.since, f.code from unsaid p
  join ended e on e.subject = p.subject and e.kind = p.kind and e.agenda in (p.since, p.latest)
  join findings f on f.agenda = e.agenda and f.row_id = e.row_id
  where f.code in {JUDGED} and (p.kind <> '{CaseKind.OTHER_REGION}' or f.code in {REFERRED})),
matter as materialized (
  select distinct p.subject, p.since, f.code from (select distinct subject, since from silent) p
  join subjects s on s.subject = p.subject and s.agenda = p.since
  join findings f on f.agenda = s.agenda and f.row_id = s.row_id where f.code in {JUDGED}),
told as (  -- what the lists said until a batch was written; of those not written by then, the ones received before
  select p.subject, p.kind, p.agenda, m.code, l.label, l.agenda as told_by, if(l.n <= p.n, l.n, null) as n
  from silent p join matter m using (subject, since)
  left join (from finding_states left join applied using (agenda) select subject, code, agenda, label, n) l
    on l.subject = m.subject and l.code = m.code and (l.agenda <= p.agenda or l.n <= p.n)),
placed as (  -- in the order of writing; what is not written follows what was received before it
  select *, coalesce(n, max(n) over (partition by subject, kind, agenda, code order by told_by), 0) as turn from told),
newest as (
  select subject, kind, agenda, code, last(label order by turn, told_by) as label from placed group by all),
over as (
  select subject, kind, agenda from newest group by all
  having bool_and(label is not null and label not in {_OPEN}) and not bool_or(code in {OTHER_RECORD})
  union
  select p.subject, p.kind, p.agenda from own p
  join subjects s on s.subject = p.subject and s.agenda = p.agenda join written w on w.agenda = s.agenda
  join changes h on h.agenda = s.agenda and h.row_id = s.row_id and h.round = w.round
  join (from (values {_CORRECTS}) c (code, element)) c on c.code = p.code and c.element = h.element
  where p.since is not null
  union
  select p.subject, p.kind, p.agenda from own p join ended e on e.subject = p.subject and e.agenda = p.agenda
    and (e.by_hand or (e.recalled and p.since is not null))
  join findings f on f.agenda = e.agenda and f.row_id = e.row_id and f.code = p.code),
moves as (
  select f.*, f.row_id is not null as waits from faced f left join over o using (subject, kind, agenda)
  where f.row_id is not null or f.spoken or o.subject is not null),
stepped as (
  select *, waits is distinct from lag(waits) over (partition by subject, kind order by n) as turns from moves),
counted as materialized (
  select *, sum(turns::int) over (partition by subject, kind order by n) as stretch from stepped),
steps_of as materialized (
  select *, row_number() over (partition by subject, kind, stretch order by n) as place from counted where waits)"""

# A resident has until the announced day: Staff's own, else CALL_DAYS from the writing. It stays while it lies ahead;
# once it has passed, or Staff wrote that nobody came, the next batch calls again.
_DUE = f"""
due as (
  select subject, kind, stretch, place, agenda, if(kind <> '{CaseKind.RESIDENT}', until,
    if(until > written_on, until, written_on + {CALL_DAYS})) as due_on, true as called from steps_of where place = 1
  union all
  select x.subject, x.kind, x.stretch, x.place, x.agenda,
    case when x.kind <> '{CaseKind.RESIDENT}' then coalesce(x.until, d.due_on)
      when x.until > x.written_on then x.until when d.due_on >= x.written_on and not x.away then d.due_on
      else x.written_on + {CALL_DAYS} end,
    x.away or d.due_on < x.written_on
  from due d join steps_of x on x.subject = d.subject and x.kind = d.kind and x.stretch = d.stretch
    and x.place = d.place + 1)"""


def waits(written: str, only: str = "") -> str:
    """SQL: the common table expressions from ``written`` (NOW or THEN) on, after ``with recursive``.

    ``steps_of``: one line per subject, kind and written batch that left it waiting (place: 1 opens the case that
    ``stretch`` counts); ``due``: its day and whether the resident is called by that batch; ``counted``: besides, what
    ended a case. ``only``: OF_BATCH for the subjects of $agenda alone.
    """
    return ",\n".join((written, _KINDS.format(only=only), _LINES, _DUE))


def region(side: str) -> str:
    """SQL: NO_PROP || NO_KAB, '0000' for what is no code."""
    code = f"{side}.no_prop || {side}.no_kab"
    return f"if(regexp_full_match(coalesce({code}, ''), '[0-9]{{4}}'), {code}, '{UNKNOWN_REGION}')"


def in_city(side: str) -> str:
    """SQL: a row of the city; as everywhere, one that tells no region is."""
    return f"coalesce({side}.no_prop || {side}.no_kab, '{CITY}') = '{CITY}'"


def regions_asked(rows: str) -> str:
    """SQL: common table expressions that end in ``halves`` (agenda, row_id, region) for ``rows`` (agenda, row_id).

    A row of the city asks the regions of the records that are the same person by the batch's own linking (as
    tasks.lists.referral does for its letters); another region's row asks its own.
    """
    return f"""
outside as materialized (
  select x.agenda, x.row_id, i.record_id, if({in_city("r")}, '{CITY}', {region("r")}) as own
  from {rows} x join extract_rows r on r.agenda = x.agenda and r.row_id = x.row_id
  join identities i on i.agenda = r.agenda and i.row_id = r.row_id),
same as (
  select o.agenda, o.row_id, o.record_id as other from outside o where o.own = '{CITY}'
  union
  select o.agenda, o.row_id, b.record_id from outside o join clusters a on a.agenda = o.agenda
    and a.record_id = o.record_id join clusters b on b.agenda = a.agenda and b.cluster_id = a.cluster_id
  where o.own = '{CITY}'),
every_half as (
  select s.agenda, s.row_id, {region("r")} as region from same s
  join identities i on i.agenda = s.agenda and i.record_id = s.other
  join extract_rows r on r.agenda = i.agenda and r.row_id = i.row_id
  union
  select s.agenda, s.row_id, {region("p")} from same s join penduduk p on s.other = 'P' || p.resident_id
  union
  select agenda, row_id, own from outside where own <> '{CITY}'),
halves as (select * from every_half where region not in ('{CITY}', '{UNKNOWN_REGION}'))"""
