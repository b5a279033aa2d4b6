"""A crawler over a generated graph of links: it puts new work into the queue that it reads from."""
import multiprocessing as mp
import sys

PAGES = int(sys.argv[1]) if len(sys.argv) > 1 else 200
WORKERS = 3


def links(page):
    return [(page * 7 + 1) % PAGES, (page * 3 + 2) % PAGES, page // 2]


def fetch(fresh, found, visited):
    while (page := fresh.get()) is not None:
        visited.put(page)
        for link in links(page):
            found.put(link)
        found.put(None)         # this page has no more links
    visited.put(None)


def filter_known(found, fresh):
    seen = {0}
    fresh.put(0)
    under_way = 1
    while under_way > 0:
        page = found.get()
        if page is None:
            under_way -= 1
        elif page not in seen:
            seen.add(page)
            fresh.put(page)
            under_way += 1
    for _ in range(WORKERS):
        fresh.put(None)


def report(visited):
    count = total = 0
    working = WORKERS
    while working > 0:
        page = visited.get()
        if page is None:
            working -= 1
            continue
        count += 1
        total += page
    print(f"visited {count} pages, their numbers sum to {total}")


def main():
    mp.set_start_method("fork")
    found, fresh, visited = mp.Queue(), mp.Queue(), mp.Queue(1024)
    processes = [mp.Process(target=filter_known, args=(found, fresh))]
    processes += [mp.Process(target=fetch, args=(fresh, found, visited)) for _ in range(WORKERS)]
    processes.append(mp.Process(target=report, args=(visited,)))
    for p in processes:
        p.start()
    for p in processes:
        p.join()
        if p.exitcode != 0:
            sys.exit(1)


if __name__ == "__main__":
    main()
