import time
import functools

def run():
    s = 0
    for i in range(100):
        s += functools.reduce(lambda a, x: a + x, filter(lambda x: x % 2 == 0, map(lambda x: x * 3, list(range(2000)))), 0)
    return s

began = time.perf_counter()
result = run()
took = time.perf_counter() - began
print(result)
print(took)
