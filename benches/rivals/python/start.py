"""Starts and joins processes that do nothing: start.py METHOD one|all PROCESSES. RESULT is microseconds for each.

`one` after the other, or `all` started and then all joined. One was started before the clock is, so that the server of
`forkserver` is up.
"""
import multiprocessing as mp
import sys
import time


def nothing():
    pass


def main():
    method, order, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    context = mp.get_context(method)
    first = context.Process(target=nothing)
    first.start()
    first.join()
    begin = time.monotonic()
    step = 1 if order == "one" else count
    for _ in range(0, count, step):
        processes = [context.Process(target=nothing) for _ in range(step)]
        for p in processes:
            p.start()
        for p in processes:
            p.join()
            assert p.exitcode == 0
    print("RESULT", (time.monotonic() - begin) / count * 1e6)


if __name__ == "__main__":
    main()
