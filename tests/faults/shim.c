/* Loaded before the system's library: fails the k-th fork, and dawdles before a parent-death signal is set. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <time.h>

static long number(const char *name) {
    const char *value = getenv(name);
    return value ? atol(value) : 0;
}

pid_t fork(void) {
    static long calls;
    pid_t (*next)(void) = (pid_t (*)(void))dlsym(RTLD_NEXT, "fork");
    long fails = number("PASHA_FAULTS_FAIL_FORK");
    if (fails && ++calls == fails) {
        errno = (int)number("PASHA_FAULTS_ERRNO");
        return -1;
    }
    return next();
}

int prctl(int option, ...) {
    int (*next)(int, ...) = (int (*)(int, ...))dlsym(RTLD_NEXT, "prctl");
    unsigned long given[4];
    va_list list;
    va_start(list, option);
    for (int i = 0; i < 4; i++)
        given[i] = va_arg(list, unsigned long);
    va_end(list);
    if (option == PR_SET_PDEATHSIG) {
        long dawdle = number("PASHA_FAULTS_DAWDLE");
        struct timespec time = {dawdle / 1000, dawdle % 1000 * 1000000};
        nanosleep(&time, NULL);
    }
    return next(option, given[0], given[1], given[2], given[3]);
}
