import time
import functools

def run():
    a = []
    x = 12345
    for i in range(50_000):
        x = (x * 1103515245 + 12345) % 2147483648
        a.append(x)
    a.sort(key=functools.cmp_to_key(lambda p, q: p - q))
    return a[100]

began = time.perf_counter()
result = run()
took = time.perf_counter() - began
print(result)
print(took)
