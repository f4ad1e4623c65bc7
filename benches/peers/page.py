"""Writes what was measured between the marks of a page: `page.py PAGE MARK < text`."""

import sys


def put(page, mark, text):
    """Replaces what stands between `<!-- MARK -->` and `<!-- end of MARK -->`."""
    with open(page, encoding="utf-8") as file:
        before, begin, rest = file.read().partition(f"<!-- {mark} -->\n")
        _, end, after = rest.partition(f"<!-- end of {mark} -->\n")
    if not (begin and end):
        sys.exit(f"{page} has no marks of {mark}")
    with open(page, "w", encoding="utf-8") as file:
        file.write(f"{before}{begin}\n{text.strip()}\n\n{end}{after}")


if __name__ == "__main__":
    text = sys.stdin.read()
    print(text)
    put(sys.argv[1], sys.argv[2], text)
