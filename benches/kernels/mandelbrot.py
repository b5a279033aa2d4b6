import time
def run():
    inside = 0
    for py in range(150):
        for px in range(150):
            cx = float(px) / 75.0 - 1.5
            cy = float(py) / 75.0 - 1.0
            x = 0.0
            y = 0.0
            n = 0
            while n < 80 and x * x + y * y < 4.0:
                t = x * x - y * y + cx
                y = 2.0 * x * y + cy
                x = t
                n += 1
            if n == 80:
                inside += 1
    return inside

began = time.perf_counter()
result = run()
took = time.perf_counter() - began
print(result)
print(took)
