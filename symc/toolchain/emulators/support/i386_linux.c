/* SPDX-License-Identifier: Apache-2.0
 *
 * 32-bit x86 under Linux by system calls: a 64-bit system has the compiler for it, but seldom the 32-bit libraries.
 */
#include "board.h"

int main(void);
void board_run(void);

static int32_t system_call(int32_t number, int32_t first, const void *second, int32_t third)
{
    int32_t result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second), "d"(third) : "memory");
    return result;
}

void board_put(const char *text)
{
    const volatile char *end = text; /* volatile, or the compiler would call strlen */
    while (*end != '\0') {
        ++end;
    }
    (void)system_call(4, 1, text, (int32_t)(end - text)); /* write to standard output */
}

__attribute__((used)) void board_run(void)
{
    const int32_t status = main();
    for (;;) {
        (void)system_call(1, status, 0, 0); /* exit */
    }
}

/* Of libgcc, which is one of those libraries: what gcc calls for a division of 64 bits when it optimises for size.
 * The quotient is written one bit at a time from the top. */
uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t *remainder);

uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t *remainder)
{
    uint64_t quotient = 0U;
    uint64_t rest = 0U;
    int32_t bit;
    for (bit = 63; bit >= 0; --bit) {
        const uint64_t carry = rest >> 63;
        rest = (rest << 1) | ((dividend >> bit) & 1U);
        if ((carry != 0U) || (rest >= divisor)) {
            rest -= divisor;
            quotient |= (uint64_t)1U << bit;
        }
    }
    if (remainder != (uint64_t *)0) {
        *remainder = rest;
    }
    return quotient;
}

__asm__(".globl _start\n"
        "_start:\n\t"
        "xorl %ebp, %ebp\n\t"
        "andl $-16, %esp\n\t"
        "call board_run\n");
