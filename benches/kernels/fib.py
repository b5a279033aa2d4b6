import time
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def run():
    return fib(27)

began = time.perf_counter()
result = run()
took = time.perf_counter() - began
print(result)
print(took)
