/* SPDX-License-Identifier: Apache-2.0
 *
 * Cortex-M without an operating system: vectors, start, and ARM semihosting for text and the exit status.
 */
#include "board.h"

enum { SYS_WRITE0 = 0x04, SYS_EXIT_EXTENDED = 0x20, STOPPED_APPLICATION_EXIT = 0x20026 };

extern uint32_t board_data_start[];
extern uint32_t board_data_end[];
extern const uint32_t board_data_load[];
extern uint32_t board_bss_start[];
extern uint32_t board_bss_end[];
extern uint32_t board_stack_top[];

int main(void);
void board_start(void);

static void semihosting(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

static void leave(uint32_t status)
{
    const uint32_t reason[2] = {STOPPED_APPLICATION_EXIT, status};
    semihosting(SYS_EXIT_EXTENDED, reason);
    for (;;) {
    }
}

void board_put(const char *text)
{
    semihosting(SYS_WRITE0, text);
}

static void fault(void)
{
    board_put("\nboard: the processor took a fault\n");
    leave(255);
}

void board_start(void)
{
    const uint32_t *from = board_data_load;
    uint32_t *to;
#if defined(__ARM_FP)
    *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20; /* CPACR: let the floating-point unit be used */
    __asm__ volatile("dsb\n\tisb");
#endif
    for (to = board_data_start; to < board_data_end; ++to) {
        *to = *from++;
    }
    for (to = board_bss_start; to < board_bss_end; ++to) {
        *to = 0;
    }
    leave((uint32_t)main());
}

/* The initial stack pointer, then the handlers: reset, and a fault for whatever else comes. */
__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    (void *)board_stack_top,
    (void *)board_start,
    (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
    (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
};
