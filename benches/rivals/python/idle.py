"""Private memory of a process that waits for a multiprocessing.Queue: idle.py METHOD PROCESSES. RESULT in KiB, the median."""
import multiprocessing as mp
import re
import sys


def wait(q, ready):
    ready.release()
    q.get()


def private(pid):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return sum(int(size) for size in re.findall(r"Private_\w+: +(\d+) kB", file.read()))


def main():
    context, count = mp.get_context(sys.argv[1]), int(sys.argv[2])
    q, ready = context.Queue(), context.Semaphore(0)
    processes = [context.Process(target=wait, args=(q, ready)) for _ in range(count)]
    for p in processes:
        p.start()
    for _ in processes:
        ready.acquire()
    print("RESULT", sorted(private(p.pid) for p in processes)[count // 2])
    for _ in processes:
        q.put(None)
    for p in processes:
        p.join()


if __name__ == "__main__":
    main()
