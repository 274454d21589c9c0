"""Names of six peoples by their own rules, as whole texts: clan names, birth order names, courtesy names, syllables."""

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.population.chance import happens

Ints = NDArray[np.int64]
Texts = NDArray[np.object_]
JAWA, SUNDA, BATAK, BALI, BUGIS, MADURA = range(6)
PEOPLES = (0.42, 0.24, 0.09, 0.07, 0.09, 0.09)
MAN, WOMAN = 1, 2
GIVEN = {
    (
        JAWA,
        MAN,
    ): "SUGIHARTO PRIYONO SUWARDI JUMANTO HERU SUMARJO YUWONO DJOKO BAGYO SARWONO TRIWIBOWO ANTON KUNCORO DARYANTO SUPOMO WALUYO",
    (
        JAWA,
        WOMAN,
    ): "SUHARTI MURYANI WATINI KUSTIYAH RUKIYEM SUGIARTI ISWANTI NURYATI TUGIYEM PRIHATINI WAHYUNINGSIH ENI SUYATMI DARYATI",
    (
        SUNDA,
        MAN,
    ): "ASEP CECEP DADANG DEDE UJANG TATANG AEP ENGKOS OTONG JAJANG ENDANG ATEP IWAN YAYAN AGUS MAMAN OMAN RUHIYAT SOBUR ADE",
    (
        SUNDA,
        WOMAN,
    ): "EUIS IIS NENG AI TITIN ENTIN YETI IMAS ELIS TETI CUCU NENENG ROHAETI KOKOM ONENG ENOK EMPAT WIWIN IDA ATI",
    (
        BATAK,
        MAN,
    ): "PARLINDUNGAN TOGAR HOTMAN BONAR MANGASI SAUT PARULIAN JONNI RUDOLF TUMPAL MARUDUT SAHAT POLTAK BINSAR HORAS DAPOT",
    (
        BATAK,
        WOMAN,
    ): "TIURMA ROSMAIDA NURHAIDA DAMERIA LAMRIA ROULI DUMARIA TIOMINAR SAULINA HOTMAIDA RIA MARLINA SONTA TETTY BASARIA",
    (
        BALI,
        MAN,
    ): "SUARDANA SUDIANA ARTAWAN WIRAWAN ADNYANA SUASTIKA PARWATA SUDARMA MERTA WIDIANA SUPARTA YASA SUKERTA BUDIASA ARDANA",
    (
        BALI,
        WOMAN,
    ): "SUARTINI SUKERTI ARIANI WATI SRIANI MURNI ASTITI RATNADI SUDIANI PARWATI SUTARI YULIANTI WARDANI MARTINI SUWITRI",
    (
        BUGIS,
        MAN,
    ): "BASO DAENG SYAMSUDDIN MAPPA LAODE TAKDIR BASRI SANUSI PATTA RUSTAM HAERUDDIN SUKRI ZAINUDDIN JUFRI SULAEMAN AMIRUDDIN",
    (
        BUGIS,
        WOMAN,
    ): "BESSE TENRI HASNAH NURLINA HARTATI SUARNI ROSMIATI JUMRIATI NURBAYA HASNIAR DARMAWATI HASMAH SITTI MARDIANA KASMAWATI",
    (
        MADURA,
        MAN,
    ): "MATRAWI HOSNAN SUNARJO MOHALLI BUNAWAR MISRAWI ABDURRAHEM SADIN MATHARI SAMUKI JATIM BUSIRI TAYYIB HANNAN NIWARI MATSALEH",
    (
        MADURA,
        WOMAN,
    ): "MISNATON SUMAIYEH HOSNIYAH TOYANI MARWIYEH SATRIYA HATIJAH NISA JUMA'ATI SUTRAMI RUSNANI MASTURA SANIYA HAIRIYAH BUNATI",
}
SECOND = {
    JAWA: "PRASOJO WIDAGDO NUGRAHENI KURNIATI SASONGKO TRILAKSONO PAMBUDI KRISTANTI SULAKSONO ADINUGROHO PUSPARANI HASTUTI",
    SUNDA: "SURYANA HERMAWAN SUPRIATNA KOSASIH RUKMANA SUTISNA KOMALASARI NURJAMAN HIDAYATULLOH MULYANA ROHMANA SOPANDI SUMIRAT",
    BATAK: "SIREGAR NASUTION SIMANJUNTAK HUTAPEA SITUMORANG NAINGGOLAN LUBIS HARAHAP SIHOMBING PANJAITAN SINAGA MANURUNG SILALAHI PURBA",
    BALI: "",
    BUGIS: "MAKKASAU RAHMAN TAHIR MUIN AKIB LATIF RAUF SALAM MAPPIASSE MANSYUR TAHANG NUR ARSYAD SALEH",
    MADURA: "RASYID HALIK KARIM MOH HASAN GAFUR SALIM HAMID JUMAHRI",
}
ORDER = ("WAYAN", "MADE", "NYOMAN", "KETUT")
STARTS = "BA DA HA KA LA MA NA PA RA SA TA WA YA BI DI HI KI LI MI NI RI SI TI BU DU HU KU LU MU NU RU SU TU ZU FA JA FI FU JU E I O A U"
MIDDLES = "BA DA HA KA LA MA NA RA SA TA WA BI DI KI LI MI NI RI SI TI BU DU KU LU MU NU RU SU TU NDA NGGA MPI LLI SMA RWA RTU NTI"
ENDS = {
    MAN: "DIN MAN RUN LIS NTO WAN SIM BAR LAM DIR SAN RUL NAS TAR MUN DUL",
    WOMAN: "NAH TUN MAH SIH RIA LIA NTI WATI YEH ROH SAH DAH LIH NUR NDA FAH",
}


@cache
def syllables(sex: int) -> list[str]:
    """Three-syllable names nobody planned, in a fixed random order."""
    every = sorted({a + b + c for a in STARTS.split() for b in MIDDLES.split() for c in ENDS[sex].split()})
    order = np.random.default_rng(1945).permutation(len(every))[:6000]
    return [every[at] for at in order]


def chosen(rng: np.random.Generator, words: list[str], n: int, skew: float) -> Texts:
    """Words in a geometric-like frequency: ``skew`` > 1 prefers the first."""
    return np.array(words, dtype=object)[(rng.random(n) ** skew * len(words)).astype(np.int64)]


def names(rng: np.random.Generator, people: Ints, sex: Ints, order: Ints) -> pl.Series:
    """Full names without clan names; ``order``: which child of the mother (0 = first; Balinese names tell it)."""
    n = len(people)
    first = np.empty(n, dtype=object)
    second = np.full(n, None, dtype=object)
    for (folk, s), words in GIVEN.items():
        rows = np.flatnonzero((people == folk) & (sex == s))
        known = chosen(rng, words.split(), len(rows), 1.6)
        rare = chosen(rng, syllables(s), len(rows), 2.2)
        first[rows] = np.where(happens(rng, len(rows), 0.35), known, rare)
        others = [*SECOND[folk].split(), *syllables(s)[:150]]
        also = chosen(rng, others, len(rows), 1.8)
        second[rows] = np.where(~happens(rng, len(rows), (0.55, 0.72, 0.25, 0.3, 0.5, 0.3)[folk]), np.array(None), also)
    frame = pl.DataFrame(
        {"first": pl.Series(first.tolist(), dtype=pl.String), "second": pl.Series(second.tolist(), dtype=pl.String)}
    )
    balinese = pl.Series(np.where(sex == MAN, "I ", "NI ")) + pl.Series(ORDER).gather(order % 4) + " "
    courtesy = pl.Series(
        np.where(
            (people == BUGIS) & happens(rng, n, 0.15),
            "ANDI ",
            np.where((people == MADURA) & (sex == MAN) & happens(rng, n, 0.3), "MOH. ", ""),
        )
    )
    frame = frame.with_columns(
        front=pl.Series(np.where(people == BALI, balinese.to_numpy(), courtesy.to_numpy()).tolist(), dtype=pl.String)
    )
    return frame.select(
        pl.col("front") + pl.concat_str("first", "second", separator=" ", ignore_nulls=True)
    ).to_series()


def clans(rng: np.random.Generator, people: Ints) -> pl.Series:
    """The Batak's clan name, else null; it passes from father to child."""
    clan = chosen(rng, SECOND[BATAK].split(), len(people), 1.3)
    return pl.Series(np.where(people == BATAK, clan, np.array(None)).tolist(), dtype=pl.String)


def with_clan(name: pl.Series, clan: pl.Series) -> pl.Series:
    """Name and clan name."""
    return (
        pl.DataFrame({"name": name, "clan": clan})
        .select(pl.concat_str("name", "clan", separator=" ", ignore_nulls=True))
        .to_series()
    )
