/* SPDX-License-Identifier: Apache-2.0
 *
 * RISC-V in machine mode without an operating system: start, traps and the call of semihosting.
 */
    .option norelax
    .option arch, +zicsr

    .section .start, "ax"
    .globl board_start
board_start:
    la gp, __global_pointer$
    la sp, board_stack_top
    la t0, trap
    csrw mtvec, t0
#if defined(__riscv_flen)
    li t0, 0x6000 /* mstatus.FS: let the floating-point unit be used */
    csrs mstatus, t0
#endif
    tail board_run

    .balign 4
trap:
    tail board_trap

/* void board_semihosting(long operation, const void *argument) */
    .text
    .globl board_semihosting
    .balign 16 /* the three instructions must be uncompressed and lie in one page */
    .option norvc
board_semihosting:
    slli x0, x0, 0x1f
    ebreak
    srai x0, x0, 7
    ret
