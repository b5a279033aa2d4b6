"""A merge sort over a tree of processes: each inner process merges what its two children send, as it comes."""
import multiprocessing as mp
import sys

NUMBERS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
DEPTH = 2


def scrambled(n):
    numbers, x = [], 12345
    for _ in range(n):
        x = (x * 1103515245 + 12345) % 2147483648
        numbers.append(x % 10000)
    return numbers


def sort(numbers, up):
    for x in sorted(numbers):
        up.put(x)
    up.put(None)


def merge(left, right, up):
    a, b = left.get(), right.get()
    while a is not None or b is not None:
        if b is None or (a is not None and a <= b):
            up.put(a)
            a = left.get()
        else:
            up.put(b)
            b = right.get()
    up.put(None)


def check(merged, results):
    last, count = -1, 0
    while (x := merged.get()) is not None:
        if x < last:
            raise ValueError(f"{x} comes after {last}")
        last = x
        count += 1
    results.put(f"{count} numbers in order")


def main():
    mp.set_start_method("fork")
    leaves = 1 << DEPTH
    numbers = scrambled(NUMBERS)
    queues = [mp.Queue(256) for _ in range(2 * leaves - 1)]
    results = mp.Queue()
    processes = [mp.Process(target=check, args=(queues[0], results))]
    for node in range(2 * leaves - 1):
        if node >= leaves - 1:
            i = node - (leaves - 1)
            part = numbers[i * NUMBERS // leaves:(i + 1) * NUMBERS // leaves]
            processes.append(mp.Process(target=sort, args=(part, queues[node])))
        else:
            args = (queues[2 * node + 1], queues[2 * node + 2], queues[node])
            processes.append(mp.Process(target=merge, args=args))
    for p in processes:
        p.start()
    print(results.get())
    for p in processes:
        p.join()


if __name__ == "__main__":
    main()
