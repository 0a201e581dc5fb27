"""Transforms of the CDER silver tables."""

from __future__ import annotations

from _shared.glue_lib.silver.transform import SilverTransform
from domains.cder import classes, ingredients, package_contents, packages
from domains.cder.products import products
from domains.cder.rows import PACKAGES, PRODUCTS, missing_product_id

_PRODUCTS, _PACKAGES = tuple(PRODUCTS), tuple(PACKAGES)

TRANSFORMS = (
    SilverTransform("cder_product", _PRODUCTS, products, rejection=missing_product_id),
    SilverTransform(
        "cder_product_ingredient",
        _PRODUCTS,
        ingredients.ingredients,
        rejection=missing_product_id,
        left_out=ingredients.left_out,
        expected=ingredients.expected,
    ),
    SilverTransform(
        "cder_product_class",
        _PRODUCTS,
        classes.classes,
        rejection=missing_product_id,
        left_out=classes.left_out,
        expected=classes.expected,
    ),
    SilverTransform("cder_package", _PACKAGES, packages.packages, rejection=packages.rejection),
    SilverTransform(
        "cder_package_content",
        _PACKAGES,
        package_contents.package_contents,
        rejection=packages.rejection,
        left_out=package_contents.left_out,
        expected=package_contents.expected,
    ),
)
