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

__asm__(".globl _start\n"
        "_start:\n\t"
        "xorl %ebp, %ebp\n\t"
        "andl $-16, %esp\n\t"
        "call board_run\n");
