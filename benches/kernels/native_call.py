import time

def calling(one):
    n = 0
    for i in range(500_000):
        n += sum(one)
    return n

def looping(one):
    n = 0
    for i in range(500_000):
        n += one
    return n

began = time.perf_counter()
result = calling([1])
between = time.perf_counter()
result -= looping(1)
took = (between - began) - (time.perf_counter() - between)
print(result)
print(took)
