# The runner: plays a syscall program. It only loops; what is called, with what, in which order and what may fail is data
# that TypeScript wrote (program/layout.ts has the entry's offsets). Position-independent; uses registers alone after
# entry, so that it runs equally in a child that shares nothing but these pages.
#
#   struct entry *run(struct entry *first)
#   returns 0 at the end of the program, or the entry that failed and had no `fail` to go to; its result is -errno
#
# syscall clobbers rax, rcx and r11 alone (x86-64 ABI, A.2.1): r8 carries the result over the clock reading.

        .text
run:
        push    %rbx
        mov     %rdi, %rbx              # the entry at hand
step:
        mov     (%rbx), %rax            # syscall number
        test    %rax, %rax
        js      end                     # negative: end of the program
        mov     8(%rbx), %rdi
        mov     16(%rbx), %rsi
        mov     24(%rbx), %rdx
        mov     32(%rbx), %r10
        mov     40(%rbx), %r8
        mov     48(%rbx), %r9
        mov     80(%rbx), %ecx          # flags; bits 0-5: that argument is the address of an earlier result
        test    $1, %cl
        jz      1f
        mov     (%rdi), %rdi
1:      test    $2, %cl
        jz      2f
        mov     (%rsi), %rsi
2:      test    $4, %cl
        jz      3f
        mov     (%rdx), %rdx
3:      test    $8, %cl
        jz      4f
        mov     (%r10), %r10
4:      test    $16, %cl
        jz      5f
        mov     (%r8), %r8
5:      test    $32, %cl
        jz      6f
        mov     (%r9), %r9
6:      syscall
        mov     %rax, 56(%rbx)          # result
        mov     %rax, %r8
        testb   $64, 80(%rbx)           # flag bit 6: timed
        jz      7f
        mov     $228, %eax              # clock_gettime(CLOCK_MONOTONIC, &entry->time)
        mov     $1, %edi
        lea     64(%rbx), %rsi
        syscall
7:      lea     112(%rbx), %rdx         # the next entry
        cmp     $-4095, %r8
        jae     failed
        mov     96(%rbx), %rcx          # jump: where to go on a result > 0
        test    %rcx, %rcx
        jz      next
        test    %r8, %r8
        cmovg   %rcx, %rdx
next:
        mov     %rdx, %rbx
        jmp     step
failed:
        neg     %r8                     # errno
        cmp     $4, %r8                 # EINTR: a signal came in between; nothing has happened yet
        je      step
        mov     88(%rbx), %rcx          # tolerated errnos: bit n for errno n, bit 0 for any
        test    $1, %cl
        jnz     next
        cmp     $63, %r8
        ja      8f
        bt      %r8, %rcx
        jc      next
8:      mov     104(%rbx), %rdx         # fail: where to go on an error
        test    %rdx, %rdx
        jz      stopped
        mov     %rbx, 64(%rdx)          # which entry failed, told to the one that deals with it
        jmp     next
stopped:
        mov     %rbx, %rax
        jmp     out
end:
        xor     %eax, %eax
out:
        pop     %rbx
        ret
