"""Pack RRF files into an archive with the structure of NLM's archives. The output is reproducible.

Usage: ``python -m domains.rxnorm.samples.pack <folder with RXN*.RRF> <sample>/RxNorm_full_prescribe_MMDDYYYY.zip``
"""

from __future__ import annotations

import argparse
import zipfile
from pathlib import Path

FOLDER = "rrf"
README = """\
A connected piece of RxNorm's Current Prescribable Content, lines as published. Only sources without restriction
(SRL 0: RXNORM, MTHSPL, VANDF).
Source: U.S. National Library of Medicine (NLM), RxNorm. NLM does not endorse this product.
"""


def pack(folder: Path, archive: Path) -> dict[str, int]:
    """Write the archive and return the number of lines by file."""
    day = archive.stem.rsplit("_", 1)[-1]
    found = sorted(path for path in folder.glob("RXN*.RRF") if path.stem.isupper() and path.stem.isalpha())
    files = {f"{FOLDER}/{path.name}": path.read_bytes() for path in found}
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as target:
        for name, body in {f"Readme_Full_Prescribe_{day}.txt": README.encode(), **files}.items():
            member = zipfile.ZipInfo(name, date_time=(int(day[4:]), int(day[:2]), int(day[2:4]), 0, 0, 0))
            member.external_attr = 0o644 << 16
            member.create_system = 3
            target.writestr(member, body, zipfile.ZIP_DEFLATED, 9)
    return {name: body.count(b"\n") for name, body in files.items()}


def main() -> None:
    """Parse the command line and write the archive."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("archive", type=Path)
    options = parser.parse_args()
    print(f"{pack(options.folder, options.archive)} lines in {options.archive}")


if __name__ == "__main__":
    main()
