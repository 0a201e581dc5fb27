"""Cut a small sample out of an NDC Directory archive. Lines stay unchanged; the output is reproducible.

Usage: ``python -m domains.cder.samples.cut <whole>.zip <sample>.zip [--rows 1500]``, for ``ndctext.zip`` and
``ndc_unfinished.zip``. The product file and the package file are found by their names.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

PER_SHAPE = 8
"""Number of products to keep of each rare shape."""
EVERYDAY = 20_000
"""A shape with at least this number of products is not rare; a random part of the products also contains it."""
ENCODING = "cp1252"
LINE_END = b"\r\n"

KNOWN = ("Reddy\u2019s", "NDA0123456", "30310209", "(ENZYMATIC; 2000 MW)", "42606-004", "53209-2000")
"""Texts that are easily parsed incorrectly; each is a shape."""

_COMMA_IN_CLASS = re.compile(r"(?:^|\],)[^\[\]]*,[^\[\]]*\[")

Fields = Mapping[str, str]


class Table:
    """The lines of one file, with access to their fields by header."""

    def __init__(self, content: bytes) -> None:
        header, *self.lines = content.removesuffix(LINE_END).split(LINE_END)
        self.header = header
        self.names = header.decode(ENCODING).split("\t")

    def fields(self, line: bytes) -> Fields:
        """Return the fields of a line by header."""
        return dict(zip(self.names, line.decode(ENCODING, "replace").split("\t"), strict=True))


def shapes(product: Fields, packages: Sequence[Fields], repeated: Counter[str]) -> list[str]:
    """Names of the special properties of a product and its packages."""
    lists = [product.get(name, "").count("; ") for name in ("SUBSTANCENAME", "ACTIVE_NUMERATOR_STRENGTH")]
    named = ("PRODUCTTYPENAME", "MARKETINGCATEGORYNAME", "DEASCHEDULE", "NDC_EXCLUDE_FLAG")
    application = re.sub(r"\d+", "9", product.get("APPLICATIONNUMBER", ""))
    descriptions = [package["PACKAGEDESCRIPTION"] for package in packages]
    codes = Counter(package["NDCPACKAGECODE"] for package in packages)
    tests = {
        "comma in a class": bool(_COMMA_IN_CLASS.search(product.get("PHARM_CLASSES", ""))),
        "lists of unequal length": lists[0] != lists[1],
        "semicolon in parentheses": bool(re.search(r"\([^)]*;", product["SUBSTANCENAME"])),
        "several substances": lists[0] > 0,
        "several routes": "; " in product.get("ROUTENAME", ""),
        "not ASCII": not "".join(product.values()).isascii(),
        "quote": '"' in "".join(product.values()),
        "no start": not product["STARTMARKETINGDATE"],
        "unknown start": product["STARTMARKETINGDATE"] == "19000101",
        "end far away": product["ENDMARKETINGDATE"] > "2100",
        "other date": bool(re.search(r"[A-Za-z]", product["STARTMARKETINGDATE"])),
        "repeated product code": repeated[product["PRODUCTNDC"]] > 1,
        "no package": not packages,
        "package code repeated": any(times > 1 for times in codes.values()),
        "code without hyphens": any("-" not in code for code in codes),
        "parts": any("*" in text for text in descriptions),
        "kit": any("KIT" in text for text in descriptions),
        "several levels": any(text.count(">") > 1 for text in descriptions),
        "slash": any("/ " in text for text in descriptions),
        "sample": any(package.get("SAMPLE_PACKAGE") == "Y" for package in packages),
    }
    return [
        *(f"{name} {product.get(name)}" for name in named),
        f"application {application}",
        *(text for text in KNOWN if any(text in field for field in product.values())),
        *(name for name, special in tests.items() if special),
    ]


def choose(products: Table, packages: Table, wanted: int) -> set[str]:
    """Return the ids of products with each rare shape, and of a pseudo-random part of the others."""
    packed: dict[str, list[Fields]] = defaultdict(list)
    for line in packages.lines:
        package = packages.fields(line)
        packed[package["PRODUCTID"]].append(package)
    rows = [products.fields(line) for line in products.lines]
    repeated = Counter(row["PRODUCTNDC"] for row in rows)
    found = {row["PRODUCTID"]: shapes(row, packed[row["PRODUCTID"]], repeated) for row in rows}
    common = Counter(shape for names in found.values() for shape in names)
    seen: Counter[str] = Counter()
    chosen: dict[str, None] = {}
    for product, names in found.items():
        rare = [name for name in names if common[name] < EVERYDAY and seen[name] < PER_SHAPE]
        if rare:
            chosen[product] = None
            seen.update(rare)
    _with_twins(chosen, rows)
    rest = sorted((product for product in found if product not in chosen), key=_share)
    return {*chosen, *rest[: max(0, wanted - len(chosen))]}


def _with_twins(chosen: dict[str, None], rows: Iterable[Fields]) -> None:
    """Add the products with the same code as a chosen one, for the choice of the current listing."""
    codes = {product.split("_")[0] for product in chosen}
    chosen.update((row["PRODUCTID"], None) for row in rows if row["PRODUCTNDC"] in codes)


def _share(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def cut(whole: Path, sample: Path, wanted: int) -> dict[str, int]:
    """Write the sample and return the number of rows by file."""
    with zipfile.ZipFile(whole) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    product_file, package_file = (next(n for n in content if word in n.lower()) for word in ("product", "package"))
    tables = {name: Table(content[name]) for name in (product_file, package_file)}
    ids = choose(tables[product_file], tables[package_file], wanted)
    kept = {
        name: [line for line in table.lines if table.fields(line)["PRODUCTID"] in ids] for name, table in tables.items()
    }
    sample.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(sample, "w") as archive:
        for name, lines in kept.items():
            member = zipfile.ZipInfo(name, date_time=(2019, 4, 29, 0, 0, 0))
            member.external_attr = 0o644 << 16
            member.create_system = 3
            body = LINE_END.join([tables[name].header, *lines, b""])
            archive.writestr(member, body, zipfile.ZIP_DEFLATED, 9)
    return {name: len(lines) for name, lines in kept.items()}


def main() -> None:
    """Parse the command line and write the sample."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("whole", type=Path)
    parser.add_argument("sample", type=Path)
    parser.add_argument("--rows", type=int, default=1500, help="products, beside those that a rare shape brings")
    options = parser.parse_args()
    print(f"{cut(options.whole, options.sample, options.rows)} rows in {options.sample}")


if __name__ == "__main__":
    main()
