import time
def run():
    m = {}
    for i in range(300_000):
        k = str(i % 500)
        m[k] = m.get(k, 0) + i
    return m["7"] + len(m)

began = time.perf_counter()
result = run()
took = time.perf_counter() - began
print(result)
print(took)
