/* What OpenMP takes for (almost) nothing. */

#include <omp.h>

static struct {
    _Alignas(128) volatile long count;
} seats[64];

/* A parallel region in which each thread counts once. */
void pasha_bench_openmp_parallel(int threads) {
#pragma omp parallel num_threads(threads)
    {
        long volatile *count = &seats[omp_get_thread_num() % 64].count;
        *count = *count + 1;
    }
}

/* Items that are handed out one by one. */
void pasha_bench_openmp_dynamic(int threads, unsigned long long *items, long number) {
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
    for (long item = 0; item < number; item++)
        items[item] = (unsigned long long)item;
}
