"""Case numbers of groups of duplicates: a group keeps its number over the extracts, however its members come and go.

A group of an extract inherits the number of the earlier open case with which it shares most subjects (the oldest
number, then the group with the smallest subject first); each number goes to one group: greedy matching by overlap, as
communities are followed through snapshots of a network (Greene, Doyle & Cunningham 2010).
"""

import duckdb

from expectations.memory import ClusterEvent

# n: rank of a group among those of its extract. Only groups with a received record are what an extract says.
_GROUPS = """
create or replace temp table groups_now as
with received as (  -- an unknown record is the one its first row tells of
  select i.record_id, any_value(if(i.record_id[1] = 'P', i.record_id, s.subject)) as subject
  from identities i join subjects s using (agenda, row_id)
  where i.agenda = $agenda and (i.record_id[1] = 'P' or i.record_id = 'B' || i.row_id) group by all),
members as (
  select c.cluster_id, list_sort(list(distinct coalesce(r.subject, c.record_id))) as subjects
  from clusters c left join received r using (record_id) where c.agenda = $agenda
  group by 1 having bool_or(r.subject is not null)),
numbered as (select subjects, row_number() over (order by subjects) as n from (select distinct subjects from members))
select n::int as n, unnest(subjects) as subject from numbered
"""

# age: 1 is the oldest number.
_OPEN = f"""
create or replace temp table open_cases as
with told as (select case_no, max(agenda) as agenda from duplicate_members where agenda < $agenda group by 1),
parts as (select *, regexp_extract(case_no, '^G-(.*)-([0-9]+)$', ['first', 'n']) as part from told
          where case_no not in (select case_no from duplicate_events
                                where event = '{ClusterEvent.CLOSED}' and agenda < $agenda))
select case_no, agenda, row_number() over (order by part.first, part.n::int)::int as age from parts
"""

_SHARED = """
create or replace temp table shared as
select n, age, count(*) as overlap
from groups_now join duplicate_members m using (subject) join open_cases using (case_no, agenda) group by all
"""

# Whoever is each other's best is what the greedy matching takes, all of them at once.
_TAKE = """
insert into kept select n, age from (
  select *, row_number() over (partition by n order by overlap desc, age) as mine,
    row_number() over (partition by age order by overlap desc, n) as theirs
  from shared where n not in (select n from kept) and age not in (select age from kept))
where mine = 1 and theirs = 1
"""

_NAMED = """
create or replace temp table named as
select g.n, coalesce(o.case_no, format('G-{}-{:04d}', $agenda, g.n)) as case_no, o.age
from (select distinct n from groups_now) g left join kept using (n) left join open_cases o using (age)
"""

_MEMBERS = """
insert into duplicate_members select $agenda, case_no, subject from groups_now join named using (n) order by all
"""

_EVENTS = f"""
insert into duplicate_events
with now as (select n, count(*) as held from groups_now group by 1),
before as (select age, count(*) as held from open_cases join duplicate_members using (case_no, agenda) group by 1),
kin as (select s.n, s.age, s.overlap, c.case_no, c.age as own, o.case_no as other
        from shared s join named c using (n) join open_cases o on o.age = s.age),
kept_on as (select k.case_no, now.held > k.overlap as grew, before.held > k.overlap as shrank
            from kin k join now using (n) join before using (age) where k.own = k.age),
ended as (select other, arg_min(case_no, (-overlap, coalesce(own, 0), n)) as into_no
          from kin where age not in (select age from kept) group by 1),
covered as (
  select o.case_no from open_cases o join duplicate_members m using (case_no, agenda)
    join subjects s using (agenda, subject) join extract_rows r using (agenda, row_id)
    join file_series l using (agenda, file_no)
  where o.age not in (select age from shared)
  group by 1 having bool_and(l.series in (select series from covered)))
select $agenda, * from (
  select case_no, '{ClusterEvent.NEW}' as event, null as other from named
  where age is null and n not in (select n from shared)
  union all select case_no, '{ClusterEvent.SPLIT}', other from kin where own is null
  union all select case_no, '{ClusterEvent.SAME}', null from kept_on where not (grew or shrank)
  union all select case_no, '{ClusterEvent.GREW}', null from kept_on where grew
  union all select case_no, '{ClusterEvent.SHRANK}', null from kept_on where shrank
  union all select case_no, '{ClusterEvent.MERGED}', other from kin where age not in (select age from kept)
  union all select other, '{ClusterEvent.CLOSED}', into_no from ended
  union all select case_no, '{ClusterEvent.CLOSED}', null from covered)
order by all
"""


def number_duplicates(con: duckdb.DuckDBPyConnection, agenda: str) -> None:
    """Fills ``duplicate_members`` and ``duplicate_events`` of an extract from its groups and the cases before it.

    A new group's number is its rank among all groups of its extract, so that an earlier extract that comes late
    leaves the other numbers as they are. A case that no group of the extract shares is closed when the extract brings
    all the lists in which its rows were last seen, and none in doubt. Inside the caller's transaction, after
    ``label_findings``.
    """
    about = {"agenda": agenda}
    for statement in (_GROUPS, _OPEN):
        con.execute(statement, about)
    con.execute(_SHARED)
    con.execute("create or replace temp table kept (n int, age int)")
    while con.execute(_TAKE).fetchall()[0][0]:
        pass
    con.execute(_NAMED, about)
    con.execute("delete from duplicate_members where agenda = $agenda", about)
    con.execute("delete from duplicate_events where agenda = $agenda", about)
    con.execute(_MEMBERS, about)
    con.execute(_EVENTS, about)
