/* SPDX-License-Identifier: Apache-2.0
 *
 * RISC-V in machine mode without an operating system: semihosting for text and the exit status.
 */
#include "board.h"

enum { SYS_WRITE0 = 0x04, SYS_EXIT_EXTENDED = 0x20, STOPPED_APPLICATION_EXIT = 0x20026 };

extern char board_bss_start[];
extern char board_bss_end[];

int main(void);
void board_semihosting(long operation, const void *argument);
void board_run(void);
void board_trap(void);

static void leave(long status)
{
    const long reason[2] = {STOPPED_APPLICATION_EXIT, status};
    board_semihosting(SYS_EXIT_EXTENDED, reason);
    for (;;) {
    }
}

void board_put(const char *text)
{
    board_semihosting(SYS_WRITE0, text);
}

void board_trap(void)
{
    board_put("\nboard: the processor took a trap\n");
    leave(255);
}

void board_run(void)
{
    char *to;
    for (to = board_bss_start; to < board_bss_end; ++to) {
        *to = 0;
    }
    leave(main());
}
