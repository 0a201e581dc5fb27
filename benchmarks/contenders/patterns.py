"""Patterns that contenders without lookaround have in common."""

from __future__ import annotations

THREE_SEGMENTS = ("4-4-2", "5-3-2", "5-4-1", "5-4-2", "6-4-2", "6-3-2", "6-4-1")
NDC_SHAPES = (*THREE_SEGMENTS, "4-6", "5-5")
ISBT = r"^[A-NP-Z1-9][A-Z0-9]{4}-?[A-Z][0-9]{4}(?:[A-Za-z0-9]{3})?$"
FILLER = r"^-*(?:0[0-]*|9[9-]*)$"
APPLICATION = r"(?i)^(ANADA|NADA|ANDA|NDA|BLA|BN|BA|IND) ?([0-9]+)$"
MONOGRAPH = r"(?i)^(?:part ?[0-9.]*[A-Z]?(?:, ?(?:part ?)?[0-9.]+[A-Z]?)*|[0-9]{3}(?:\.[0-9]+)?[A-Z]?|M[0-9]{3})$"
DATE_FORMATS = ("%Y%m%d", "%d-%b-%Y", "%d-%b-%y", "%Y-%m-%d")

LIST_ITEM = r";(?:[^;(]|\((?:[^()]|\([^()]*\))*\)|\()*"
"""An item of a list and the semicolon before it, which is none inside parentheses."""
CLASS_ITEM = r".+?\[[A-Za-z/ ]{1,40}\](?:[ ,;]+|$)"
LEVEL_SEPARATOR = r"(?:^| +)\* +| +[>/] +"
LEVEL = r"^([0-9.]+) +(?:([^()>*]*) )?in +([0-9.]+) +([^()>*]*[^()>* ]) *(?:\( *([^()]*[^() ]) *\) *)*$"
LEVEL_FIELDS = ("quantity", "unit", "container_quantity", "container", "content_ndc")
UNIT = r"^([^/]*[^/ ]) */ *([0-9.]*) *([^/0-9.][^/]*)$"

SYNONYMS = ("PSN", "SY", "TMSY", "ET")
LICENCES = {
    **dict.fromkeys(("ATC", "CVX", "DRUGBANK", "MTHCMSFRF", "MTHSPL", "RXNORM", "USP", "VANDF"), 0),
    "MMSL": 1,
    **dict.fromkeys(("GS", "MMX", "NDDF"), 3),
    "SNOMEDCT_US": 9,
}
SUPPRESS_MEANINGS = {"N": "ACTIVE", "O": "OBSOLETE", "Y": "SUPPRESSED_BY_EDITOR", "E": "UNQUANTIFIED"}
TURNED = {
    "constitutes": "consists_of",
    "contained_in": "contains",
    "included_in": "includes",
    "inverse_isa": "isa",
    "mapped_from": "mapped_to",
    "reformulation_of": "reformulated_to",
    "PAR": "CHD",
    "RB": "RN",
}
"""Relations whose other direction is kept under a name that is not ``has_`` and their own."""
INVERSE = r"^.+_of$"
PRODUCTS = {"cder_product": "finished", "cder_excluded_product": "excluded", "cder_unfinished_product": "unfinished"}
PACKAGES = {"cder_package": "finished", "cder_excluded_package": "excluded", "cder_unfinished_package": "unfinished"}
DIRECTORY_ORDER = {"finished": 1, "unfinished": 2, "excluded": 3}
