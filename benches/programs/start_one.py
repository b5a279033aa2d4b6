"""Starts and joins processes, one at a time; the start method is the second argument."""
import multiprocessing as mp
import sys


def nothing():
    pass


if __name__ == "__main__":
    mp.set_start_method(sys.argv[2] if len(sys.argv) > 2 else "fork")
    items = int(sys.argv[1])
    for _ in range(items):
        p = mp.Process(target=nothing)
        p.start()
        p.join()
    print(items)
