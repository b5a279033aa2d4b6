"""Tellers move money between accounts, an auditor counts it meanwhile."""
import multiprocessing as mp
import sys

ORDERS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
NAMES = ["Anna", "Ben", "Clara"]


def teller(number, accounts, ledger, opening, refused):
    opening.wait()
    for order in range(ORDERS):
        source = NAMES[(number + order) % 3]
        target = NAMES[(number + order + 1) % 3]
        # One order is too large, whenever its turn comes.
        amount = 1_000_000 if number == 0 and order == 0 else 1 + order % 5
        with ledger:
            if accounts[source] < amount:
                with refused.get_lock():
                    refused.value += 1
            else:
                accounts[source] -= amount
                accounts[target] += amount


def auditor(accounts, ledger, opening):
    opening.wait()
    for _ in range(20):
        with ledger:
            total = sum(accounts.values())
        if total != 3000:
            raise ValueError(f"the books are wrong: {total}")
    print("every audit found 3000")


def main():
    mp.set_start_method("fork")
    with mp.Manager() as manager:
        accounts = manager.dict()
        ledger = mp.Lock()
        opening = mp.Event()
        refused = mp.Value("q", 0)
        tellers = [
            mp.Process(target=teller, args=(number, accounts, ledger, opening, refused))
            for number in range(3)
        ]
        audit = mp.Process(target=auditor, args=(accounts, ledger, opening))
        for p in [*tellers, audit]:
            p.start()
        for name in NAMES:
            accounts[name] = 1000
        opening.set()
        for p in [*tellers, audit]:
            p.join()
            if p.exitcode != 0:
                sys.exit(1)
        for name, money in sorted(accounts.items()):
            print(f"{name} owns {money}")
        print(f"refused: {refused.value}")


if __name__ == "__main__":
    main()
