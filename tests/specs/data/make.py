"""Writes the data of the tests, twelve samples of three features in three classes, and what is broken. Needs polars 2.1."""

import polars

ROWS = [
    (0, 9, 1, 0), (9, 2, 3, 1), (4, 5, 9, 2), (1, 8, 0, 0), (8, 1, 2, 1), (3, 6, 8, 2),
    (2, 9, 2, 0), (9, 0, 4, 1), (5, 4, 7, 2), (0, 7, 1, 0), (7, 3, 3, 1), (4, 6, 9, 2),
]
NAMES = "abc"
HEADER = "a,b,c,label\n"


def write(name, content):
    with open(name, "wb") as file:
        file.write(content)


def idx(kind, sizes, content):
    return bytes([0, 0, 8, kind]) + b"".join(size.to_bytes(4, "big") for size in sizes) + bytes(content)


columns = {name: [row[i] for row in ROWS] for i, name in enumerate(NAMES)} | {"label": [row[3] for row in ROWS]}
polars.DataFrame(columns).write_parquet("twelve.parquet", compression="uncompressed")
write("twelve.csv", (HEADER + "".join(",".join(map(str, row)) + "\n" for row in ROWS)).encode())
images = idx(3, (12, 1, 3), (pixel for row in ROWS for pixel in row[:3]))
write("twelve-images.idx", images)
write("twelve-labels.idx", idx(1, (12,), (row[3] for row in ROWS)))
write("cut-images.idx", images[:-5])
write("eleven-labels.idx", idx(1, (11,), (row[3] for row in ROWS[:11])))
write("ragged.csv", (HEADER + "0,9,1,0\n9,2,1\n").encode())
write("words.csv", (HEADER + "0,9,1,0\n9,two,3,1\n").encode())
