/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine with an operating system.
 */
#include "board.h"

#include <stdio.h>

void board_put(const char *text)
{
    fputs(text, stdout);
}
