import time
def run():
    text = "the quick brown fox jumps over the lazy dog and the cat"
    seen = {}
    for i in range(20_000):
        for w in text.split(" "):
            seen[w] = seen.get(w, 0) + 1
    return seen["the"]

began = time.perf_counter()
result = run()
took = time.perf_counter() - began
print(result)
print(took)
