/* SPDX-License-Identifier: Apache-2.0
 *
 * What lies between board_begin and board_end is counted: instructions by QEMU's plugin (count_plugin.c), cycles by the
 * timers of an ATmega. Include it in one file of a program. What an empty piece costs is to be taken off.
 */
#ifndef SYMC_COUNTING_H
#define SYMC_COUNTING_H

#include <stdint.h>

#include "board.h"

#if defined(__AVR__)
#include <avr/io.h>

/* Timer 1 counts cycles modulo 2^16, another every 1024th: together the exact number below 2^26, or below 2^18 where
 * that one has 8 bits. */
#if defined(TCNT3)
#define BOARD_COARSE TCNT3
#define BOARD_COARSE_FLAGS TIFR3
#define BOARD_COARSE_OVERFLOW (1u << TOV3)
#else
#define BOARD_COARSE TCNT0
#define BOARD_COARSE_FLAGS TIFR0
#define BOARD_COARSE_OVERFLOW (1u << TOV0)
#endif

static __attribute__((noinline)) void board_begin(void)
{
    TCCR1A = 0;
#if defined(TCNT3)
    TCCR3A = 0;
    TCCR3B = 5;
#else
    TCCR0A = 0;
    TCCR0B = 5;
#endif
    TCCR1B = 1;
    BOARD_COARSE_FLAGS = BOARD_COARSE_OVERFLOW;
    BOARD_COARSE = 0;
    TCNT1 = 0;
}

static __attribute__((noinline)) void board_end(void)
{
    const uint16_t fine = TCNT1;
    const uint16_t coarse = BOARD_COARSE;
    const uint32_t about = ((uint32_t)coarse << 10) + 512u;
    /* The two differ by less than 2^11, but for the multiples of 2^16 that the first has lost. */
    const uint32_t lost = (about - fine + UINT32_C(0x8000)) >> 16;
    const uint32_t cycles = about < fine ? fine : (lost << 16) + fine;
    board_put_hex((BOARD_COARSE_FLAGS & BOARD_COARSE_OVERFLOW) != 0 ? UINT32_MAX : cycles);
    board_put("\n");
}
#else
/* The plugin writes how many instructions lie between one pass and the next. */
void board_mark(void);
__attribute__((noinline)) void board_mark(void)
{
    __asm__ volatile("" ::: "memory");
}

#define board_begin board_mark
#define board_end board_mark
#endif

#endif
