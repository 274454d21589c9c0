"""The relations that rules of several rows read, in DuckDB's SQL over ``batch`` (received rows) and ``penduduk``.

``people``: every received row, and every resident no received row stands for: by NIK, by family, name and birth date,
or as the head or spouse of that family with a like name. ``person`` is one for rows of one NIK, or else of one family,
name and birth date.
``household``: the people of families that are known whole, because the register holds them or the file's layout lists
all members. An extract lists the suspicious members only, so a "missing" head of another family would be an artefact
of the list.
"""

from expectations.columns import STORED

_PERSON = ", ".join(STORED)
_NAMED = "ident(no_kk) || nullif(name_key(nama_lgkp), '') || tgl_lhr"

NAMES_MIN_LETTERS = 3  # "M", "ST": abbreviations tell nothing about sex

# Session tables and views in the memory catalog, in this order. {whole}: numbers of files that list whole families.
VIEWS: tuple[str, ...] = (
    f"""create or replace table memory.main.people as
    select row_id, file_no, {_PERSON}, true as received, active(stat_hidup, flag_status) as active,
      if(nik_real(nik), nik, coalesce({_NAMED}, 'B' || row_id)) as person
    from memory.main.batch
    union all by name
    select {_PERSON}, false as received, active(stat_hidup, flag_status) as active,
      if(nik_real(nik), nik, coalesce({_NAMED}, 'P' || resident_id)) as person
    from office.main.penduduk p
    where not exists (select 1 from memory.main.batch b where b.nik = p.nik and nik_real(b.nik))
      and not exists (select 1 from memory.main.batch b where b.no_kk = p.no_kk and b.tgl_lhr = p.tgl_lhr
                      and name_key(b.nama_lgkp) = name_key(p.nama_lgkp))
      and not exists (select 1 from memory.main.batch b where b.no_kk = p.no_kk and b.stat_hbkel = p.stat_hbkel
                      and b.stat_hbkel in ('1', '2', '3') and alike(b.nama_lgkp, p.nama_lgkp) >= @same_name)""",
    """create or replace table memory.main.known_families as
    select distinct no_kk from memory.main.batch b where nik_shape(no_kk)
      and (file_no in ({whole}) or no_kk in (select no_kk from office.main.penduduk))""",
    """create or replace view memory.main.household as
    select * from memory.main.people semi join memory.main.known_families using (no_kk)""",
    # First names that are strongly of one sex in the office's own register.
    f"""create or replace table memory.main.ref_first_name as
    with counted as (
      select split_part(name_bare(nama_lgkp), ' ', 1) as name, count(*) filter (jenis_klmin = '1') as men,
        count(*) filter (jenis_klmin = '2') as women from office.main.penduduk group by all)
    select name, if(men > women, '1', '2') as sex from counted
    where length(name) >= {NAMES_MIN_LETTERS} and men + women >= @name_sex_count
      and greatest(men, women) >= @name_sex_ratio * least(men, women)""",
    # Deaths and departures: lists the office loaded, and what its own register says.
    """create or replace view memory.main.ref_dead as
    select nik from office.main.reference_lists where kind = 'kematian'
    union select nik from office.main.penduduk where stat_hidup = '2'""",
    """create or replace view memory.main.ref_moved as
    select nik from office.main.reference_lists where kind = 'pindah'
    union select nik from office.main.penduduk where stat_hidup = '1' and flag_status <> '0'""",
)
