"""Tables of counts for tests, with all their margins: made up, and of real open data."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from hub.disclosure.figures import Rules
from hub.disclosure.tables import Dimension

RULES = Rules(threshold=5, rounding_base=5, possible_counts=5, revision_threshold=5)


def with_margins(leaves: pd.DataFrame, dimensions: Sequence[Dimension]) -> pd.DataFrame:
    """The cells and every sum over them that the dimensions' parents make."""
    names = [dimension.name for dimension in dimensions]
    cells = leaves.groupby(names)["count"].sum().reset_index()
    for dimension in dimensions:
        if dimension.overlaps:
            continue  # no sum: the whole stands among the cells
        parents = pd.DataFrame(
            [(code, whole) for code, wholes in dimension.parents.items() for whole in wholes],
            columns=[dimension.name, "whole"],
        )
        level, levels = cells, [cells]
        while not (level := level.merge(parents, on=dimension.name)).empty:
            level = level.drop(columns=dimension.name).rename(columns={"whole": dimension.name})
            level = level.groupby(names)["count"].sum().reset_index()
            levels.append(level)
        cells = pd.concat(levels, ignore_index=True)
    return cells


def grid(codes: Mapping[str, Sequence[str]], counts: Sequence[int]) -> pd.DataFrame:
    """A cell for each combination of codes, the last code fastest."""
    frame = pd.MultiIndex.from_product(list(codes.values()), names=list(codes)).to_frame(index=False)
    return frame.assign(count=list(counts))


def made_up(forces: int, quarters: int, mean: float, seed: int) -> tuple[pd.DataFrame, list[Dimension]]:
    """Forces in regions, strands and quarters in years; most forces are small, as they are."""
    rng = np.random.default_rng(seed)
    codes = {
        "force": [f"f{number:02}" for number in range(forces)],
        "strand": ["race", "religion", "sexual_orientation", "disability", "transgender"],
        "quarter": [f"{2020 + number // 4} Q{number % 4 + 1}" for number in range(quarters)],
    }
    leaves = grid(codes, [0] * (forces * 5 * quarters))
    size = dict(zip(codes["force"], rng.gamma(0.5, 2.0, forces), strict=True))
    weight = dict(zip(codes["strand"], (1.0, 0.4, 0.3, 0.15, 0.05), strict=True))
    means = [
        mean * size[force] * weight[strand] for force, strand in zip(leaves["force"], leaves["strand"], strict=True)
    ]
    leaves["count"] = rng.poisson(means)
    regions = {force: [f"r{number % max(forces // 4, 1)}"] for number, force in enumerate(codes["force"])}
    dimensions = [
        Dimension("force", regions | {region: ["all"] for (region,) in regions.values()}),
        Dimension("strand", {strand: ["all"] for strand in codes["strand"]}),
        Dimension("quarter", {quarter: [quarter[:4]] for quarter in codes["quarter"]}),
    ]
    return leaves, dimensions


def of_london(open_data: Path, boroughs: int) -> tuple[pd.DataFrame, list[Dimension]]:
    """The Metropolitan Police's aggravated offences by neighbourhood (middle layer area), borough, kind and quarter."""
    frame = pd.read_parquet(open_data / "london_recorded_crime" / "recorded-crime-lsoa.parquet")
    hate = frame[frame["minor_category"].str.contains("RACIALLY|RELIGIOUS", case=False)]
    hate = hate[hate["borough"].isin(sorted(set(hate["borough"]))[:boroughs])]
    months = [name for name in hate.columns if name.isdigit()]
    hate = hate.assign(area=hate["lsoa_name"].str[:-1])
    long = hate.melt(["borough", "area", "minor_category"], months, "month", "count")
    long["quarter"] = [f"{month[:4]} Q{(int(month[4:]) + 2) // 3}" for month in long["month"]]
    names = ["area", "minor_category", "quarter"]
    counted = long.groupby(names, as_index=False)["count"].sum()
    codes = {name: sorted(counted[name].unique()) for name in names}
    whole = grid(codes, [0] * int(np.prod([len(one) for one in codes.values()]))).drop(columns="count")
    leaves = whole.merge(counted, how="left").fillna({"count": 0}).astype({"count": int})
    boroughs_of = {str(area): [str(borough)] for area, borough in hate[["area", "borough"]].itertuples(index=False)}
    return leaves, [
        Dimension("area", boroughs_of | {borough: ["all"] for (borough,) in boroughs_of.values()}),
        Dimension("minor_category", {code: ["all"] for code in codes["minor_category"]}),
        Dimension("quarter", {code: [code[:4]] for code in codes["quarter"]}),
    ]


def of_toronto(open_data: Path) -> tuple[pd.DataFrame, list[Dimension]]:
    """Hate crimes reported to the Toronto police by division, bias and year; a crime can have several biases."""
    frame = pd.read_csv(open_data / "toronto_hate_crimes" / "HateCrimesOpenData_2018_2024.csv")
    biases = ["RACE_BIAS", "ETHNICITY_BIAS", "RELIGION_BIAS", "SEXUAL_ORIENTATION_BIAS", "GENDER_BIAS"]
    found = frame[biases].apply(
        lambda row: [name for name in biases if isinstance(row[name], str)] or ["other"], axis=1
    )
    every = frame.assign(bias=found.map(lambda codes: [*codes, "all"])).explode("bias")
    counted = (
        every.groupby(["DIVISION", "bias", "REPORTED_YEAR"], as_index=False).size().rename(columns={"size": "count"})
    )
    codes = {name: sorted(map(str, counted[name].unique())) for name in ("DIVISION", "bias", "REPORTED_YEAR")}
    whole = grid(codes, [0] * (len(codes["DIVISION"]) * len(codes["bias"]) * len(codes["REPORTED_YEAR"])))
    leaves = whole.drop(columns="count").merge(counted.astype({"REPORTED_YEAR": str}), how="left").fillna({"count": 0})
    return leaves.astype({"count": int}), [
        Dimension("DIVISION", {code: ["all"] for code in codes["DIVISION"]}),
        Dimension("bias", {code: ["all"] for code in codes["bias"] if code != "all"}, overlaps=True),
        Dimension("REPORTED_YEAR", {code: ["all"] for code in codes["REPORTED_YEAR"]}),
    ]


def of_city_of_london(open_data: Path, months: int) -> tuple[pd.DataFrame, list[Dimension]]:
    """police.uk's street file of the City of London by area, kind of crime and month: thin, down to single crimes."""
    paths = sorted((open_data / "police_uk_city_of_london").glob("*-street.csv"))[:months]
    crimes = pd.concat([pd.read_csv(path, usecols=["Month", "LSOA code", "Crime type"]) for path in paths])
    counted = crimes.groupby(["LSOA code", "Crime type", "Month"], as_index=False).size()
    codes = {name: sorted(counted[name].unique()) for name in ("LSOA code", "Crime type", "Month")}
    whole = grid(codes, [0] * int(np.prod([len(one) for one in codes.values()]))).drop(columns="count")
    leaves = whole.merge(counted.rename(columns={"size": "count"}), how="left").fillna({"count": 0})
    return leaves.astype({"count": int}), [
        Dimension(name, {code: ["all"] for code in found}) for name, found in codes.items()
    ]
