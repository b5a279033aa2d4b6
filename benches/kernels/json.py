import time
def walk(v):
    t = type(v)
    if t is dict:
        s = 0
        for k in list(v.keys()):
            s += walk(v[k])
        return s
    if t is list:
        s = 0
        for x in v:
            s += walk(x)
        return s
    if t is int:
        return v
    return 0

def run():
    doc = {"items": []}
    for i in range(200):
        doc["items"].append({"id": i, "tags": ["a", "b"], "pos": {"x": i, "y": 2 * i}})
    s = 0
    for i in range(40):
        s += walk(doc)
    return s

began = time.perf_counter()
result = run()
took = time.perf_counter() - began
print(result)
print(took)
