"""The words the rules' SQL is written in (handbook 5). DuckDB macros; ``as_of`` and ``city`` are session variables."""

TITLES = r"\b(DRS?|DRA|IR|HJ?|PROF|KH|NY|TN|SPD|SH|SE|ST|MSI|M SI|MM|SKOM|SAG|AMD)\b"  # as name_key spells them

MACROS: tuple[str, ...] = (
    # Blank and "-" are missing; so is "0" in an identifier.
    "nz(x) as nullif(nullif(trim(x, ' \u00a0\t'), ''), '-')",
    "ident(x) as nullif(nz(x), '0')",
    "nik_shape(x) as regexp_full_match(coalesce(x, ''), '[0-9]{16}')",
    # A woman's day of birth is written + 40.
    "nik_day(x) as try_cast(substr(x, 7, 2) as integer) - if(try_cast(substr(x, 7, 2) as integer) > 40, 40, 0)",
    """nik_dob(x, century) as try_cast(
        century || substr(x, 11, 2) || '-' || substr(x, 9, 2) || '-' || lpad(nik_day(x)::varchar, 2, '0') as date)""",
    "nik_date_ok(x) as coalesce(nik_dob(x, '19'), nik_dob(x, '20')) is not null",
    "nik_sex(x) as if(try_cast(substr(x, 7, 2) as integer) > 40, '2', '1')",
    # Placeholders identify nobody: one digit repeated, a row of nines, counting up.
    """nik_filler(x) as nik_shape(x) and (length(replace(x, left(x, 1), '')) = 0
        or regexp_matches(x, '^9{13}') or x = '1234567890' || '123456')""",
    "nik_real(x) as nik_shape(x) and right(x, 4) <> '0000' and not nik_filler(x)",
    "kk_date(x) as try_cast('20' || substr(x, 11, 2) || '-' || substr(x, 9, 2) || '-' || substr(x, 7, 2) as date)",
    "scientific(x) as regexp_matches(coalesce(x, ''), '^[0-9][.,][0-9]+[eE][+]?1[0-9]$')",
    # Completed years; who was born on 29 February has no birthday on the 28th yet.
    """age_at(born, day) as date_diff('year', born, day)
        - if(strftime(born, '%m%d') > strftime(day, '%m%d'), 1, 0)""",
    "age(born) as age_at(born, getvariable('as_of')::date)",
    "active(alive, flag) as coalesce(nz(alive), '1') = '1' and coalesce(nz(flag), '0') = '0'",
    "code_only(x) as if(regexp_full_match(coalesce(x, ''), '[0-9]{1,4}'), x, null)",
    "name_key(x) as trim(regexp_replace(upper(coalesce(x, '')), '[^A-Z]+', ' ', 'g'))",
    f"name_bare(x) as trim(regexp_replace(regexp_replace(name_key(x), '{TITLES}', ' ', 'g'), ' +', ' ', 'g'))",
    # Likeness of two names in percent (Jaro-Winkler); a missing name is like everything: missing is never evidence.
    """alike(a, b) as if(name_bare(a) = '' or name_bare(b) = '', null,
        100 * jaro_winkler_similarity(name_bare(a), name_bare(b)))""",
)
