/* Items over libzmq, PUSH to PULL by ipc://, in processes: `zmq stream SIZE PRODUCERS CONSUMERS ITEMS`, `zmq trip ITEMS`.
   Every producer is connected to every consumer; high-water mark 1000, 16 for large items. The count is checked; the last
   line is `RESULT` and items a second, or the median round trip in microseconds. */
#include <zmq.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PROCESSES_MAX = 64 };

/* One line of cache for each consumer, so that they do not slow each other down. */
struct tally { volatile uint64_t count, sum; char pad[48]; };

static void *context;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void must(int ok, const char *what)
{
    if (!ok) { perror(what); exit(1); }
}

static void name(char *to, size_t bytes, pid_t run, int i)
{
    snprintf(to, bytes, "ipc:///tmp/procession-bench-%d-%d", run, i);
}

static void *opened(int kind, int mark)
{
    void *s = zmq_socket(context, kind);
    must(s != NULL, "socket");
    zmq_setsockopt(s, ZMQ_SNDHWM, &mark, sizeof mark);
    zmq_setsockopt(s, ZMQ_RCVHWM, &mark, sizeof mark);
    return s;
}

static void produce(pid_t run, size_t size, int consumers, uint64_t from, uint64_t to)
{
    char at[64], *item = calloc(1, size);
    context = zmq_ctx_new();
    void *s = opened(ZMQ_PUSH, size > 100000 ? 16 : 1000);
    for (int i = 0; i < consumers; i++) {
        name(at, sizeof at, run, i);
        must(zmq_connect(s, at) == 0, "connect");
    }
    for (uint64_t i = from; i < to; i++) {
        memcpy(item, &i, 8);
        must(zmq_send(s, item, size, 0) == (int)size, "send");
    }
    /* A sender that closes while a receiver is at its high-water mark loses items: it stays until it is killed. */
    pause();
}

static void consume(pid_t run, size_t size, int i, struct tally *mine)
{
    char at[64], *item = malloc(size);
    uint64_t value;
    context = zmq_ctx_new();
    void *s = opened(ZMQ_PULL, size > 100000 ? 16 : 1000);
    name(at, sizeof at, run, i);
    must(zmq_bind(s, at) == 0, "bind");
    for (;;) {
        must(zmq_recv(s, item, size, 0) == (int)size, "recv");
        memcpy(&value, item, 8);
        mine->sum += value;
        mine->count++;
    }
}

static void total(const struct tally *all, int consumers, uint64_t *count, uint64_t *sum)
{
    *count = *sum = 0;
    for (int i = 0; i < consumers; i++) { *count += all[i].count; *sum += all[i].sum; }
}

static void stream(size_t size, int producers, int consumers, uint64_t items)
{
    struct tally *all = mmap(NULL, sizeof *all * PROCESSES_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t run = getpid(), children[2 * PROCESSES_MAX];
    uint64_t count, sum;
    int n = 0;
    double start = now();
    for (int i = 0; i < consumers; i++)
        if ((children[n++] = fork()) == 0) consume(run, size, i, &all[i]);
    for (int i = 0; i < producers; i++)
        if ((children[n++] = fork()) == 0)
            produce(run, size, consumers, items * i / producers, items * (i + 1) / producers);
    do {
        usleep(200);
        total(all, consumers, &count, &sum);
    } while (count < items);
    double seconds = now() - start;
    total(all, consumers, &count, &sum);
    for (int i = 0; i < n; i++) { kill(children[i], 9); waitpid(children[i], NULL, 0); }
    for (int i = 0; i < consumers; i++) { char at[64]; name(at, sizeof at, run, i); unlink(at + 6); }
    must(count == items && sum == items * (items - 1) / 2, "count and sum");
    printf("RESULT %f\n", (double)items / seconds);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void trip(uint64_t items)
{
    char there[64], back[64];
    pid_t run = getpid(), child;
    name(there, sizeof there, run, 0);
    name(back, sizeof back, run, 1);
    uint64_t value;
    if ((child = fork()) == 0) {
        context = zmq_ctx_new();
        void *in = opened(ZMQ_PULL, 1000), *out = opened(ZMQ_PUSH, 1000);
        must(zmq_bind(in, there) == 0 && zmq_connect(out, back) == 0, "connect");
        for (;;) { zmq_recv(in, &value, 8, 0); zmq_send(out, &value, 8, 0); }
    }
    context = zmq_ctx_new();
    void *in = opened(ZMQ_PULL, 1000), *out = opened(ZMQ_PUSH, 1000);
    must(zmq_bind(in, back) == 0 && zmq_connect(out, there) == 0, "connect");
    double *times = malloc(items * sizeof *times);
    for (uint64_t i = 0; i < items; i++) {
        double start = now();
        zmq_send(out, &i, 8, 0);
        must(zmq_recv(in, &value, 8, 0) == 8 && value == i, "trip");
        times[i] = now() - start;
    }
    kill(child, 9);
    waitpid(child, NULL, 0);
    unlink(there + 6);
    unlink(back + 6);
    qsort(times, items, sizeof *times, by_size);
    printf("RESULT %f\n", times[items / 2] * 1e6);
}

int main(int count, char **words)
{
    if (count == 6 && strcmp(words[1], "stream") == 0)
        stream(strtoul(words[2], NULL, 10), atoi(words[3]), atoi(words[4]), strtoul(words[5], NULL, 10));
    else if (count == 3 && strcmp(words[1], "trip") == 0)
        trip(strtoul(words[2], NULL, 10));
    else
        return 2;
    return 0;
}
