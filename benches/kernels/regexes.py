import time
import re

def run():
    r = re.compile("[a-z]+@[a-z]+")
    n = 0
    for i in range(100_000):
        if r.search("some text with joe@example in it"):
            n += 1
    return n

began = time.perf_counter()
result = run()
took = time.perf_counter() - began
print(result)
print(took)
