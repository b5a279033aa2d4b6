import time
def run():
    i = 0
    total = 0
    while i < 3_000_000:
        total += i % 7
        i += 1
    return total

began = time.perf_counter()
result = run()
took = time.perf_counter() - began
print(result)
print(took)
