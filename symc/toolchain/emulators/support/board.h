/* SPDX-License-Identifier: Apache-2.0
 *
 * What a test program may rely on where there is no operating system: a place for its text. It has an ordinary main,
 * whose value becomes the exit status (0 to 255).
 */
#ifndef SYMC_BOARD_H
#define SYMC_BOARD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Send text to whoever runs the emulator. Only printable ASCII and '\n'. */
void board_put(const char *text);

#ifdef __cplusplus
}
#endif

/* Send value as eight hexadecimal digits. */
static inline void board_put_hex(uint32_t value)
{
    char text[9];
    uint8_t i;
    for (i = 8; i > 0; --i) {
        text[i - 1] = "0123456789abcdef"[value & 15u];
        value >>= 4;
    }
    text[8] = '\0';
    board_put(text);
}

#endif
