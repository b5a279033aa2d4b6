"""One int there and back over two multiprocessing.Queues, again and again."""
import multiprocessing as mp
import sys


def answer(there, back):
    while (x := there.get()) is not None:
        back.put(x + 1)


if __name__ == "__main__":
    mp.set_start_method("fork")
    there, back = mp.Queue(), mp.Queue()
    p = mp.Process(target=answer, args=(there, back))
    p.start()
    x = 0
    for _ in range(int(sys.argv[1])):
        there.put(x)
        x = back.get()
    print(x)
    there.put(None)
    p.join()
