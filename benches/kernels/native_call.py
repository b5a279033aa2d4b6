import queue
import time

def calling(q):
    n = 0
    for i in range(500_000):
        n += q.qsize()
    return n

def looping(length):
    n = 0
    for i in range(500_000):
        n += length
    return n

began = time.perf_counter()
result = calling(queue.SimpleQueue())
between = time.perf_counter()
result -= looping(0)
took = (between - began) - (time.perf_counter() - between)
print(result)
print(took)
