/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: what the compiler must provide, and what it must not do.
 *
 * Every other header of the runtime includes this one first. It stops the build, with a sentence that says what to do,
 * where the compiler was told to break IEEE-754 arithmetic; it switches the contraction of a*b + c off for everything
 * that follows in the translation unit; and it names the few things that differ between C, C++ and CUDA.
 *
 * Two profiles give the same results, and the compiler's own macros choose between them (see "profile" below):
 * F64: the functions compute in IEEE binary64 and round once to binary32.
 * INT: the functions compute in integers; for targets without binary64 in hardware, and without binary64 at all.
 */
#ifndef SYMC_CONFIG_H
#define SYMC_CONFIG_H

#if defined(__CUDACC_RTC__)
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
#define INT32_C(value) value
#define UINT32_C(value) value##u
#define INT64_C(value) value##ll
#define UINT64_C(value) value##ull
#define UINT64_MAX UINT64_C(0xffffffffffffffff)
#else
#include <float.h>
#include <stdint.h>
#endif

/* ---- profile ---------------------------------------------------------------------------------------------------- */

/* SYMC_INT is 1 for the profile INT, 0 for F64. Define SYMC_PROFILE_INT or SYMC_PROFILE_F64 to choose it yourself. */
#if defined(SYMC_PROFILE_INT) && defined(SYMC_PROFILE_F64)
#error "symc: define SYMC_PROFILE_INT or SYMC_PROFILE_F64, not both"
#elif defined(SYMC_PROFILE_INT)
#define SYMC_INT 1
#elif defined(SYMC_PROFILE_F64) || defined(__CUDACC__)
#define SYMC_INT 0
#elif DBL_MANT_DIG != 53 || defined(__AVR__) || defined(__XTENSA__) || \
    (defined(__arm__) && (!defined(__ARM_FP) || (__ARM_FP & 8) == 0)) || \
    (defined(__riscv) && (!defined(__riscv_flen) || __riscv_flen < 64))
#define SYMC_INT 1
#else
#define SYMC_INT 0
#endif

/* ---- guards ---------------------------------------------------------------------------------------------------- */

#if !defined(__CUDACC__)

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ > 0) || \
    defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) || defined(__NO_SIGNED_ZEROS__)
#error "symc: -ffast-math, -Ofast and their parts change results: compile this file without them"
#endif

#if defined(_M_FP_FAST)
#error "symc: /fp:fast changes results: compile this file with /fp:precise"
#endif

/* 16 is FLT_EVAL_METHOD 0 with a _Float16 that is computed in its own type. */
#if !defined(FLT_EVAL_METHOD) || (FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 16)
#error "symc: float must be computed in its own precision: on 32-bit x86 compile with -msse2 -mfpmath=sse"
#endif

#if FLT_RADIX != 2 || FLT_MANT_DIG != 24 || FLT_MAX_EXP != 128
#error "symc: float is not IEEE-754 binary32 on this target"
#endif

#if !SYMC_INT
#if DBL_MANT_DIG != 53 || DBL_MAX_EXP != 1024
#error "symc: double is not IEEE-754 binary64 on this target: do not define SYMC_PROFILE_F64"
#endif
/* Fails to compile under -fsingle-precision-constant, which would make floats of the coefficients. */
typedef char symc_constants_must_be_double[sizeof(1.0) == sizeof(double) ? 1 : -1];
#endif

#if !defined(UINT64_MAX)
#error "symc: this compiler has no 64-bit integers, which both profiles need: use a C99 compiler"
#endif

#endif /* not CUDA */

/* ---- no contraction of a*b + c into a fused multiply-add -------------------------------------------------------- */

/*
 * clang obeys the pragma of the C standard, unless it is told -ffp-contract=fast. gcc ignores that one, but obeys its
 * own for the functions defined after it. nvcc and NVRTC obey neither: device code uses instructions that they never
 * fuse (f32.h, f64.h).
 */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(_MSC_VER)
#pragma fp_contract(off)
#elif defined(__GNUC__) && !defined(__CUDACC__)
#pragma GCC optimize("fp-contract=off")
#endif

/* ---- qualifiers ------------------------------------------------------------------------------------------------- */

/*
 * SYMC_FN: a small function that must be inlined. SYMC_SLOW_FN: a rarely called one that must not be. SYMC_SHARED_FN: one
 * so large that a small target wants a single copy of it, however often it is called.
 */
#if defined(__CUDACC__)
#define SYMC_FN static __device__ __forceinline__
#define SYMC_SLOW_FN static __device__ __noinline__
#define SYMC_SHARED_FN static __device__ __noinline__
#elif defined(__GNUC__)
#define SYMC_FN static inline __attribute__((always_inline))
#define SYMC_SLOW_FN static __attribute__((noinline, cold, unused))
#define SYMC_SHARED_FN static __attribute__((noinline, unused))
#elif defined(_MSC_VER)
#define SYMC_FN static __forceinline
#define SYMC_SLOW_FN static __declspec(noinline)
#define SYMC_SHARED_FN static __declspec(noinline)
#else
#define SYMC_FN static inline
#define SYMC_SLOW_FN static inline
#define SYMC_SHARED_FN static inline
#endif

/*
 * A constant table, what a pointer to it points to, and its element i. AVR would copy constants to RAM: there tables stay
 * in flash, by the address space that gnu99 and gnu11 have for it, and in other dialects by an attribute and the
 * instruction that reads it.
 */
#if defined(__AVR__) && defined(__FLASH) && !defined(__cplusplus) && !defined(__STRICT_ANSI__)
#define SYMC_IN_TABLE const __flash
#define SYMC_TABLE static SYMC_IN_TABLE
#define SYMC_AT(table, i) table[i]
#elif defined(__AVR__) && defined(__GNUC__)
#define SYMC_IN_TABLE const
#define SYMC_TABLE static const __attribute__((__progmem__))
SYMC_SHARED_FN uint32_t symc_flash32(const void *place)
{
    uint32_t value;
    __asm__("lpm %A0, Z+\n\tlpm %B0, Z+\n\tlpm %C0, Z+\n\tlpm %D0, Z" : "=&r"(value), "+z"(place));
    return value;
}
SYMC_SHARED_FN uint64_t symc_flash64(const void *place)
{
    const uint32_t low = symc_flash32(place);
    return ((uint64_t)symc_flash32((const uint8_t *)place + 4) << 32) | low;
}
#define SYMC_AT(table, i) ((__typeof__((table)[0] + 0))( \
    sizeof (table)[0] == 8u ? symc_flash64(&(table)[i]) : \
    sizeof (table)[0] == 4u ? symc_flash32(&(table)[i]) : \
    sizeof (table)[0] == 2u ? symc_flash32(&(table)[i]) & 0xffffu : symc_flash32(&(table)[i]) & 0xffu))
#else
#define SYMC_IN_TABLE const
#define SYMC_TABLE static SYMC_IN_TABLE
#define SYMC_AT(table, i) table[i]
#endif

/* Set while the code that a GPU will run is compiled. */
#if defined(__CUDA_ARCH__)
#define SYMC_DEVICE 1
#else
#define SYMC_DEVICE 0
#endif

/* ---- a*b + c in binary64 ---------------------------------------------------------------------------------------- */

/*
 * Fused where the hardware fuses, two roundings where it does not. The functions are correctly rounded with either,
 * and proved for both; this is the one place where targets may differ in their arithmetic.
 */
#if SYMC_DEVICE
#define SYMC_HAS_FMA 1
#define SYMC_FMA(a, b, c) __fma_rn((a), (b), (c))
#elif defined(__GNUC__) && !defined(__CUDACC__) && \
    (defined(__FP_FAST_FMA) || defined(__FMA__) || defined(__aarch64__))
#define SYMC_HAS_FMA 1
#define SYMC_FMA(a, b, c) __builtin_fma((a), (b), (c))
#else
#define SYMC_HAS_FMA 0
#define SYMC_FMA(a, b, c) ((a) * (b) + (c))
#endif

#endif
