"""Count words in all files of a folder: each file is counted by a worker (map), main adds the counts up (reduce)."""
import multiprocessing as mp
import os
import sys
from collections import Counter

FOLDER = sys.argv[1] if len(sys.argv) > 1 else "scripts/data/tales"
TOP = 5


def count_words(path):
    seen = Counter()
    with open(path) as file:
        for line in file:
            seen.update(line.split())
    return seen


def main():
    mp.set_start_method("fork")
    paths = [os.path.join(FOLDER, name) for name in sorted(os.listdir(FOLDER))]
    total = Counter()
    with mp.Pool() as pool:
        for seen in pool.imap_unordered(count_words, paths):
            total.update(seen)
    # The most frequent first, those that are equally frequent by the alphabet.
    for word, count in sorted(total.items(), key=lambda entry: (-entry[1], entry[0]))[:TOP]:
        print(f"{count} {word}")


if __name__ == "__main__":
    main()
