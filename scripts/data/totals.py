"""Adds up what each customer has to pay, for invoices.proc: a JSON value a line in, a JSON value a line out."""
import json
import sys

totals = {}
for line in sys.stdin:
    order = json.loads(line)
    customer = order["customer"]
    totals[customer] = totals.get(customer, 0) + order["amount"]
for customer, amount in sorted(totals.items()):
    print(json.dumps({"customer": customer, "amount": amount}))
