"""Five philosophers sit around a table; between each two of them lies a fork, and each needs two forks to eat."""
import multiprocessing as mp
import sys

MEALS = int(sys.argv[1]) if len(sys.argv) > 1 else 3
NAMES = ["Aristotle", "Epicurus", "Hypatia", "Plato", "Seneca"]


def philosopher(name, first, second, seated, eaten):
    seated.wait()
    for _ in range(MEALS):
        with first, second:
            eaten[name] = eaten.get(name, 0) + 1


def main():
    mp.set_start_method("fork")
    with mp.Manager() as manager:
        forks = [mp.Lock() for _ in NAMES]
        seated = mp.Barrier(len(NAMES))
        eaten = manager.dict()
        processes = []
        for i, name in enumerate(NAMES):
            # Each takes the lower of its two forks first, so that they never wait in a circle.
            first, second = sorted([i, (i + 1) % len(NAMES)])
            args = (name, forks[first], forks[second], seated, eaten)
            processes.append(mp.Process(target=philosopher, args=args))
        for p in processes:
            p.start()
        for p in processes:
            p.join()
            if p.exitcode != 0:
                sys.exit(1)
        for name, meals in sorted(eaten.items()):
            print(f"{name} has eaten {meals} times")


if __name__ == "__main__":
    main()
