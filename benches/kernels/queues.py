import queue
import time

q = queue.Queue(1024)
began = time.perf_counter()
total = 0
for round in range(100):
    for i in range(1000):
        q.put(i)
    for i in range(1000):
        total += q.get()
took = time.perf_counter() - began
print(total)
print(took)
