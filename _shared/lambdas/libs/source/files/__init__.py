"""Unpack downloaded files into raw: check archives, select members, detect encodings."""
