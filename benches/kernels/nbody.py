import time
import math

def run():
    x = [0.0, 4.8, 8.3, 12.9, 15.4]
    y = [0.0, -1.2, 4.1, -15.1, -25.9]
    vx = [0.0, 0.6, -1.0, 1.1, 1.0]
    vy = [0.0, 2.8, 1.8, 0.9, 0.6]
    m = [39.5, 0.037, 0.011, 0.0017, 0.002]
    for step in range(10_000):
        for i in range(5):
            for j in range(i + 1, 5):
                dx = x[i] - x[j]
                dy = y[i] - y[j]
                d = dx * dx + dy * dy + 0.01
                mag = 0.001 / (d * math.sqrt(d))
                vx[i] -= dx * m[j] * mag
                vy[i] -= dy * m[j] * mag
                vx[j] += dx * m[i] * mag
                vy[j] += dy * m[i] * mag
        for i in range(5):
            x[i] += 0.001 * vx[i]
            y[i] += 0.001 * vy[i]
    return int(x[1] * 1000000.0)

began = time.perf_counter()
result = run()
took = time.perf_counter() - began
print(result)
print(took)
