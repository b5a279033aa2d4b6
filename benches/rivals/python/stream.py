"""Items through one queue of multiprocessing, or of faster-fifo: stream.py KIND PAYLOAD PRODUCERS CONSUMERS ITEMS.

KIND: Queue, SimpleQueue, faster-fifo, faster-fifo-many. PAYLOAD: int, map, text100, bytes4096, bytes1048576, each the
same object again and again, so that no making of items is timed. The last line is RESULT and items a second, from the first
put to the last get.
"""
import multiprocessing as mp
import queue
import sys
import time

CONTEXT = mp.get_context("fork")
BATCH = 100


def sizes(payload):
    """The item, or None for the number itself; what an item weighs; its bytes, about."""
    if payload == "int":
        return None, (lambda x: x), 16
    if payload == "map":
        return {"id": 1, "name": "item", "ok": True, "score": 0.5}, (lambda x: x["id"]), 60
    size = int(payload.removeprefix("text").removeprefix("bytes"))
    return ("x" * size if payload.startswith("text") else bytes(size)), len, size + 40


def opened(kind, size):
    capacity = 16 if size > 100_000 else 1000
    if kind.startswith("faster-fifo"):
        import faster_fifo
        import faster_fifo_reduction  # noqa: F401
        return faster_fifo.Queue(max_size_bytes=capacity * (size + 64))
    return CONTEXT.Queue(capacity) if kind == "Queue" else CONTEXT.SimpleQueue()


def insist(call, *arguments, **options):
    """Calls of faster-fifo always have a time limit."""
    while True:
        try:
            return call(*arguments, timeout=10.0, **options)
        except (queue.Full, queue.Empty):
            pass


def put_all(kind, q, items):
    if kind == "faster-fifo-many":
        items = list(items)
        for start in range(0, len(items), BATCH):
            insist(q.put_many, items[start:start + BATCH])
    elif kind == "faster-fifo":
        for x in items:
            insist(q.put, x)
    else:
        put = q.put
        for x in items:
            put(x)


def taken(kind, q):
    """All items up to the first None."""
    if kind == "faster-fifo-many":
        ended = False
        while not ended:
            for x in insist(q.get_many, max_messages_to_get=BATCH):
                if x is not None:
                    yield x
                elif ended:
                    q.put(None)
                ended = ended or x is None
    else:
        get = (lambda: insist(q.get)) if kind == "faster-fifo" else q.get
        while (x := get()) is not None:
            yield x


def send(kind, payload, q, told, start, end):
    item, _, _ = sizes(payload)
    told.put((time.time(), 0, 0, 0))
    put_all(kind, q, range(start, end) if item is None else (item for _ in range(start, end)))


def take(kind, payload, q, told):
    _, weigh, _ = sizes(payload)
    count = total = 0
    for x in taken(kind, q):
        count += 1
        total += weigh(x)
    told.put((float("inf"), time.time(), count, total))


def main():
    kind, payload = sys.argv[1:3]
    producers, consumers, items = (int(word) for word in sys.argv[3:])
    item, weigh, size = sizes(payload)
    q, told = opened(kind, size), CONTEXT.SimpleQueue()
    takers = [CONTEXT.Process(target=take, args=(kind, payload, q, told)) for _ in range(consumers)]
    cuts = [items * i // producers for i in range(producers + 1)]
    senders = [CONTEXT.Process(target=send, args=(kind, payload, q, told, a, b)) for a, b in zip(cuts, cuts[1:])]
    for p in takers + senders:
        p.start()
    for p in senders:
        p.join()
    for _ in takers:
        put_all(kind, q, [None])
    begins, ends, counts, totals = zip(*[told.get() for _ in takers + senders])
    for p in takers:
        p.join()
    assert sum(counts) == items
    assert sum(totals) == (sum(range(items)) if item is None else items * weigh(item))
    print("RESULT", items / (max(ends) - min(begins)))


if __name__ == "__main__":
    main()
