"""Trivial calls by multiprocessing.Pool.map: pool.py CHUNK CALLS, on every core. RESULT is calls a second.

A chunk of 0 is the pool's own choice. The pool is up before the clock is started.
"""
import multiprocessing as mp
import sys
import time


def increment(x):
    return x + 1


def main():
    chunk, calls = int(sys.argv[1]), int(sys.argv[2])
    with mp.get_context("fork").Pool() as pool:
        pool.map(increment, range(4))
        begin = time.monotonic()
        results = pool.map(increment, range(calls), chunk or None)
        seconds = time.monotonic() - begin
    assert sum(results) == calls * (calls + 1) // 2
    print("RESULT", calls / seconds)


if __name__ == "__main__":
    main()
