"""Trivial tasks to four workers over a multiprocessing.JoinableQueue."""
import multiprocessing as mp
import sys


def work(tasks):
    while True:
        tasks.get()
        tasks.task_done()


if __name__ == "__main__":
    mp.set_start_method("fork")
    items = int(sys.argv[1])
    tasks = mp.JoinableQueue(1000)
    for _ in range(4):
        mp.Process(target=work, args=(tasks,), daemon=True).start()
    for i in range(items):
        tasks.put(i)
    tasks.join()
    print(items)
