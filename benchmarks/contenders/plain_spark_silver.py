"""Silver tables of each dataset as one writes them in Spark at first."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from benchmarks.contenders import patterns as p
from benchmarks.contenders.plain_spark_columns import (
    POSITION,
    RELEASED,
    extracted,
    text,
    with_application,
    with_dates,
    with_ndc,
)

Frames = Mapping[str, DataFrame]


def nsde(bronze: Frames) -> dict[str, DataFrame]:
    """One row for each listing."""
    frame = bronze["nsde"].withColumnRenamed("ndc11", "ndc11_source")
    texts = ("item_code", "proprietary_name", "dosage_form", "marketing_category", "product_type", "billing_unit")
    for name in (*texts, "application_number_or_citation"):
        frame = frame.withColumn(name, text(name))
    frame = frame.filter(F.col("item_code").isNotNull())
    dates = ("marketing_start_date", "marketing_end_date", "inactivation_date", "reactivation_date")
    frame = with_dates(frame, {name: name for name in dates})
    frame = with_application(with_ndc(frame, "item_code"), "application_number_or_citation")
    released = F.lit(RELEASED).cast("date")
    start, end, inactive, back = map(F.col, dates)
    status = F.when(start.isNull(), "UNKNOWN").when(start > released, "NOT_STARTED").when(end < released, "ENDED")
    for name in dates[1:]:
        status = status.when(F.col(f"{name}_flag") == "UNREADABLE", "UNKNOWN")
    is_back = F.coalesce(back.between(inactive, released), F.lit(False))
    status = status.when((inactive <= released) & ~is_back, "INACTIVATED").otherwise("ACTIVE")
    frame = frame.withColumn("marketing_status", status)
    frame = frame.withColumn("is_active", F.col("marketing_status") == "ACTIVE")
    frame = frame.withColumn("ndc11_disagrees", F.col("ndc11") != text("ndc11_source"))
    frame = frame.withColumn("product_ndc", F.concat_ws("-", "labeler_code", "product_code"))
    return {"nsde": frame}


def _listed(bronze: Frames, directories: Mapping[str, str]) -> DataFrame:
    there = {name: directory for name, directory in directories.items() if name in bronze}
    first, *others = [bronze[name].withColumn("directory", F.lit(directory)) for name, directory in there.items()]
    for other in others:
        first = first.unionByName(other, allowMissingColumns=True)
    first = first.withColumn("product_id", text("product_id"))
    return first.filter(F.col("product_id").isNotNull())


def _ingredients(products: DataFrame) -> DataFrame:
    lists = {"substance_name": "substance_name", "strength_raw": "active_numerator_strength"}
    lists["unit_raw"] = "active_ingred_unit"
    frame = products.filter(F.coalesce(*[text(name) for name in lists.values()]).isNotNull())
    pattern = F.lit(p.LIST_ITEM)
    for silver, bronze in lists.items():
        found = F.regexp_extract_all(F.concat(F.lit(";"), F.col(bronze).cast("string")), pattern, F.lit(0))
        frame = frame.withColumn(silver, F.coalesce(found, F.array().cast("array<string>")))
    sizes = [F.size(name) for name in lists]
    frame = frame.withColumn("is_misaligned", F.greatest(*sizes) != F.least(*sizes))
    key = ("product_id", "product_ndc", "directory", POSITION, "is_misaligned")
    frame = frame.select(*key, F.posexplode(F.arrays_zip(*lists)))
    frame = frame.withColumn("ingredient_ordinal", F.col("pos") + 1)
    for name in lists:
        frame = frame.withColumn(name, F.trim(F.substring(F.col(f"col.{name}"), 2, 10_000)))
    frame = frame.withColumn("strength", F.col("strength_raw").cast("decimal(24,10)"))
    for group, name in enumerate(("numerator_unit", "denominator_quantity", "denominator_unit"), start=1):
        frame = frame.withColumn(name, extracted("unit_raw", p.UNIT, group))
    return frame.drop("pos", "col")


def _contents(packages: DataFrame) -> DataFrame:
    described = packages.withColumn("package_description", text("package_description"))
    description = F.col("package_description")
    parts = F.filter(F.split(description, p.LEVEL_SEPARATOR), lambda part: part != "")
    understood = F.forall(F.col("levels"), lambda part: part.rlike(p.LEVEL))
    frame = described.filter(description.isNotNull()).withColumn("levels", parts)
    levels = F.when(understood, F.col("levels")).otherwise(F.array(description))
    key = ("product_id", "product_ndc", "ndc_package_code", "directory", POSITION)
    frame = frame.select(*key, F.explode(levels).alias("content_text"))
    for group, name in enumerate(p.LEVEL_FIELDS, start=1):
        frame = frame.withColumn(name, extracted("content_text", p.LEVEL, group))
    for name in ("quantity", "container_quantity"):
        frame = frame.withColumn(name, F.col(name).cast("decimal(24,10)"))
    return with_ndc(frame, "content_ndc")


def cder(bronze: Frames) -> dict[str, DataFrame]:
    """Products, their ingredients and classes, packages and their contents."""
    products, packages = _listed(bronze, p.PRODUCTS), _listed(bronze, p.PACKAGES)
    packages = packages.withColumn("ndc_package_code", text("ndc_package_code"))
    packages = packages.filter(F.col("ndc_package_code").isNotNull())
    marketing = {"start_marketing_date": "marketing_start_date", "end_marketing_date": "marketing_end_date"}
    through = "listing_record_certified_through"
    product = with_dates(products.withColumnRenamed("application_number", "citation"), {**marketing, through: through})
    product = with_application(product, "citation").withColumn("routes", F.split("route_name", " *; *"))
    plain = F.translate(F.lower("labeler_name"), "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿšž", "aaaaaaceeeeiiiinoooooouuuuyysz")
    product = product.withColumn("labeler_key", F.regexp_replace(plain, "[^a-z0-9]", ""))
    product = product.withColumn("spl_document_id", extracted("product_id", "^[^_]*_(.*)$", 1))
    order = [F.when(F.col("directory") == "finished", 1).when(F.col("directory") == "unfinished", 2).otherwise(3)]
    order += [F.desc_nulls_last(through), F.desc_nulls_last("marketing_start_date"), F.col("product_id")]
    rank = F.row_number().over(Window.partitionBy("product_ndc").orderBy(*order, POSITION))
    found = F.regexp_extract_all("pharm_classes", F.lit(p.CLASS_ITEM), F.lit(0))
    classes = products.select("product_id", "product_ndc", "directory", POSITION, F.explode(found).alias("class_text"))
    classes = classes.withColumn("class_name", extracted("class_text", r"^(.*[^ ]) *\[", 1))
    classes = classes.withColumn("class_type", extracted("class_text", r"\[([^\]]*)\][ ,;]*$", 1))
    return {
        "cder_product": product.withColumn("listing_rank", rank),
        "cder_product_ingredient": _ingredients(products),
        "cder_product_class": classes,
        "cder_package": with_ndc(with_dates(packages, marketing), "ndc_package_code"),
        "cder_package_content": _contents(packages),
    }


def _told(frame: DataFrame) -> DataFrame:
    meaning = F.lit(None).cast("string")
    for flag, word in p.SUPPRESS_MEANINGS.items():
        meaning = F.when(F.col("suppress") == flag, word).otherwise(meaning)
    level = F.lit(None).cast("int")
    for source, number in p.LICENCES.items():
        level = F.when(F.col("sab") == source, number).otherwise(level)
    view = F.coalesce(F.col("cvf").cast("bigint"), F.lit(0)).bitwiseAND(4096)
    frame = frame.withColumn("suppress_meaning", meaning).withColumn("srl", level)
    return frame.withColumn("is_prescribable", view != 0)


def _relations(rows: DataFrame) -> DataFrame:
    frame = rows.withColumn("name", F.coalesce(text("rela"), text("rel")))
    name, turned = F.col("name"), F.col("is_turned")
    guessed = name.endswith("_of") & ~name.startswith("has_") & (name != "consists_of")
    frame = frame.withColumn("is_turned", guessed | name.isin(*p.TURNED))
    kept = F.concat(F.lit("has_"), F.regexp_replace("name", "_of$", ""))
    for inverse, direct in p.TURNED.items():
        kept = F.when(name == inverse, direct).otherwise(kept)
    frame = frame.withColumn("relation", F.when(turned, kept).otherwise(name))
    ends = []
    for end in ("rxcui", "rxaui"):
        for place, there, back in (("subject", 2, 1), ("object", 1, 2)):
            value = F.when(turned, F.col(f"{end}{back}")).otherwise(F.col(f"{end}{there}"))
            frame = frame.withColumn(f"{place}_{end}", value)
            ends.append(f"{place}_{end}")
    fact = Window.partitionBy(*ends, "relation", "sab", "rg", "suppress", "cvf")
    frame = frame.withColumn("is_there", F.max(~turned).over(fact))
    return _told(frame.filter(~(turned & F.col("is_there"))).drop("rest", "name", "is_there"))


def rxnorm(bronze: Frames) -> dict[str, DataFrame]:
    """Names, concepts, relations, attributes and NDCs."""
    names = bronze["rxnconso"].filter(text("rxcui").isNotNull() & text("rxaui").isNotNull())
    attributes = bronze["rxnsat"].filter(text("atn").isNotNull())
    order = [F.col("sab") != "RXNORM", F.col("tty").isin(*p.SYNONYMS), F.col("suppress") != "N", F.col("rxaui")]
    best = names.withColumn("place", F.row_number().over(Window.partitionBy("rxcui").orderBy(*order)))
    best = best.filter("place = 1").select("rxcui", F.col("str").alias("preferred_name"), "tty", "sab", "rxaui")
    sources = F.sort_array(F.collect_set("sab")).alias("sources")
    counted = names.groupBy("rxcui").agg(sources, F.count("*").alias("atom_count"))
    ndcs = with_ndc(attributes.filter("atn = 'NDC'").withColumn("ndc_raw", text("atv")), "ndc_raw")
    code = Window.partitionBy(F.coalesce("ndc12", "ndc_raw"))
    order = [F.col("sab") != "RXNORM", F.col("suppress") != "N", F.col("srl").asc_nulls_last(), F.col("sab")]
    ranked = _told(ndcs).withColumn("ndc_rank", F.row_number().over(code.orderBy(*order, "rxcui", "rxaui")))
    several = F.min("rxcui").over(code) != F.max("rxcui").over(code)
    return {
        "rxnorm_atom": _told(names).drop("rest"),
        "rxnorm_concept": best.join(counted, "rxcui"),
        "rxnorm_relation": _relations(bronze["rxnrel"].filter(text("rui").isNotNull())),
        "rxnorm_attribute": _told(attributes.filter("atn <> 'NDC'")).drop("rest"),
        "rxnorm_ndc": ranked.withColumn("has_several_rxcui", several).drop("rest"),
    }


SILVER = {"nsde": nsde, "cder": cder, "rxnorm": rxnorm}
"""What makes the tables of a dataset."""
