"""Small ints through one multiprocessing.Queue, from four processes to four others."""
import multiprocessing as mp
import sys


def send(items, q):
    for i in range(items):
        q.put(i)


def take(q, sums):
    total = 0
    while (x := q.get()) is not None:
        total += x
    sums.put(total)


if __name__ == "__main__":
    mp.set_start_method("fork")
    items = int(sys.argv[1]) // 4
    q, sums = mp.Queue(1000), mp.Queue()
    senders = [mp.Process(target=send, args=(items, q)) for _ in range(4)]
    takers = [mp.Process(target=take, args=(q, sums)) for _ in range(4)]
    for p in senders + takers:
        p.start()
    for p in senders:
        p.join()
    for _ in takers:
        q.put(None)
    print(sum(sums.get() for _ in takers))
    for p in takers:
        p.join()
