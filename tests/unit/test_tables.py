"""The loader of the world's tables: what it hands on, and every way in which it refuses."""

import copy
import csv
import re
from pathlib import Path

import pandas as pd
import pytest

from abm.tables.tables import Tables, schema
from kit.errors import BadInput
from kit.nearest import did_you_mean, nearest

NAMES = {"name_en": "a name", "name_zh": "名稱"}
Rows = dict[str, list[dict[str, object]]]


def country(code: str, **other: object) -> dict[str, object]:
    start = {"country": code, "zone": "ROW", "government": code, "alliance": "allied", "governance": 0.5}
    return {**start, **NAMES, **other}


def good(key: str, stage: str, mineral: str = "", **other: object) -> dict[str, object]:
    return {"good": key, "stage": stage, "mineral": mineral, "family": "gallium", "unit": "t", **NAMES, **other}


def recipe(name: str, role: str, key: str, quantity: float = 1) -> dict[str, object]:
    return {"recipe": name, "role": role, "good": key, "quantity": quantity, "low": "", "high": "", "criticality": ""}


def producer(key: str, kind: str, name: str, **other: object) -> dict[str, object]:
    start = {"producer": key, "kind": kind, "country": "CHN", "recipe": name, "status": "operating", "residual": 0}
    return {**start, "cost_ratio": 0.7, **NAMES, **other}


def output(key: str, amount: float, capacity: float, year: int = 2024) -> dict[str, object]:
    return {"producer": key, "year": year, "output": amount, "capacity": capacity, "basis": "assumed"}


def small_world() -> Rows:
    """A world of one chain: an ore, a metal that carries a co-product, wafers, a trader and a recycler."""
    return {
        "countries": [
            country("CHN", zone="CHN", alliance="china"),
            country("TWN"),
            country("DEU", government="EUU"),
            country("EUU"),
        ],
        "minerals": [
            {"mineral": "gallium", "symbol": "Ga", "family": "gallium", "table1": 1, **NAMES},
            {"mineral": "zinc", "symbol": "Zn", "family": "base_metals", "table1": 0, "host": "gallium", **NAMES},
        ],
        "goods": [
            good("gallium_ore", "ore", "gallium"),
            good("gallium", "refined", "gallium"),
            good("zinc", "refined", "zinc", family="base_metals"),
            good("wafers", "component", unit="US$ million", family="electronics"),
        ],
        "content": [
            {"good": "gallium_ore", "mineral": "gallium", "fraction": 1},
            {"good": "gallium_ore", "mineral": "zinc", "fraction": 0.5},
            {"good": "gallium", "mineral": "gallium", "fraction": 1},
            {"good": "zinc", "mineral": "zinc", "fraction": 1},
        ],
        "recipes": [
            recipe("mining", "out", "gallium_ore"),
            recipe("refining", "in", "gallium_ore", 1.2),
            recipe("refining", "out", "gallium"),
            recipe("refining", "sink", "zinc", 0.5),
            recipe("slicing", "in", "gallium", 0.01),
            recipe("slicing", "out", "wafers"),
            recipe("trading", "in", "gallium"),
            recipe("trading", "out", "gallium"),
            recipe("urban_mining", "out", "gallium"),
        ],
        "producers": [
            producer("mine_chn", "mine", "mining"),
            producer("refiner_chn", "refiner", "refining", host="mine_chn", start_year=1999),
            producer("foundry_twn", "taiwan_firm", "slicing", country="TWN"),
            producer("trader_deu", "trader", "trading", country="DEU"),
            producer("recycler_deu", "recycler", "urban_mining", country="DEU", residual=1),
        ],
        "outputs": [
            output("mine_chn", 120, 150),
            output("refiner_chn", 100, 100),
            output("foundry_twn", 5000, 6000),
            output("trader_deu", 10, 20),
            output("recycler_deu", 30, 30),
        ],
        "world_output": [
            {"good": "gallium", "year": 2024, "output": 101, "basis": "tonnage"},
            {"good": "zinc", "year": 2024, "output": 50, "basis": "derived"},
        ],
        "projects": [
            {"project": "new_line", "producer": "refiner_chn", "capacity": 5, "decision": "2024-03-01", **NAMES}
            | {"lead_years": 2, "slip_years": 1, "cancel_hazard": 0.1}
        ],
        "other_uses": [
            {"good": "gallium", "country": "CHN", "share": 0.4},
            {"good": "gallium", "country": "TWN", "share": 0.6},
        ],
        "covers": [{"stage": "refined", "family": "all", "side": "bought", "weeks": 8, "spread": 0.6}],
        "parameters": [
            {"parameter": "price_response", "family": "", "value": 1.2, "unit": "ratio", "low": 0.4, "high": 2}
            | {"uncertain": 1, "meaning_en": "eta", "meaning_zh": "彈性"}
        ],
        "record": [{"series": "exports", "good": "gallium", "place": "WLD", "date": "2024", "value": 5, "unit": "t"}],
    }


def write(folder: Path, rows: Rows) -> Path:
    """Write every declared table, those without rows as a header alone."""
    for name, table in schema().items():
        columns = [column.name for column in table.columns]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows({"source": "USGS MCS 2025", "confidence": "read", **row} for row in rows.get(name, []))
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refusal(folder: Path) -> str:
    """What the loader says of a folder, which must be one or two sentences on one line."""
    with pytest.raises(BadInput) as caught:
        Tables.load(folder)
    said = str(caught.value)
    assert "\n" not in said
    assert re.search(r"[.?]$", said)
    return said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, small_world())


def test_schema_is_whole() -> None:
    for table in schema().values():
        names = [column.name for column in table.columns]
        assert set(table.key) <= set(names)
        assert names[-2:] == ["source", "confidence"]
        for column in table.columns:
            assert column.meaning
            assert (column.kind == "choice") <= bool(column.choices)
            if column.refers:
                target_table, target = column.refers.split(".")
                assert target in [other.name for other in schema()[target_table].columns]


def test_frames_have_declared_columns_and_types(folder: Path) -> None:
    tables = Tables.load(folder)
    assert list(tables) == list(schema())
    for name, table in schema().items():
        assert list(tables[name].columns) == [column.name for column in table.columns]
    producers = tables["producers"]
    assert producers.dtypes[["cost_ratio", "residual", "start_year"]].astype(str).tolist() == [
        "float64",
        "bool",
        "Int64",
    ]
    assert producers["residual"].tolist() == [False, False, False, False, True]
    assert producers["group"].tolist() == [""] * 5
    assert producers["host"].tolist()[:2] == ["", "mine_chn"]
    assert producers["start_year"].isna().tolist() == [True, False, True, True, True]
    assert tables["outputs"]["year"].dtype == "int64"
    assert tables["recipes"]["low"].isna().all()
    assert tables["projects"]["decision"].iloc[0] == pd.Timestamp("2024-03-01")
    assert tables["projects"]["floor_price"].isna().all()
    assert tables.producers is producers


def test_tables_without_rows_keep_their_types(folder: Path) -> None:
    prices = Tables.load(folder)["prices"]
    assert prices.empty
    assert prices.dtypes[["year", "price"]].astype(str).tolist() == ["int64", "float64"]


def test_column_order_is_free_in_the_file(folder: Path) -> None:
    (folder / "covers.csv").write_text("weeks,stage,side,spread,confidence,source,family\n8,ore,made,1,read,USGS,all\n")
    covers = Tables.load(folder)["covers"]
    assert list(covers.columns) == [column.name for column in schema()["covers"].columns]
    assert covers.loc[0, "weeks"] == 8


def test_tables_are_a_fixed_set(folder: Path) -> None:
    tables = Tables.load(folder)
    assert copy.deepcopy(tables) is tables
    with pytest.raises(KeyError):
        tables["prodcers"]
    with pytest.raises(AttributeError, match="prodcers"):
        _ = tables.prodcers


def test_sources_counts_rows_by_confidence(folder: Path) -> None:
    edit(folder / "world_output.csv", "derived,USGS MCS 2025,read", "derived,recalled,memory")
    told = Tables.load(folder).sources().set_index("table")
    assert list(told.columns) == ["rows", "sources", "read", "derived", "memory", "assumed"]
    assert told.loc["world_output"].tolist() == [2, 2, 1, 0, 1, 0]
    assert told.loc["prices", "rows"] == 0


def test_hash_follows_figures_alone(folder: Path) -> None:
    before = Tables.load(folder).hash()
    path = folder / "countries.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert Tables.load(folder).hash() == before
    edit(path, "USGS MCS 2025", "USGS MCS 2024")
    assert Tables.load(folder).hash() == before
    edit(path, "allied", "neutral")
    assert Tables.load(folder).hash() != before


# --- cells: file, line, column, what was expected and the nearest valid word ---

CELLS = [
    ("goods", "t,,USGS", "kg,,USGS", (2, "unit"), ["'kg'", "US$ million"]),
    ("parameters", ",ratio,", ",rate,", (2, "unit"), ["'rate'", "Did you mean 'ratio'?"]),
    ("countries", "CHN,china", "CHN,chna", (2, "alliance"), ["'chna'", "Did you mean 'china'?"]),
    ("outputs", "refiner_chn,2024,100,", "refiner_chn,2024,1OO,", (3, "output"), ["a number of at least 0", "'1OO'"]),
    ("outputs", "mine_chn,2024,120,", "mine_chn,2024,nan,", (2, "output"), ["a number", "'nan'"]),
    ("outputs", "mine_chn,2024,120,", "mine_chn,2024,inf,", (2, "output"), ["a number", "'inf'"]),
    ("outputs", "mine_chn,2024,120,", "mine_chn,2024,-1,", (2, "output"), ["of at least 0", "'-1'"]),
    ("outputs", "mine_chn,2024,", "mine_chn,2024.5,", (2, "year"), ["whole number from 2009 to 2024", "2024.5"]),
    ("outputs", "mine_chn,2024,", "mine_chn,2034,", (2, "year"), ["from 2009 to 2024", "2034"]),
    ("other_uses", "0.4", "40 %", (2, "share"), ["from 0 to 1 (share)", "40 %"]),
    ("projects", "2024-03-01", "March 2024", (2, "decision"), ["2024-01-31", "March 2024"]),
    ("projects", "2024-03-01", "2024-02-30", (2, "decision"), ["2024-01-31", "2024-02-30"]),
    ("projects", "2024-03-01", "2024-3-1", (2, "decision"), ["2024-01-31", "2024-3-1"]),
    ("producers", "operating,1", "operating,yes", (6, "residual"), ["'yes'", "0, 1"]),
    ("producers", "1999", "late", (3, "start_year"), ["a whole number", "'late'"]),
    ("producers", "mine_chn,", "mine chn,", (2, "producer"), ["without spaces", "'mine chn'"]),
    ("goods", "ore,gallium,gallium,t,,USGS MCS 2025", "ore,gallium,gallium,t,,", (2, "source"), ["no source"]),
    ("countries", "a name", "", (2, "name_en"), ["no name_en"]),
    ("outputs", "120,150", ",150", (2, "output"), ["no output", "a number"]),
    ("countries", "0.5,USGS MCS 2025,read", "0.5,USGS MCS 2025,seen", (2, "confidence"), ["'seen'", "assumed"]),
    ("outputs", "refiner_chn,", "refiner_ch,", (3, "producer"), ["producers.csv", "Did you mean 'refiner_chn'?"]),
    ("content", "gallium_ore,gallium", "gallium_ore,galium", (2, "mineral"), ["Did you mean 'gallium'?"]),
    ("producers", ",,mine_chn,", ",,mine_cn,", (3, "host"), ["producers.csv", "Did you mean 'mine_chn'?"]),
    ("producers", "TWN,slicing", "TWN,slicng", (4, "recipe"), ["recipes.csv", "Did you mean 'slicing'?"]),
]


@pytest.mark.parametrize("case", CELLS)
def test_cell_is_refused(folder: Path, case: tuple[str, str, str, tuple[int, str], list[str]]) -> None:
    table, old, new, (line, column), told = case
    edit(folder / f"{table}.csv", old, new)
    said = refusal(folder)
    assert said.startswith(f"{table}.csv, line {line}, column '{column}': ")
    assert all(words in said for words in told), said


def test_line_counts_as_an_editor_does(folder: Path) -> None:
    path = folder / "outputs.csv"
    edit(path, "mine_chn,2024,120,150,assumed,USGS MCS 2025", '\n\nmine_chn,2024,120,150,assumed,"USGS\nMCS\n2025"')
    edit(path, "foundry_twn,", "foundri_twn,")
    assert refusal(folder).startswith("outputs.csv, line 8, column 'producer'")


def test_duplicate_key_names_both_lines(folder: Path) -> None:
    edit(folder / "outputs.csv", "trader_deu,2024", "refiner_chn,2024")
    said = refusal(folder)
    assert said.startswith("outputs.csv, line 5, column 'producer, year'")
    assert "refiner_chn / 2024 stands already on line 3" in said


def test_same_number_spelt_otherwise_is_a_duplicate(folder: Path) -> None:
    edit(folder / "outputs.csv", "trader_deu,2024", "refiner_chn,2024.0")
    assert "stands already on line 3" in refusal(folder)


# --- files and headers ---


HEADERS = [
    ("", "line 1, column 'good': the column is missing; the table has good, year, price, source, confidence."),
    ("good,year,price,confidence", "line 1, column 'source': the column is missing; the table has"),
    ("good,year,price,source,confidence,year", "line 1, column 'year': the column stands twice."),
    ("good,year,prices,source,confidence", "line 1, column 'prices': unknown column. Did you mean 'price'?"),
    ("good,year,price,source,confidence\nzinc,2024,3,USGS, MCS,read", "line 2: 6 cells where the header has 5."),
    ('good,year,price,source,confidence\nzinc,2024,3,"USGS" MCS,read', "line 2: not a readable row of a CSV"),
]


@pytest.mark.parametrize(("text", "told"), HEADERS)
def test_shape_is_refused(folder: Path, text: str, told: str) -> None:
    (folder / "prices.csv").write_text(text)
    assert refusal(folder).startswith(f"prices.csv, {told}")


def test_missing_file(folder: Path) -> None:
    (folder / "prices.csv").unlink()
    assert refusal(folder).startswith("prices.csv is missing")
    assert "is not a folder" in refusal(folder / "none")


def test_undeclared_file(folder: Path) -> None:
    (folder / "price.csv").write_text("good\n")
    assert refusal(folder) == "price.csv is not a table of the schema. Did you mean 'prices'?"


def test_unreadable_file(folder: Path) -> None:
    (folder / "prices.csv").unlink()
    (folder / "prices.csv").mkdir()
    assert refusal(folder).startswith("prices.csv cannot be read")


def test_wrong_encoding(folder: Path) -> None:
    path = folder / "countries.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("big5"))
    assert refusal(folder).startswith("countries.csv, line 2: the file is not in UTF-8")


def test_byte_order_mark_is_no_column(folder: Path) -> None:
    path = folder / "countries.csv"
    path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert len(Tables.load(folder)["countries"]) == 4


# --- what the tables must say together ---


TOGETHER = [
    ("countries", 2, "government", "EUE", 4, "Did you mean 'EUU'?"),
    ("parameters", 0, "family", "galium", 2, "Did you mean 'gallium'?"),
    ("covers", 0, "family", "electronic", 2, "Did you mean 'electronics'?"),
    ("record", 0, "place", "TWM", 2, "Did you mean 'TWN'?"),
    ("parameters", 0, "value", 2.5, 2, "2.5 lies beyond its own high end 2"),
    ("parameters", 0, "value", 0.3, 2, "0.3 lies beyond its own low end 0.4"),
    ("outputs", 1, "capacity", 99, 3, "99 is below the output 100"),
    ("recipes", 0, "role", "sink", 2, "'mining' has no row with the role out"),
    ("recipes", 2, "quantity", 0.9, 4, "'refining' must have quantity 1, found 0.9"),
    ("recipes", 1, "quantity", 0.999, 3, "puts out 1 t of gallium per unit of activity but takes in 0.999 t"),
    ("recipes", 3, "quantity", 0.7, 3, "the recipe 'refining' puts out 0.7 t of zinc"),
    ("other_uses", 1, "share", 0.5, 3, "sum to 0.9"),
    ("world_output", 0, "output", 103, 2, "make 100 in 2024 but the world figure is 103"),
    ("world_output", 1, "output", 48, 3, "make 50 in 2024"),
    ("world_output", 1, "year", 2022, 3, "make 0 in 2022"),
]


@pytest.mark.parametrize("case", TOGETHER)
def test_contradiction_is_refused(tmp_path: Path, case: tuple[str, int, str, object, int, str]) -> None:
    table, row, column, value, line, told = case
    rows = small_world()
    rows[table][row][column] = value
    said = refusal(write(tmp_path, rows))
    where = "output" if table == "world_output" else column
    assert said.startswith(f"{table}.csv, line {line}, column '{where}': ")
    assert told in said


def test_output_may_not_hold_what_no_input_holds(tmp_path: Path) -> None:
    rows = small_world()
    rows["content"].append({"good": "wafers", "mineral": "zinc", "fraction": 0.1})
    assert "takes in 0 t" in refusal(write(tmp_path, rows))


def test_quantity_stays_within_its_range(tmp_path: Path) -> None:
    rows = small_world()
    rows["recipes"][1]["low"] = 1.3
    said = refusal(write(tmp_path, rows))
    assert said == "recipes.csv, line 3, column 'quantity': 1.2 lies beyond its own low end 1.3."


def test_input_must_be_made_in_the_year(tmp_path: Path) -> None:
    rows = small_world()
    rows["outputs"] += [output("foundry_twn", 1, 1, 2022), output("trader_deu", 1, 1, 2022)]
    said = refusal(write(tmp_path, rows))
    assert said.startswith("outputs.csv, line 7, column 'producer': 'foundry_twn' works in 2022")
    assert "takes in 'gallium', which no producer makes" in said


def test_an_idle_producer_needs_no_input(tmp_path: Path) -> None:
    rows = small_world()
    rows["outputs"].append(output("foundry_twn", 0, 0, 2022))
    assert len(Tables.load(write(tmp_path, rows))["outputs"]) == 6


# --- words ---


def test_nearest_word() -> None:
    known = ["gallium", "germanium", "US$ million", "CHN"]
    assert nearest("galium", known) == "gallium"
    assert nearest("chn", known) == "CHN"
    assert nearest("germ", known) == "germanium"
    assert nearest("oxygen", known) == ""
    assert nearest("", known) == ""


def test_did_you_mean_lists_known_words_when_none_is_near() -> None:
    assert did_you_mean("galium", ["gallium", "zinc"]) == " Did you mean 'gallium'?"
    assert did_you_mean("x", ["b", "a", ""]) == " Known: a, b."
    assert did_you_mean("x", [f"word{number:02}" for number in range(30)]).endswith("word11 and 18 more.")
    assert did_you_mean("x", []) == " None is known."
