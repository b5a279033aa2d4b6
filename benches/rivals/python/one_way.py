"""How long an item is on its way at low load, one each millisecond: one_way.py KIND PERCENTILE ITEMS. RESULT in
microseconds. KIND: Queue, SimpleQueue."""
import multiprocessing as mp
import sys
import time

CONTEXT = mp.get_context("fork")


def take(q, result):
    times = []
    while (sent := q.get()) is not None:
        times.append(time.time() - sent)
    result.put(sorted(times))


def main():
    kind, percentile, items = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    q = CONTEXT.Queue(1000) if kind == "Queue" else CONTEXT.SimpleQueue()
    result = CONTEXT.Queue()
    other = CONTEXT.Process(target=take, args=(q, result))
    other.start()
    for _ in range(items):
        q.put(time.time())
        time.sleep(0.001)
    q.put(None)
    times = result.get()
    other.join()
    assert len(times) == items
    print("RESULT", times[items * percentile // 100] * 1e6)


if __name__ == "__main__":
    main()
