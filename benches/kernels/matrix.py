import time
def run():
    n = 80
    a = []
    b = []
    for i in range(n):
        p = []
        q = []
        for j in range(n):
            p.append(i + j)
            q.append(i * j % 10)
        a.append(p)
        b.append(q)
    total = 0
    for i in range(n):
        for j in range(n):
            s = 0
            for k in range(n):
                s += a[i][k] * b[k][j]
            total += s
    return total

began = time.perf_counter()
result = run()
took = time.perf_counter() - began
print(result)
print(took)
