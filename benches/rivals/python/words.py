"""Counts the words of all files of a folder, on every core, with multiprocessing: words.py FOLDER. The ten most frequent
are printed."""
import multiprocessing as mp
import os
import sys
from collections import Counter


def count(path):
    with open(path) as file:
        return Counter(file.read().split())


def main():
    folder = sys.argv[1]
    paths = [os.path.join(folder, name) for name in os.listdir(folder)]
    total = Counter()
    with mp.get_context("fork").Pool() as pool:
        for seen in pool.imap_unordered(count, paths):
            total.update(seen)
    for word, number in sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))[:10]:
        print(number, word)


if __name__ == "__main__":
    main()
