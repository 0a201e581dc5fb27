"""Silver tables as Polars expressions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import polars as pl
from polars import Expr, LazyFrame, col, lit

from benchmarks.contenders import patterns as p

RELEASED = dt.date(2019, 4, 29)
POSITION = "meta_row_position"
Frames = Mapping[str, LazyFrame]
_MARK = "\x1f"


def trimmed(name: str) -> Expr:
    """Text without blanks at its ends, null where nothing is left."""
    text = col(name).str.strip_chars()
    return pl.when(text != "").then(text)


def dated(columns: Mapping[str, str]) -> Callable[[LazyFrame], LazyFrame]:
    """Add the date and the flag of text columns, by the names that they get."""

    def added(frame: LazyFrame) -> LazyFrame:
        raw = {f"{silver}_raw": col(bronze) for bronze, silver in columns.items()}
        frame = frame.with_columns(**raw)
        frame = frame.with_columns(
            **{
                silver: pl.coalesce(
                    *[col(f"{silver}_raw").str.strip_chars().str.to_date(f, strict=False) for f in p.DATE_FORMATS]
                )
                for silver in columns.values()
            }
        )
        return frame.with_columns(**{f"{silver}_flag": _flag(silver) for silver in columns.values()})

    return added


def _flag(name: str) -> Expr:
    value, latest = col(name), RELEASED.year + 20
    flag = pl.when(value.is_null() & trimmed(f"{name}_raw").is_not_null()).then(lit("UNREADABLE"))
    flag = flag.when(~value.dt.year().is_between(1900, latest)).then(lit("IMPLAUSIBLE"))
    is_start = name == "marketing_start_date"
    return flag.when(value == dt.date(1900, 1, 1)).then(lit("UNKNOWN_START")) if is_start else flag.otherwise(None)


def with_ndc(frame: LazyFrame, code: str) -> LazyFrame:
    """Add shape, segments, both forms and the reason of a drug code."""
    parts, shape, twelve = col("ndc_parts"), col("ndc_format"), col("ndc12")
    lengths = parts.list.eval(pl.element().str.len_chars().cast(pl.String)).list.join("-")
    bare = lengths.is_in(["10", "11", "12"])
    known = pl.when(lengths.is_in(p.NDC_SHAPES)).then(lengths).when(bare).then("BARE_" + lengths).otherwise(lit("OTHER"))
    frame = frame.with_columns(ndc_parts=col(code).str.split("-")).with_columns(
        ndc_format=pl.when(col(code).is_null()).then(lit("EMPTY"))
        .when(col(code).str.contains(r"^[0-9-]+$")).then(known)
        .when(col(code).str.contains(p.ISBT)).then(lit("ISBT")).otherwise(lit("OTHER"))
    )  # fmt: skip
    three, filler = shape.str.len_chars() == 5, col(code).str.contains(p.FILLER)
    names = ("labeler_code", "product_code", "package_code")
    segments = {n: pl.when(three).then(parts.list.get(i, null_on_oob=True)) for i, n in enumerate(names)}
    padded = pl.concat_str([col(name).str.pad_start(w, "0") for name, w in zip(names, (6, 4, 2), strict=True)])
    eleven = twelve.str.starts_with("0") & ~shape.is_in(["6-3-2", "6-4-1"])
    frame = frame.with_columns(**segments).with_columns(
        ndc12=pl.when(~filler & three).then(padded)
        .when(~filler & shape.is_in(["BARE_11", "BARE_12"])).then(col(code).str.pad_start(12, "0"))
    )  # fmt: skip
    return frame.with_columns(
        ndc11=pl.when(eleven).then(twelve.str.slice(1)),
        ndc_status_reason=pl.when(eleven).then(lit("OK")).when(twelve.is_not_null()).then(lit("NO_HIPAA_FORM"))
        .when(filler.fill_null(value=True)).then(lit("INVALID")).when(shape == "BARE_10").then(lit("AMBIGUOUS_10"))
        .when(shape.is_in(["4-6", "5-5"])).then(lit("NHRIC_2SEG"))
        .when(shape == "ISBT").then(lit("ISBT")).otherwise(lit("INVALID")),
    ).drop("ndc_parts")  # fmt: skip


def with_application(frame: LazyFrame, citation: str) -> LazyFrame:
    """Add kind and number of an application or a monograph."""
    text = col(citation)
    kind = text.str.extract(p.APPLICATION, 1).str.to_uppercase()
    frame = frame.with_columns(
        application_type=pl.when(text.is_null() | (text.str.to_uppercase() == "NOT_SPECIFIED")).then(None)
        .when(kind.is_not_null()).then(kind).when(text.str.contains(p.MONOGRAPH)).then(lit("MONOGRAPH"))
        .otherwise(lit("OTHER"))
    )  # fmt: skip
    number = pl.when(col("application_type") == "MONOGRAPH").then(text.str.replace_all(r"(?i)part ?", ""))
    return frame.with_columns(application_number=number.otherwise(text.str.extract(p.APPLICATION, 2)))


def once(frame: LazyFrame) -> LazyFrame:
    """Keep the first of rows that are equal."""
    names = [name for name in frame.collect_schema().names() if name != POSITION]
    return frame.group_by(names).agg(col(POSITION).min())


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
        "product_id", "product_ndc", "directory", POSITION, class_text=col("pharm_classes").str.extract_all(p.CLASS_ITEM)
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
