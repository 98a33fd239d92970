/* Compiled beside a bundle's own C, so that Python can call it. SYMC_MODEL is the bundle's name, SYMC_HEADER its header
 * in quotes; SYMC_WITH_JACOBIAN is defined when the bundle has a Jacobian, SYMC_WITH_GUARD when it has a guard,
 * SYMC_WITH_VJP, SYMC_WITH_JVP and SYMC_WITH_HESSIAN when it has those. SYMC_REAL is the type of its numbers.
 *
 * A process may run with subnormals flushed (torch.set_flush_denormal) or with another rounding direction; the bundle's
 * bits are defined for the IEEE default, so each call sets that and puts the caller's state back. */
#include <stddef.h>
#include <stdint.h>
#include SYMC_HEADER

#define SYMC_JOIN2(a, b) a##b
#define SYMC_JOIN(a, b) SYMC_JOIN2(a, b)

#if defined(__SSE__)
#include <xmmintrin.h>
typedef unsigned int fpstate;
static fpstate enter(void)
{
    const fpstate caller = _mm_getcsr();
    _mm_setcsr(0x1f80u);
    return caller;
}
static void leave(fpstate caller) { _mm_setcsr(caller); }
#elif defined(__aarch64__)
typedef uint64_t fpstate;
static void leave(fpstate caller) { __asm__ __volatile__("msr fpcr, %0" : : "r"(caller) : "memory"); }
static fpstate enter(void)
{
    fpstate caller;
    __asm__ __volatile__("mrs %0, fpcr" : "=r"(caller) : : "memory");
    leave(0);
    return caller;
}
#else
typedef int fpstate;
static fpstate enter(void) { return 0; }
static void leave(fpstate caller) { (void)caller; }
#endif

int32_t symc_host_selftest(void);
int32_t symc_host_selftest(void)
{
    const fpstate caller = enter();
    const int32_t faults = SYMC_JOIN(SYMC_MODEL, _selftest)();
    leave(caller);
    return faults;
}

/* Addresses come as integers: that spares the caller two pointer objects per call. */
void symc_host_eval_batch(uintptr_t x, uintptr_t y, size_t n);
void symc_host_eval_batch(uintptr_t x, uintptr_t y, size_t n)
{
    const fpstate caller = enter();
    SYMC_JOIN(SYMC_MODEL, _eval_batch)((const SYMC_REAL *)x, (SYMC_REAL *)y, n);
    leave(caller);
}

/* The functions of one row, one call for each of n rows, which have n_in values and give n_out. */
void symc_host_eval_rows(uintptr_t x, uintptr_t y, size_t n, size_t n_in, size_t n_out);
void symc_host_eval_rows(uintptr_t x, uintptr_t y, size_t n, size_t n_in, size_t n_out)
{
    const fpstate caller = enter();
    for (size_t i = 0; i < n; i++) {
        SYMC_JOIN(SYMC_MODEL, _eval)((const SYMC_REAL *)x + n_in * i, (SYMC_REAL *)y + n_out * i);
    }
    leave(caller);
}

void symc_host_check_rows(uintptr_t x, uintptr_t y, size_t n, size_t n_in);
void symc_host_check_rows(uintptr_t x, uintptr_t y, size_t n, size_t n_in)
{
    const fpstate caller = enter();
    for (size_t i = 0; i < n; i++) {
        ((uint32_t *)y)[i] = SYMC_JOIN(SYMC_MODEL, _check)((const SYMC_REAL *)x + n_in * i);
    }
    leave(caller);
}

#ifdef SYMC_WITH_GUARD
/* Row after row over one y, which begins as zeros: what a row leaves there, the next one finds. */
void symc_host_guarded_rows(uintptr_t x, uintptr_t y, uintptr_t flags, size_t n, size_t n_in, size_t n_out);
void symc_host_guarded_rows(uintptr_t x, uintptr_t y, uintptr_t flags, size_t n, size_t n_in, size_t n_out)
{
    const fpstate caller = enter();
    for (size_t i = 0; i < n; i++) {
        SYMC_REAL *row = (SYMC_REAL *)y + n_out * i;
        for (size_t o = 0; o < n_out; o++) {
            row[o] = i == 0 ? (SYMC_REAL)0 : row[o - n_out];
        }
        ((uint32_t *)flags)[i] = SYMC_JOIN(SYMC_MODEL, _guarded)((const SYMC_REAL *)x + n_in * i, row);
    }
    leave(caller);
}
#endif

#ifdef SYMC_WITH_JACOBIAN
void symc_host_jacobian_rows(uintptr_t x, uintptr_t y, size_t n, size_t n_in, size_t n_out);
void symc_host_jacobian_rows(uintptr_t x, uintptr_t y, size_t n, size_t n_in, size_t n_out)
{
    const fpstate caller = enter();
    for (size_t i = 0; i < n; i++) {
        SYMC_JOIN(SYMC_MODEL, _jacobian)((const SYMC_REAL *)x + n_in * i, (SYMC_REAL *)y + n_out * n_in * i);
    }
    leave(caller);
}

void symc_host_jacobian_batch(uintptr_t x, uintptr_t y, size_t n);
void symc_host_jacobian_batch(uintptr_t x, uintptr_t y, size_t n)
{
    const fpstate caller = enter();
    SYMC_JOIN(SYMC_MODEL, _jacobian_batch)((const SYMC_REAL *)x, (SYMC_REAL *)y, n);
    leave(caller);
}
#endif

/* A derivative, by a call for each of n rows, and by one for all; y may be 0: values are not written then. */
#define SYMC_ALONG(KIND) \
    void symc_host_##KIND##_rows(uintptr_t x, uintptr_t v, uintptr_t y, uintptr_t g, size_t n, size_t n_in, size_t n_out, \
                                 size_t n_v, size_t n_g); \
    void symc_host_##KIND##_rows(uintptr_t x, uintptr_t v, uintptr_t y, uintptr_t g, size_t n, size_t n_in, size_t n_out, \
                                 size_t n_v, size_t n_g) \
    { \
        const fpstate caller = enter(); \
        for (size_t i = 0; i < n; i++) { \
            SYMC_JOIN(SYMC_MODEL, _##KIND)((const SYMC_REAL *)x + n_in * i, (const SYMC_REAL *)v + n_v * i, \
                                           y == 0 ? NULL : (SYMC_REAL *)y + n_out * i, (SYMC_REAL *)g + n_g * i); \
        } \
        leave(caller); \
    } \
    void symc_host_##KIND##_batch(uintptr_t x, uintptr_t v, uintptr_t y, uintptr_t g, size_t n); \
    void symc_host_##KIND##_batch(uintptr_t x, uintptr_t v, uintptr_t y, uintptr_t g, size_t n) \
    { \
        const fpstate caller = enter(); \
        SYMC_JOIN(SYMC_MODEL, _##KIND##_batch)((const SYMC_REAL *)x, (const SYMC_REAL *)v, (SYMC_REAL *)y, (SYMC_REAL *)g, n); \
        leave(caller); \
    }

#ifdef SYMC_WITH_VJP
SYMC_ALONG(vjp)
#endif
#ifdef SYMC_WITH_JVP
SYMC_ALONG(jvp)
#endif

#ifdef SYMC_WITH_HESSIAN
void symc_host_hessian_rows(uintptr_t x, uintptr_t h, size_t n, size_t n_in, size_t n_h);
void symc_host_hessian_rows(uintptr_t x, uintptr_t h, size_t n, size_t n_in, size_t n_h)
{
    const fpstate caller = enter();
    for (size_t i = 0; i < n; i++) {
        SYMC_JOIN(SYMC_MODEL, _hessian)((const SYMC_REAL *)x + n_in * i, (SYMC_REAL *)h + n_h * i);
    }
    leave(caller);
}

void symc_host_hessian_batch(uintptr_t x, uintptr_t h, size_t n);
void symc_host_hessian_batch(uintptr_t x, uintptr_t h, size_t n)
{
    const fpstate caller = enter();
    SYMC_JOIN(SYMC_MODEL, _hessian_batch)((const SYMC_REAL *)x, (SYMC_REAL *)h, n);
    leave(caller);
}
#endif
