# /// script
# requires-python = ">=3.11"
# dependencies = ["polars==2.1.0", "scikit-learn==1.9.1"]
# ///
"""Writes digits.parquet beside this file, from the copy of the data in the package scikit-learn.

    pip install polars==2.1.0 scikit-learn==1.9.1
    python specs/data/make_digits.py

or, without installing anything into an environment of one's own, `uv run specs/data/make_digits.py`. Equal versions give
equal bytes; others give the same numbers, perhaps in other bytes.
"""

import gzip
import importlib.util
from pathlib import Path

import polars as pl

PIXELS = 64
SAMPLES = 1797
LARGEST_PIXEL = 16
CLASSES = 10


def rows() -> list[list[int]]:
    """A row for each image: its pixels, row by row, and its label. The package is found, not imported."""
    package = importlib.util.find_spec("sklearn")
    if package is None or not package.submodule_search_locations:
        raise SystemExit("scikit-learn is not installed: pip install scikit-learn==1.9.1")
    source = Path(package.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz"
    with gzip.open(source, "rt", encoding="ascii") as lines:
        return [[int(float(number)) for number in line.split(",")] for line in lines]


def main() -> None:
    table = rows()
    assert len(table) == SAMPLES and all(len(row) == PIXELS + 1 for row in table)
    assert all(0 <= pixel <= LARGEST_PIXEL for row in table for pixel in row[:PIXELS])
    assert {row[PIXELS] for row in table} == set(range(CLASSES))
    names = [f"pixel_{i}" for i in range(PIXELS)] + ["label"]
    columns = dict(zip(names, zip(*table, strict=True), strict=True))
    frame = pl.DataFrame(columns, schema={name: pl.UInt8 for name in names})
    target = Path(__file__).with_name("digits.parquet")
    frame.write_parquet(target, compression="zstd", compression_level=19, statistics=False)
    print(f"{target.name}: {SAMPLES} images, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
