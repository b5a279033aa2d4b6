"""What was asked of a web server, from its logs: plain files, or packed by gzip."""
import glob
import gzip
import itertools
import multiprocessing as mp
import re
import sys
from collections import Counter

PATTERN = sys.argv[1] if len(sys.argv) > 1 else "scripts/data/logs/*"
READERS = 2
REQUEST = re.compile(r'"(?P<method>[A-Z]+) (?P<path>[^ ?]+)\S* HTTP/[\d.]+" (?P<status>\d+) (?P<bytes>\d+)$')
ADDRESS = re.compile(r"^\S+")


def lines_of(path):
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rt") if packed else open(path) as file:
        for line in file:
            yield line.rstrip("\n")


def read(path):
    seen = {"lines": 0, "strange": 0, "bytes": 0, "paths": Counter(), "statuses": Counter(), "clients": set()}
    for line in lines_of(path):
        seen["lines"] += 1
        parts = REQUEST.search(line)
        if parts is None:
            seen["strange"] += 1
            continue
        seen["bytes"] += int(parts["bytes"])
        seen["paths"][parts["path"]] += 1
        seen["statuses"][parts["status"]] += 1
        seen["clients"].add(ADDRESS.search(line)[0])
    print(f"{path}: {seen['lines']} lines", file=sys.stderr)
    return seen


def main():
    mp.set_start_method("fork")
    with mp.Pool(READERS) as pool:
        summaries = pool.map(read, sorted(glob.glob(PATTERN)), chunksize=1)
    lines, strange, size = (sum(seen[key] for seen in summaries) for key in ("lines", "strange", "bytes"))
    print(f"{lines} lines in {len(summaries)} files, {strange} strange, {size} bytes")
    clients = set(itertools.chain.from_iterable(seen["clients"] for seen in summaries))
    print(f"{len(clients)} clients")
    for key in ("statuses", "paths"):
        total = sum((seen[key] for seen in summaries), Counter())
        print(f"{key}:")
        for what, count in sorted(total.items(), key=lambda entry: (-entry[1], entry[0]))[:5]:
            print(f"  {count} {what}")


if __name__ == "__main__":
    main()
