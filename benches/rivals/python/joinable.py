"""Trivial tasks to four workers over a multiprocessing.JoinableQueue: joinable.py ITEMS. RESULT is tasks a second."""
import multiprocessing as mp
import sys
import time

CONTEXT = mp.get_context("fork")


def work(tasks):
    while True:
        tasks.get()
        tasks.task_done()


def main():
    items = int(sys.argv[1])
    tasks = CONTEXT.JoinableQueue(1000)
    begin = time.monotonic()
    for _ in range(4):
        CONTEXT.Process(target=work, args=(tasks,), daemon=True).start()
    for i in range(items):
        tasks.put(i)
    tasks.join()
    print("RESULT", items / (time.monotonic() - begin))


if __name__ == "__main__":
    main()
