import time
import os

def run():
    n = 0
    for i in range(500_000):
        n += os.getpid()
    return 1 if n > 0 else 0

began = time.perf_counter()
result = run()
took = time.perf_counter() - began
print(result)
print(took)
