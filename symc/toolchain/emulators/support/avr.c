/* SPDX-License-Identifier: Apache-2.0
 *
 * ATmega: text by the first serial port. simavr stops when the processor sleeps for ever and reports no status, so the
 * status is the last line of the text. The linker puts __wrap_main between avr-libc's start and the program's main.
 */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

#include "board.h"

int __real_main(void);
int __wrap_main(void);

void board_put(const char *text)
{
    for (; *text != '\0'; ++text) {
        while ((UCSR0A & (1u << UDRE0)) == 0) {
        }
        UDR0 = (uint8_t)*text;
    }
}

int __wrap_main(void)
{
    int status;
    UBRR0 = 0;
    UCSR0B = 1u << TXEN0;
    status = __real_main();
    board_put("\nexit ");
    board_put_hex((uint32_t)status & 0xffu);
    board_put("\n");
    cli();
    sleep_enable();
    for (;;) {
        sleep_cpu();
    }
}
