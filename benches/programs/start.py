"""Starts and joins processes, all at once; the start method is the second argument."""
import multiprocessing as mp
import sys


def nothing():
    pass


if __name__ == "__main__":
    mp.set_start_method(sys.argv[2] if len(sys.argv) > 2 else "fork")
    items = int(sys.argv[1])
    processes = [mp.Process(target=nothing) for _ in range(items)]
    for p in processes:
        p.start()
    for p in processes:
        p.join()
    print(items)
