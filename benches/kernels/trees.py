import time
def make(depth):
    return {} if depth == 0 else {"left": make(depth - 1), "right": make(depth - 1)}

def count(tree):
    left = tree.get("left")
    return 1 if left is None else 1 + count(left) + count(tree["right"])

def run():
    total = 0
    for i in range(4):
        total += count(make(13))
    return total

began = time.perf_counter()
result = run()
took = time.perf_counter() - began
print(result)
print(took)
