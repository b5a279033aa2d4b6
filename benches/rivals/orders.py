"""Joins two tables and groups the rows: what each customer has spent."""
import csv
import multiprocessing as mp
import sys
from collections import Counter, defaultdict

ORDERS = sys.argv[1] if len(sys.argv) > 1 else "scripts/data/orders.csv"
CUSTOMERS = "scripts/data/customers.csv"


def read(path, rows):
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            rows.put(row)
    rows.put(None)


def join_customers(customers, rows, joined):
    with open(customers, newline="") as file:
        by_id = {customer["id"]: customer for customer in csv.DictReader(file)}
    while (row := rows.get()) is not None:
        customer = by_id[row["customer"]]
        joined.put({
            "name": customer["name"],
            "country": customer["country"],
            "item": row["item"],
            "price": float(row["price"]),
        })
    joined.put(None)


def report(joined):
    groups = defaultdict(list)
    while (row := joined.get()) is not None:
        groups[row["name"]].append(row)
    for name, rows in sorted(groups.items()):
        spent = sum(row["price"] for row in rows)
        items = ", ".join(f"{n} {item}" for item, n in sorted(Counter(row["item"] for row in rows).items()))
        print(f"{name} ({rows[0]['country']}): {spent:.2f} for {items}")
    print(f"all: {sum(row['price'] for rows in groups.values() for row in rows):.2f}")


def main():
    mp.set_start_method("fork")
    rows = mp.Queue(1024)
    joined = mp.Queue(1024)
    processes = [
        mp.Process(target=read, args=(ORDERS, rows)),
        mp.Process(target=join_customers, args=(CUSTOMERS, rows, joined)),
        mp.Process(target=report, args=(joined,)),
    ]
    for p in processes:
        p.start()
    for p in processes:
        p.join()
        if p.exitcode != 0:
            sys.exit(1)


if __name__ == "__main__":
    main()
