"""Silver tables of each dataset as Polars expressions."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from polars import LazyFrame, col, lit

from benchmarks.contenders import patterns as p
from benchmarks.contenders.polars_columns import POSITION, RELEASED, dated, once, trimmed, with_application, with_ndc

Frames = Mapping[str, LazyFrame]
_MARK = "\x1f"


def nsde(bronze: Frames) -> dict[str, LazyFrame]:
    """One row for each listing."""
    dates = ("marketing_start_date", "marketing_end_date", "inactivation_date", "reactivation_date")
    texts = ("item_code", "proprietary_name", "dosage_form", "marketing_category", "application_number_or_citation")
    frame = once(bronze["nsde"]).with_columns(
        *[trimmed(name) for name in (*texts, "product_type")],
        billing_unit=trimmed("billing_unit").str.to_uppercase(),
    )
    frame = frame.filter(col("item_code").is_not_null()).rename({"ndc11": "ndc11_source"})
    frame = with_ndc(frame.pipe(dated({name: name for name in dates})), "item_code")
    start, end, inactive, reactivated = map(col, dates)
    unreadable = pl.any_horizontal([col(f"{name}_flag").eq_missing(lit("UNREADABLE")) for name in dates[1:]])
    back = reactivated.is_between(inactive, RELEASED).fill_null(value=False)
    frame = with_application(frame, "application_number_or_citation").with_columns(
        marketing_status=pl.when(start.is_null()).then(lit("UNKNOWN")).when(start > RELEASED).then(lit("NOT_STARTED"))
        .when(end < RELEASED).then(lit("ENDED")).when(unreadable).then(lit("UNKNOWN"))
        .when((inactive <= RELEASED) & ~back).then(lit("INACTIVATED")).otherwise(lit("ACTIVE")),
        ndc11_disagrees=col("ndc11") != trimmed("ndc11_source"),
        product_ndc=col("labeler_code") + "-" + col("product_code"),
    )  # fmt: skip
    return {"nsde": frame.with_columns(is_active=col("marketing_status") == "ACTIVE").sort("item_code")}


def _listed(bronze: Frames, directories: Mapping[str, str]) -> LazyFrame:
    frames = [bronze[name].with_columns(directory=lit(d)) for name, d in directories.items() if name in bronze]
    frame = once(pl.concat(frames, how="diagonal"))
    return frame.with_columns(product_id=trimmed("product_id")).filter(col("product_id").is_not_null())


def _ingredients(products: LazyFrame) -> LazyFrame:
    lists = {"substance_name": "substance_name", "strength_raw": "active_numerator_strength"}
    lists |= {"unit_raw": "active_ingred_unit"}
    key = ("product_id", "product_ndc", "directory", POSITION)
    split = products.filter(pl.coalesce(*[trimmed(name) for name in lists.values()]).is_not_null()).select(
        *key,
        **{s: (";" + col(b)).str.extract_all(p.LIST_ITEM).fill_null([]) for s, b in lists.items()},
    )
    sizes = [col(name).list.len() for name in lists]
    split = split.with_columns(longest=pl.max_horizontal(sizes), shortest=pl.min_horizontal(sizes))
    place = pl.int_ranges(0, col("longest").cast(pl.Int64))
    rows = split.with_columns(place=place).explode("place").select(
        *key,
        ingredient_ordinal=col("place") + 1,
        is_misaligned=col("longest") != col("shortest"),
        **{n: col(n).list.get(col("place"), null_on_oob=True).str.slice(1).str.strip_chars() for n in lists},
    )  # fmt: skip
    unit = {"numerator_unit": 1, "denominator_quantity": 2, "denominator_unit": 3}
    return rows.with_columns(
        strength=col("strength_raw").cast(pl.Decimal(24, 10), strict=False),
        **{name: col("unit_raw").str.extract(p.UNIT, group) for name, group in unit.items()},
    )


def _contents(packages: LazyFrame) -> LazyFrame:
    described = packages.with_columns(package_description=trimmed("package_description"))
    described = described.filter(col("package_description").is_not_null())
    text = col("package_description")
    parts = text.str.replace_all(p.LEVEL_SEPARATOR, _MARK).str.strip_chars(_MARK).str.split(_MARK)
    understood = col("levels").list.eval(pl.element().str.contains(p.LEVEL)).list.all()
    frame = described.with_columns(levels=parts).with_columns(
        content_text=pl.when(understood).then(col("levels")).otherwise(pl.concat_list(text))
    )
    frame = frame.select("product_id", "product_ndc", "ndc_package_code", "directory", POSITION, "content_text")
    frame = frame.explode("content_text").with_columns(
        **{name: col("content_text").str.extract(p.LEVEL, group + 1) for group, name in enumerate(p.LEVEL_FIELDS)}
    )
    numbers = [col(name).cast(pl.Decimal(24, 10), strict=False) for name in ("quantity", "container_quantity")]
    return with_ndc(frame.with_columns(*numbers), "content_ndc")


def cder(bronze: Frames) -> dict[str, LazyFrame]:
    """Products, their ingredients and classes, packages and their contents."""
    products, packages = _listed(bronze, p.PRODUCTS), _listed(bronze, p.PACKAGES)
    packages = packages.with_columns(ndc_package_code=trimmed("ndc_package_code"))
    packages = packages.filter(col("ndc_package_code").is_not_null())
    marketing = {"start_marketing_date": "marketing_start_date", "end_marketing_date": "marketing_end_date"}
    through = "listing_record_certified_through"
    product = products.with_columns(
        pl.col(pl.String).str.strip_chars(),
        routes=col("route_name").str.split(";").list.eval(pl.element().str.strip_chars()),
        labeler_key=col("labeler_name").str.to_lowercase().str.normalize("NFD").str.replace_all("[^a-z0-9]", ""),
        spl_document_id=col("product_id").str.extract("^[^_]*_(.*)$", 1),
    )
    product = product.pipe(dated({**marketing, through: through})).rename({"application_number": "citation"})
    rank = [col("directory").replace_strict(p.DIRECTORY_ORDER), *[col(n) for n in (through, "marketing_start_date")]]
    descending = [False, True, True, False, False]
    product = with_application(product, "citation").sort(
        "product_ndc", *rank, "product_id", POSITION, descending=[False, *descending], nulls_last=True
    )
    product = product.with_columns(listing_rank=pl.int_range(pl.len()).over("product_ndc") + 1)
    classes = products.select(
        "product_id",
        "product_ndc",
        "directory",
        POSITION,
        class_text=col("pharm_classes").str.extract_all(p.CLASS_ITEM),
    )
    classes = classes.explode("class_text").filter(col("class_text").is_not_null()).with_columns(
        class_name=col("class_text").str.extract(r"^(.*[^ ]) *\[", 1),
        class_type=col("class_text").str.extract(r"\[([^\]]*)\][ ,;]*$", 1),
    )  # fmt: skip
    return {
        "cder_product": product.sort("product_id"),
        "cder_product_ingredient": _ingredients(products),
        "cder_product_class": classes,
        "cder_package": with_ndc(packages.pipe(dated(marketing)), "ndc_package_code").sort("product_id"),
        "cder_package_content": _contents(packages),
    }


def _told(frame: LazyFrame) -> LazyFrame:
    return frame.with_columns(
        suppress_meaning=col("suppress").replace_strict(p.SUPPRESS_MEANINGS, default=lit("UNKNOWN")),
        is_prescribable=(col("cvf").cast(pl.Int64, strict=False) & 4096).fill_null(0) != 0,
        srl=col("sab").replace_strict(p.LICENCES, default=None),
    )


def _relations(rows: LazyFrame) -> LazyFrame:
    name = pl.coalesce(trimmed("rela"), trimmed("rel"))
    guessed = name.str.contains(p.INVERSE) & ~name.str.starts_with("has_") & (name != "consists_of")
    frame = _told(rows).with_columns(is_turned=guessed | name.is_in(list(p.TURNED)))
    turned = col("is_turned")
    kept = name.replace_strict(p.TURNED, default="has_" + name.str.replace("_of$", ""))
    ends = {}
    for end in ("rxcui", "rxaui"):
        ends[f"subject_{end}"] = pl.when(turned).then(col(f"{end}1")).otherwise(col(f"{end}2"))
        ends[f"object_{end}"] = pl.when(turned).then(col(f"{end}2")).otherwise(col(f"{end}1"))
    frame = frame.with_columns(relation=pl.when(turned).then(kept).otherwise(name), **ends)
    is_there = (~turned).any().over(*ends, "relation", "sab", "rg", "suppress", "cvf")
    return frame.filter(~(turned & is_there)).drop("rest").sort("rui")


def rxnorm(bronze: Frames) -> dict[str, LazyFrame]:
    """Names, concepts, relations, attributes and NDCs."""
    names = once(bronze["rxnconso"]).filter((col("rxcui") != "") & (col("rxaui") != ""))
    attributes = once(bronze["rxnsat"]).filter(col("atn") != "").drop("rest")
    number = [col(name).cast(pl.Int64, strict=False) for name in ("rxcui", "rxaui")]
    order = [col("sab") != "RXNORM", col("tty").is_in(p.SYNONYMS), col("suppress") != "N", number[1]]
    best = names.sort("rxcui", *order, nulls_last=True).group_by("rxcui", maintain_order=True).agg(
        preferred_name=col("str").first(), tty=col("tty").first(), sab=col("sab").first(), atom_count=pl.len(),
        preferred_rxaui=col("rxaui").first(), sources=col("sab").unique().sort(),
    )  # fmt: skip
    ndcs = _told(with_ndc(attributes.filter(col("atn") == "NDC").with_columns(ndc_raw=trimmed("atv")), "ndc_raw"))
    code = pl.coalesce("ndc12", "ndc_raw").alias("ndc_key")
    ndcs = ndcs.with_columns(code).sort(
        "ndc_key", col("sab") != "RXNORM", col("suppress") != "N", "srl", "sab", *number, nulls_last=True
    )
    several = col("rxcui").n_unique().over("ndc_key") > 1
    ndcs = ndcs.with_columns(ndc_rank=pl.int_range(pl.len()).over("ndc_key") + 1, has_several_rxcui=several)
    return {
        "rxnorm_atom": _told(names).drop("rest").sort("rxaui"),
        "rxnorm_concept": best,
        "rxnorm_relation": _relations(once(bronze["rxnrel"]).filter(col("rui") != "")),
        "rxnorm_attribute": _told(attributes.filter(col("atn") != "NDC")).sort("rxcui"),
        "rxnorm_ndc": ndcs,
    }


SILVER = {"nsde": nsde, "cder": cder, "rxnorm": rxnorm}
"""What makes the tables of a dataset."""
