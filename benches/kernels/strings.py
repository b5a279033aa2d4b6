import time
def run():
    s = ""
    for i in range(50_000):
        s += str(i)
        s += ","
    return len(s)

began = time.perf_counter()
result = run()
took = time.perf_counter() - began
print(result)
print(took)
