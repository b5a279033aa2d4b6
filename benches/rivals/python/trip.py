"""A number there and back over two queues of multiprocessing: trip.py KIND TRIPS. RESULT is the median in microseconds.

KIND: Queue, SimpleQueue, Pipe.
"""
import multiprocessing as mp
import sys
import time

CONTEXT = mp.get_context("fork")


def echo(get, put):
    while (x := get()) is not None:
        put(x)


def main():
    kind, trips = sys.argv[1], int(sys.argv[2])
    if kind == "Pipe":
        here, there = CONTEXT.Pipe()
        get, put, their_get, their_put = here.recv, here.send, there.recv, there.send
    else:
        a, b = (CONTEXT.Queue(1000), CONTEXT.Queue(1000)) if kind == "Queue" else (CONTEXT.SimpleQueue(), CONTEXT.SimpleQueue())
        get, put, their_get, their_put = b.get, a.put, a.get, b.put
    other = CONTEXT.Process(target=echo, args=(their_get, their_put))
    other.start()
    times = []
    for i in range(trips):
        begin = time.perf_counter()
        put(i)
        assert get() == i
        times.append(time.perf_counter() - begin)
    put(None)
    other.join()
    times.sort()
    print("RESULT", times[trips // 2] * 1e6)


if __name__ == "__main__":
    main()
