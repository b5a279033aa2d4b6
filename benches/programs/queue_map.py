"""Small maps through one multiprocessing.Queue, from one process to another."""
import multiprocessing as mp
import sys


def send(items, q):
    for i in range(items):
        q.put({"id": i, "name": "item", "ok": True, "score": 0.5})
    q.put(None)


def take(q):
    total = 0
    while (x := q.get()) is not None:
        total += x["id"]
    print(total)


if __name__ == "__main__":
    mp.set_start_method("fork")
    items = int(sys.argv[1])
    q = mp.Queue(1000)
    processes = [mp.Process(target=send, args=(items, q)), mp.Process(target=take, args=(q,))]
    for p in processes:
        p.start()
    for p in processes:
        p.join()
