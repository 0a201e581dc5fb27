"""Silver tables of each dataset in pandas, given one by one so that one is in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from benchmarks.contenders import patterns as p
from benchmarks.contenders.pandas_columns import (
    POSITION,
    RELEASED,
    add_application,
    add_dates,
    add_ndc,
    add_told,
    chosen,
    once,
    trimmed,
)

Frames = Mapping[str, pd.DataFrame]
Tables = Iterator[tuple[str, pd.DataFrame]]
_MARKETING = {"start_marketing_date": "marketing_start_date", "end_marketing_date": "marketing_end_date"}
_THROUGH = "listing_record_certified_through"


def nsde(bronze: Frames) -> Tables:
    """One row for each listing."""
    frame = once(bronze["nsde"]).rename(columns={"ndc11": "ndc11_source"})
    texts = ("item_code", "proprietary_name", "dosage_form", "marketing_category", "product_type", "billing_unit")
    for name in (*texts, "application_number_or_citation"):
        frame[name] = trimmed(frame[name])
    frame["billing_unit"] = frame["billing_unit"].str.upper()
    frame = frame[frame["item_code"].notna()].copy()
    dates = ("marketing_start_date", "marketing_end_date", "inactivation_date", "reactivation_date")
    add_dates(frame, {name: name for name in dates})
    add_ndc(frame, "item_code")
    add_application(frame, "application_number_or_citation")
    start, end, inactive, back = (frame[name] for name in dates)
    unreadable = (frame[[f"{name}_flag" for name in dates[1:]]] == "UNREADABLE").any(axis=1)
    frame["marketing_status"] = chosen(
        [
            (start.isna(), "UNKNOWN"),
            (start > RELEASED, "NOT_STARTED"),
            (end < RELEASED, "ENDED"),
            (unreadable, "UNKNOWN"),
            ((inactive <= RELEASED) & ~((back >= inactive) & (back <= RELEASED)), "INACTIVATED"),
        ],
        "ACTIVE",
    )
    frame["ndc11_disagrees"] = frame["ndc11"] != trimmed(frame["ndc11_source"])
    frame["product_ndc"] = frame["labeler_code"] + "-" + frame["product_code"]
    frame["is_active"] = frame["marketing_status"] == "ACTIVE"
    yield "nsde", frame.sort_values("item_code")


def _listed(bronze: Frames, directories: Mapping[str, str]) -> pd.DataFrame:
    frame = pd.concat([bronze[name].assign(directory=d) for name, d in directories.items() if name in bronze])
    frame = once(frame.reset_index(drop=True))
    return frame.assign(product_id=trimmed(frame["product_id"])).dropna(subset="product_id")


def _product(products: pd.DataFrame) -> pd.DataFrame:
    frame = products.rename(columns={"application_number": "citation"})
    for name in frame.select_dtypes("str").columns:
        frame[name] = trimmed(frame[name])
    add_dates(frame, {**_MARKETING, _THROUGH: _THROUGH})
    add_application(frame, "citation")
    frame["routes"] = frame["route_name"].str.split(r" *; *", regex=True)
    plain = frame["labeler_name"].str.lower().str.normalize("NFD")
    frame["labeler_key"] = plain.str.replace("[^a-z0-9]", "", regex=True)
    frame["spl_document_id"] = frame["product_id"].str.extract("^[^_]*_(.*)$", expand=False)
    frame["place"] = frame["directory"].map(p.DIRECTORY_ORDER)
    keys = ["place", _THROUGH, "marketing_start_date", "product_id", POSITION]
    frame = frame.sort_values(keys, ascending=[True, False, False, True, True])
    frame["listing_rank"] = frame.groupby("product_ndc", dropna=False).cumcount() + 1
    return frame.drop(columns="place").sort_values("product_id")


def _ingredients(products: pd.DataFrame) -> pd.DataFrame:
    names = {"substance_name": "substance_name", "active_numerator_strength": "strength_raw"}
    names |= {"active_ingred_unit": "unit_raw"}
    frame = products[["product_id", "product_ndc", "directory", POSITION, *names]].rename(columns=names)
    frame = frame[pd.concat([trimmed(frame[name]).notna() for name in names.values()], axis=1).any(axis=1)].copy()
    for name in names.values():
        found = (";" + frame[name]).str.findall(p.LIST_ITEM)
        frame[name] = [items if isinstance(items, list) else [] for items in found]
    sizes = pd.concat([frame[name].str.len() for name in names.values()], axis=1)
    longest = sizes.max(axis=1)
    frame["is_misaligned"] = longest != sizes.min(axis=1)
    for name in names.values():
        frame[name] = [items + [None] * (n - len(items)) for items, n in zip(frame[name], longest, strict=True)]
    frame = frame.explode(list(names.values())).reset_index(drop=True)
    frame["ingredient_ordinal"] = frame.groupby([POSITION, "directory"]).cumcount() + 1
    for name in names.values():
        frame[name] = trimmed(frame[name].astype("str").str[1:])
    frame["strength"] = pd.to_numeric(frame["strength_raw"], errors="coerce")
    frame[["numerator_unit", "denominator_quantity", "denominator_unit"]] = frame["unit_raw"].str.extract(p.UNIT)
    return frame


def _classes(products: pd.DataFrame) -> pd.DataFrame:
    frame = products[["product_id", "product_ndc", "directory", POSITION]].copy()
    frame["class_text"] = products["pharm_classes"].str.findall(p.CLASS_ITEM)
    frame = frame.explode("class_text").dropna(subset="class_text").reset_index(drop=True)
    frame["class_text"] = frame["class_text"].astype("str")
    frame["class_name"] = frame["class_text"].str.extract(r"^(.*[^ ]) *\[", expand=False)
    frame["class_type"] = frame["class_text"].str.extract(r"\[([^\]]*)\][ ,;]*$", expand=False)
    return frame


def _contents(packages: pd.DataFrame) -> pd.DataFrame:
    frame = packages[["product_id", "product_ndc", "ndc_package_code", "directory", POSITION]].copy()
    text = trimmed(packages["package_description"])
    frame["description"], frame["content_text"] = text, text.str.split(p.LEVEL_SEPARATOR, regex=True)
    frame = frame.dropna(subset="description").explode("content_text")
    frame = frame[frame["content_text"] != ""]
    frame["content_text"] = frame["content_text"].astype("str")
    understood = frame["content_text"].str.match(p.LEVEL).groupby(level=0).transform("all")
    whole = frame[~understood].groupby(level=0).head(1)
    frame = pd.concat([frame[understood], whole.assign(content_text=whole["description"])]).drop(columns="description")
    frame[list(p.LEVEL_FIELDS)] = frame["content_text"].str.extract(p.LEVEL)
    for name in ("quantity", "container_quantity"):
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    add_ndc(frame, "content_ndc")
    return frame


def cder(bronze: Frames) -> Tables:
    """Products, their ingredients and classes, packages and their contents."""
    products = _listed(bronze, p.PRODUCTS)
    yield "cder_product", _product(products)
    yield "cder_product_ingredient", _ingredients(products)
    yield "cder_product_class", _classes(products)
    packages = _listed(bronze, p.PACKAGES)
    packages["ndc_package_code"] = trimmed(packages["ndc_package_code"])
    packages = packages.dropna(subset="ndc_package_code")
    coded = packages.copy()
    add_dates(coded, _MARKETING)
    add_ndc(coded, "ndc_package_code")
    yield "cder_package", coded.sort_values("product_id")
    yield "cder_package_content", _contents(packages)


def _relations(frame: pd.DataFrame) -> pd.DataFrame:
    name = trimmed(frame["rela"]).fillna(trimmed(frame["rel"]))
    guessed = name.str.endswith("_of") & ~name.str.startswith("has_") & (name != "consists_of")
    turned = guessed | name.isin(list(p.TURNED))
    kept = name.map(p.TURNED).fillna("has_" + name.str.replace("_of$", "", regex=True))
    frame = frame.assign(is_turned=turned, relation=name.mask(turned, kept))
    for end in ("rxcui", "rxaui"):
        frame[f"subject_{end}"] = frame[f"{end}2"].mask(turned, frame[f"{end}1"])
        frame[f"object_{end}"] = frame[f"{end}1"].mask(turned, frame[f"{end}2"])
    ends = [name for name in frame.columns if name.startswith(("subject_", "object_"))]
    fact = [*ends, "relation", "sab", "rg", "suppress", "cvf"]
    is_there = (~frame["is_turned"]).groupby([frame[name] for name in fact], dropna=False).transform("any")
    frame = frame[~(turned & is_there)].drop(columns="rest").copy()
    add_told(frame)
    return frame.sort_values("rui")


def rxnorm(bronze: Frames) -> Tables:
    """Names, concepts, relations, attributes and NDCs."""
    names = once(bronze["rxnconso"]).dropna(subset=["rxcui", "rxaui"]).drop(columns="rest")
    add_told(names)
    yield "rxnorm_atom", names.sort_values("rxaui")
    order = {"own": names["sab"] != "RXNORM", "other": names["tty"].isin(p.SYNONYMS), "no": names["suppress"] != "N"}
    ordered = names.assign(**order, number=pd.to_numeric(names["rxaui"])).sort_values([*order, "number"])
    grouped = ordered.groupby("rxcui")
    concepts = grouped[["str", "tty", "sab", "rxaui"]].first()
    concepts["atom_count"] = grouped.size()
    concepts["sources"] = grouped["sab"].unique().map(sorted)
    yield "rxnorm_concept", concepts.reset_index()
    yield "rxnorm_relation", _relations(once(bronze["rxnrel"]).dropna(subset="rui"))
    attributes = once(bronze["rxnsat"]).dropna(subset="atn").drop(columns="rest")
    add_told(attributes)
    is_ndc = attributes["atn"] == "NDC"
    yield "rxnorm_attribute", attributes[~is_ndc].sort_values("rxcui")
    ndcs = attributes[is_ndc].copy()
    ndcs["ndc_raw"] = trimmed(ndcs["atv"])
    add_ndc(ndcs, "ndc_raw")
    key = ndcs["ndc12"].fillna(ndcs["ndc_raw"])
    ndcs = ndcs.assign(own=ndcs["sab"] != "RXNORM", no=ndcs["suppress"] != "N", key=key)
    ndcs = ndcs.sort_values(["own", "no", "srl", "sab", "rxcui", "rxaui"])
    ndcs["ndc_rank"] = ndcs.groupby("key").cumcount() + 1
    ndcs["has_several_rxcui"] = ndcs.groupby("key")["rxcui"].transform("nunique") > 1
    yield "rxnorm_ndc", ndcs.drop(columns=["own", "no", "key"])


SILVER = {"nsde": nsde, "cder": cder, "rxnorm": rxnorm}
"""What makes the tables of a dataset."""
