	.file	"cell.cpp"
	.intel_syntax noprefix
	.text
.Ltext0:
	.file 0 "/home/user" "cell.cpp"
	.section	.text._ZNK6Square4areaEv,"axG",@progbits,_ZNK6Square4areaEv,comdat
	.align 2
	.p2align 4
	.weak	_ZNK6Square4areaEv
	.type	_ZNK6Square4areaEv, @function
_ZNK6Square4areaEv:
.LFB7:
	.file 1 "cell.cpp"
	.loc 1 9 9
	.cfi_startproc
	.loc 1 9 40
	mov	eax, DWORD PTR 8[rdi]
	.loc 1 9 47
	imul	eax, eax
	.loc 1 9 53
	ret
	.cfi_endproc
.LFE7:
	.size	_ZNK6Square4areaEv, .-_ZNK6Square4areaEv
	.section	.text._ZN6SquareD2Ev,"axG",@progbits,_ZN6SquareD5Ev,comdat
	.align 2
	.p2align 4
	.weak	_ZN6SquareD2Ev
	.type	_ZN6SquareD2Ev, @function
_ZN6SquareD2Ev:
.LFB19:
	.loc 1 7 8
	.cfi_startproc
	.loc 1 7 8
	ret
	.cfi_endproc
.LFE19:
	.size	_ZN6SquareD2Ev, .-_ZN6SquareD2Ev
	.weak	_ZN6SquareD1Ev
	.set	_ZN6SquareD1Ev,_ZN6SquareD2Ev
	.section	.text._ZN6SquareD0Ev,"axG",@progbits,_ZN6SquareD5Ev,comdat
	.align 2
	.p2align 4
	.weak	_ZN6SquareD0Ev
	.type	_ZN6SquareD0Ev, @function
_ZN6SquareD0Ev:
.LFB21:
	.loc 1 7 8
	.cfi_startproc
	.loc 1 7 8
	mov	esi, 16
	jmp	_ZdlPvm@PLT
	.cfi_endproc
.LFE21:
	.size	_ZN6SquareD0Ev, .-_ZN6SquareD0Ev
	.text
	.p2align 4
	.globl	_Z6scaledPKii
	.type	_Z6scaledPKii, @function
_Z6scaledPKii:
.LFB8:
	.loc 1 12 38
	.cfi_startproc
.LBB34:
	.loc 1 14 23
	test	esi, esi
	jle	.L8
	movsx	rsi, esi
.LBE34:
	.loc 1 13 9
	xor	edx, edx
	lea	rcx, [rdi+rsi*4]
	.p2align 4,,10
	.p2align 3
.L7:
.LBB39:
.LBB35:
.LBB36:
	.file 2 "./lib.h"
	.loc 2 4 44 discriminator 3
	mov	eax, DWORD PTR [rdi]
.LBE36:
.LBE35:
	.loc 1 14 23 discriminator 3
	add	rdi, 4
.LBB38:
.LBB37:
	.loc 2 4 44 discriminator 3
	xor	eax, 85
.LBE37:
.LBE38:
	.loc 1 15 15 discriminator 3
	add	edx, eax
	.loc 1 14 23 discriminator 3
	cmp	rdi, rcx
	jne	.L7
.LBE39:
	.loc 1 17 1
	mov	eax, edx
	ret
	.p2align 4,,10
	.p2align 3
.L8:
	.loc 1 13 9
	xor	edx, edx
	.loc 1 17 1
	mov	eax, edx
	ret
	.cfi_endproc
.LFE8:
	.size	_Z6scaledPKii, .-_Z6scaledPKii
	.section	.text._Z8lib_onlyIiET_S0_,"axG",@progbits,_Z8lib_onlyIiET_S0_,comdat
	.p2align 4
	.weak	_Z8lib_onlyIiET_S0_
	.type	_Z8lib_onlyIiET_S0_, @function
_Z8lib_onlyIiET_S0_:
.LFB17:
	.loc 2 3 48
	.cfi_startproc
	.loc 2 3 73
	imul	edi, edi
	.loc 2 3 79
	lea	eax, 1[rdi]
	.loc 2 3 82
	ret
	.cfi_endproc
.LFE17:
	.size	_Z8lib_onlyIiET_S0_, .-_Z8lib_onlyIiET_S0_
	.text
	.p2align 4
	.globl	_Z6choseni
	.type	_Z6choseni, @function
_Z6choseni:
.LFB9:
	.loc 1 19 19
	.cfi_startproc
	.loc 1 20 5
	cmp	edi, 4
	ja	.L12
	lea	rdx, .L14[rip]
	mov	edi, edi
	movsx	rax, DWORD PTR [rdx+rdi*4]
	add	rax, rdx
	jmp	rax
	.section	.rodata
	.align 4
	.align 4
.L14:
	.long	.L18-.L14
	.long	.L17-.L14
	.long	.L19-.L14
	.long	.L15-.L14
	.long	.L13-.L14
	.text
	.p2align 4,,10
	.p2align 3
.L19:
	mov	eax, 122
	.loc 1 28 1
	ret
	.p2align 4,,10
	.p2align 3
.L17:
.LBB51:
.LBB52:
	.loc 1 22 32
	mov	edi, 1
	jmp	_Z8lib_onlyIiET_S0_
	.p2align 4,,10
	.p2align 3
.L15:
.LBE52:
.LBE51:
.LBB53:
.LBB54:
.LBB55:
.LBB56:
	.loc 2 4 44
	mov	eax, DWORD PTR counter[rip]
	xor	eax, 85
	ret
	.p2align 4,,10
	.p2align 3
.L13:
.LBE56:
.LBE55:
.LBE54:
.LBE53:
	.loc 1 25 25
	mov	eax, -4
	ret
	.p2align 4,,10
	.p2align 3
.L18:
	.loc 1 21 24
	mov	eax, DWORD PTR counter[rip]
	ret
.L12:
	.loc 1 26 25
	mov	eax, 42
	ret
	.cfi_endproc
.LFE9:
	.size	_Z6choseni, .-_Z6choseni
	.section	.text.startup,"ax",@progbits
	.p2align 4
	.globl	main
	.type	main, @function
main:
.LFB10:
	.loc 1 30 28
	.cfi_startproc
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset 6, -16
	push	rbx
	.cfi_def_cfa_offset 24
	.cfi_offset 3, -24
	mov	ebx, edi
	sub	rsp, 8
	.cfi_def_cfa_offset 32
	.loc 1 32 18
	call	_Z6choseni
	.loc 1 32 52
	mov	edi, ebx
	.loc 1 32 18
	mov	ebp, eax
	.loc 1 32 52
	call	_Z8lib_onlyIiET_S0_
	.loc 1 33 1
	add	rsp, 8
	.cfi_def_cfa_offset 24
	.loc 1 32 57
	lea	eax, 9[rbp+rax]
	.loc 1 33 1
	pop	rbx
	.cfi_def_cfa_offset 16
	pop	rbp
	.cfi_def_cfa_offset 8
	ret
	.cfi_endproc
.LFE10:
	.size	main, .-main
	.globl	counter
	.data
	.align 4
	.type	counter, @object
	.size	counter, 4
counter:
	.long	7
	.text
.Letext0:
	.section	.debug_info,"",@progbits
.Ldebug_info0:
	.long	0x1f0
	.value	0x5
	.byte	0x1
	.byte	0x8
	.long	.Ldebug_abbrev0
	.uleb128 0x6
	.long	.LASF23
	.byte	0x21
	.long	.LASF0
	.long	.LASF1
	.long	.LLRL1
	.quad	0
	.long	.Ldebug_line0
	.uleb128 0x7
	.long	.LASF24
	.byte	0x1
	.byte	0x4
	.byte	0x5
	.uleb128 0x9
	.byte	0x3
	.quad	counter
	.uleb128 0x8
	.long	.LASF25
	.long	.LASF26
	.byte	0x1
	.byte	0x2
	.uleb128 0x9
	.long	0x3c
	.long	.LASF27
	.quad	.LFB21
	.quad	.LFE21-.LFB21
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0x3
	.long	0x3c
	.long	.LASF21
	.quad	.LFB19
	.quad	.LFE19-.LFB19
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0xa
	.long	.LASF28
	.byte	0x2
	.byte	0x3
	.byte	0x30
	.long	.LASF29
	.quad	.LFB17
	.quad	.LFE17-.LFB17
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0xb
	.long	.LASF12
	.byte	0x1
	.byte	0x1e
	.byte	0x5
	.quad	.LFB10
	.quad	.LFE10-.LFB10
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0x4
	.long	.LASF2
	.long	.LASF4
	.uleb128 0x1
	.long	0xb5
	.long	.LASF6
	.uleb128 0x4
	.long	.LASF3
	.long	.LASF5
	.uleb128 0x1
	.long	0xc7
	.long	.LASF7
	.uleb128 0x2
	.long	.LASF8
	.byte	0x1
	.byte	0x13
	.byte	0x5
	.long	.LASF10
	.byte	0x1
	.uleb128 0x2
	.long	.LASF9
	.byte	0x1
	.byte	0xc
	.byte	0x5
	.long	.LASF11
	.byte	0x1
	.uleb128 0xc
	.long	.LASF13
	.byte	0x1
	.byte	0x9
	.byte	0x9
	.long	.LASF22
	.byte	0x1
	.uleb128 0x2
	.byte	0x10
	.uleb128 0x2
	.byte	0x3
	.uleb128 0xd
	.long	.LASF13
	.byte	0x2
	.byte	0x5
	.byte	0x30
	.long	.LASF15
	.byte	0x1
	.uleb128 0x2
	.byte	0x10
	.uleb128 0x2
	.uleb128 0xe
	.long	.LASF14
	.byte	0x2
	.byte	0x5
	.byte	0x18
	.long	.LASF16
	.byte	0x1
	.byte	0x2
	.uleb128 0x1
	.long	0x114
	.long	.LASF17
	.uleb128 0x1
	.long	0x114
	.long	.LASF18
	.uleb128 0x2
	.long	.LASF19
	.byte	0x2
	.byte	0x4
	.byte	0xc
	.long	.LASF20
	.byte	0x3
	.uleb128 0x3
	.long	0xf3
	.long	.LASF22
	.quad	.LFB7
	.quad	.LFE7-.LFB7
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0xf
	.long	0xe6
	.long	.LASF11
	.quad	.LFB8
	.quad	.LFE8-.LFB8
	.uleb128 0x1
	.byte	0x9c
	.long	0x190
	.uleb128 0x10
	.long	0x134
	.quad	.LBB35
	.long	.LLRL0
	.byte	0x1
	.byte	0xf
	.byte	0x1d
	.byte	0
	.uleb128 0x11
	.long	0xd9
	.long	.LASF10
	.quad	.LFB9
	.quad	.LFE9-.LFB9
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0x5
	.long	0xd9
	.quad	.LBB51
	.quad	.LBE51-.LBB51
	.byte	0x13
	.byte	0x5
	.uleb128 0x12
	.long	0xe6
	.quad	.LBB53
	.quad	.LBE53-.LBB53
	.byte	0x1
	.byte	0x18
	.byte	0x1e
	.uleb128 0x5
	.long	0x134
	.quad	.LBB55
	.quad	.LBE55-.LBB55
	.byte	0xf
	.byte	0x1d
	.byte	0
	.byte	0
	.byte	0
	.section	.debug_abbrev,"",@progbits
.Ldebug_abbrev0:
	.uleb128 0x1
	.uleb128 0x2e
	.byte	0
	.uleb128 0x31
	.uleb128 0x13
	.uleb128 0x6e
	.uleb128 0xe
	.byte	0
	.byte	0
	.uleb128 0x2
	.uleb128 0x2e
	.byte	0
	.uleb128 0x3f
	.uleb128 0x19
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0xb
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x39
	.uleb128 0xb
	.uleb128 0x6e
	.uleb128 0xe
	.uleb128 0x20
	.uleb128 0xb
	.byte	0
	.byte	0
	.uleb128 0x3
	.uleb128 0x2e
	.byte	0
	.uleb128 0x31
	.uleb128 0x13
	.uleb128 0x6e
	.uleb128 0xe
	.uleb128 0x11
	.uleb128 0x1
	.uleb128 0x12
	.uleb128 0x7
	.uleb128 0x40
	.uleb128 0x18
	.uleb128 0x7a
	.uleb128 0x19
	.byte	0
	.byte	0
	.uleb128 0x4
	.uleb128 0x2e
	.byte	0
	.uleb128 0x3f
	.uleb128 0x19
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x6e
	.uleb128 0xe
	.uleb128 0x34
	.uleb128 0x19
	.uleb128 0x20
	.uleb128 0x21
	.sleb128 2
	.byte	0
	.byte	0
	.uleb128 0x5
	.uleb128 0x1d
	.byte	0
	.uleb128 0x31
	.uleb128 0x13
	.uleb128 0x11
	.uleb128 0x1
	.uleb128 0x12
	.uleb128 0x7
	.uleb128 0x58
	.uleb128 0x21
	.sleb128 1
	.uleb128 0x59
	.uleb128 0xb
	.uleb128 0x57
	.uleb128 0xb
	.byte	0
	.byte	0
	.uleb128 0x6
	.uleb128 0x11
	.byte	0x1
	.uleb128 0x25
	.uleb128 0xe
	.uleb128 0x13
	.uleb128 0xb
	.uleb128 0x3
	.uleb128 0x1f
	.uleb128 0x1b
	.uleb128 0x1f
	.uleb128 0x55
	.uleb128 0x17
	.uleb128 0x11
	.uleb128 0x1
	.uleb128 0x10
	.uleb128 0x17
	.byte	0
	.byte	0
	.uleb128 0x7
	.uleb128 0x34
	.byte	0
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0xb
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x39
	.uleb128 0xb
	.uleb128 0x3f
	.uleb128 0x19
	.uleb128 0x2
	.uleb128 0x18
	.byte	0
	.byte	0
	.uleb128 0x8
	.uleb128 0x2e
	.byte	0
	.uleb128 0x3f
	.uleb128 0x19
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x6e
	.uleb128 0xe
	.uleb128 0x4c
	.uleb128 0xb
	.uleb128 0x34
	.uleb128 0x19
	.uleb128 0x20
	.uleb128 0xb
	.byte	0
	.byte	0
	.uleb128 0x9
	.uleb128 0x2e
	.byte	0
	.uleb128 0x31
	.uleb128 0x13
	.uleb128 0x6e
	.uleb128 0xe
	.uleb128 0x11
	.uleb128 0x1
	.uleb128 0x12
	.uleb128 0x7
	.uleb128 0x40
	.uleb128 0x18
	.byte	0
	.byte	0
	.uleb128 0xa
	.uleb128 0x2e
	.byte	0
	.uleb128 0x3f
	.uleb128 0x19
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0xb
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x39
	.uleb128 0xb
	.uleb128 0x6e
	.uleb128 0xe
	.uleb128 0x11
	.uleb128 0x1
	.uleb128 0x12
	.uleb128 0x7
	.uleb128 0x40
	.uleb128 0x18
	.uleb128 0x7a
	.uleb128 0x19
	.byte	0
	.byte	0
	.uleb128 0xb
	.uleb128 0x2e
	.byte	0
	.uleb128 0x3f
	.uleb128 0x19
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0xb
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x39
	.uleb128 0xb
	.uleb128 0x11
	.uleb128 0x1
	.uleb128 0x12
	.uleb128 0x7
	.uleb128 0x40
	.uleb128 0x18
	.uleb128 0x7c
	.uleb128 0x19
	.byte	0
	.byte	0
	.uleb128 0xc
	.uleb128 0x2e
	.byte	0
	.uleb128 0x3f
	.uleb128 0x19
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0xb
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x39
	.uleb128 0xb
	.uleb128 0x6e
	.uleb128 0xe
	.uleb128 0x4c
	.uleb128 0xb
	.uleb128 0x4d
	.uleb128 0x18
	.uleb128 0x20
	.uleb128 0xb
	.byte	0
	.byte	0
	.uleb128 0xd
	.uleb128 0x2e
	.byte	0
	.uleb128 0x3f
	.uleb128 0x19
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0xb
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x39
	.uleb128 0xb
	.uleb128 0x6e
	.uleb128 0xe
	.uleb128 0x4c
	.uleb128 0xb
	.uleb128 0x4d
	.uleb128 0x18
	.byte	0
	.byte	0
	.uleb128 0xe
	.uleb128 0x2e
	.byte	0
	.uleb128 0x3f
	.uleb128 0x19
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0xb
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x39
	.uleb128 0xb
	.uleb128 0x6e
	.uleb128 0xe
	.uleb128 0x4c
	.uleb128 0xb
	.uleb128 0x20
	.uleb128 0xb
	.byte	0
	.byte	0
	.uleb128 0xf
	.uleb128 0x2e
	.byte	0x1
	.uleb128 0x31
	.uleb128 0x13
	.uleb128 0x6e
	.uleb128 0xe
	.uleb128 0x11
	.uleb128 0x1
	.uleb128 0x12
	.uleb128 0x7
	.uleb128 0x40
	.uleb128 0x18
	.uleb128 0x7a
	.uleb128 0x19
	.uleb128 0x1
	.uleb128 0x13
	.byte	0
	.byte	0
	.uleb128 0x10
	.uleb128 0x1d
	.byte	0
	.uleb128 0x31
	.uleb128 0x13
	.uleb128 0x52
	.uleb128 0x1
	.uleb128 0x55
	.uleb128 0x17
	.uleb128 0x58
	.uleb128 0xb
	.uleb128 0x59
	.uleb128 0xb
	.uleb128 0x57
	.uleb128 0xb
	.byte	0
	.byte	0
	.uleb128 0x11
	.uleb128 0x2e
	.byte	0x1
	.uleb128 0x31
	.uleb128 0x13
	.uleb128 0x6e
	.uleb128 0xe
	.uleb128 0x11
	.uleb128 0x1
	.uleb128 0x12
	.uleb128 0x7
	.uleb128 0x40
	.uleb128 0x18
	.byte	0
	.byte	0
	.uleb128 0x12
	.uleb128 0x1d
	.byte	0x1
	.uleb128 0x31
	.uleb128 0x13
	.uleb128 0x11
	.uleb128 0x1
	.uleb128 0x12
	.uleb128 0x7
	.uleb128 0x58
	.uleb128 0xb
	.uleb128 0x59
	.uleb128 0xb
	.uleb128 0x57
	.uleb128 0xb
	.byte	0
	.byte	0
	.byte	0
	.section	.debug_aranges,"",@progbits
	.long	0x7c
	.value	0x2
	.long	.Ldebug_info0
	.byte	0x8
	.byte	0
	.value	0
	.value	0
	.quad	.Ltext0
	.quad	.Letext0-.Ltext0
	.quad	.LFB7
	.quad	.LFE7-.LFB7
	.quad	.LFB19
	.quad	.LFE19-.LFB19
	.quad	.LFB21
	.quad	.LFE21-.LFB21
	.quad	.LFB17
	.quad	.LFE17-.LFB17
	.quad	.LFB10
	.quad	.LFE10-.LFB10
	.quad	0
	.quad	0
	.section	.debug_rnglists,"",@progbits
.Ldebug_ranges0:
	.long	.Ldebug_ranges3-.Ldebug_ranges2
.Ldebug_ranges2:
	.value	0x5
	.byte	0x8
	.byte	0
	.long	0
.LLRL0:
	.byte	0x5
	.quad	.LBB35
	.byte	0x4
	.uleb128 .LBB35-.LBB35
	.uleb128 .LBE35-.LBB35
	.byte	0x4
	.uleb128 .LBB38-.LBB35
	.uleb128 .LBE38-.LBB35
	.byte	0
.LLRL1:
	.byte	0x7
	.quad	.Ltext0
	.uleb128 .Letext0-.Ltext0
	.byte	0x7
	.quad	.LFB7
	.uleb128 .LFE7-.LFB7
	.byte	0x7
	.quad	.LFB19
	.uleb128 .LFE19-.LFB19
	.byte	0x7
	.quad	.LFB21
	.uleb128 .LFE21-.LFB21
	.byte	0x7
	.quad	.LFB17
	.uleb128 .LFE17-.LFB17
	.byte	0x7
	.quad	.LFB10
	.uleb128 .LFE10-.LFB10
	.byte	0
.Ldebug_ranges3:
	.section	.debug_line,"",@progbits
.Ldebug_line0:
	.section	.debug_str,"MS",@progbits,1
.LASF27:
	.string	"_ZN6SquareD0Ev"
.LASF23:
	.string	"GNU C++20 12.2.0 -masm=intel -mtune=generic -march=x86-64 -g1 -O2 -std=c++20 -fno-lto -fasynchronous-unwind-tables"
.LASF28:
	.string	"lib_only<int>"
.LASF7:
	.string	"_ZN5ShapeC2Ev"
.LASF16:
	.string	"_ZN5ShapeD4Ev"
.LASF21:
	.string	"_ZN6SquareD2Ev"
.LASF5:
	.string	"_ZN5ShapeC4Ev"
.LASF14:
	.string	"~Shape"
.LASF17:
	.string	"_ZN5ShapeD0Ev"
.LASF26:
	.string	"_ZN6SquareD4Ev"
.LASF13:
	.string	"area"
.LASF11:
	.string	"_Z6scaledPKii"
.LASF12:
	.string	"main"
.LASF9:
	.string	"scaled"
.LASF22:
	.string	"_ZNK6Square4areaEv"
.LASF19:
	.string	"lib_inlined"
.LASF29:
	.string	"_Z8lib_onlyIiET_S0_"
.LASF6:
	.string	"_ZN6SquareC2Ev"
.LASF24:
	.string	"counter"
.LASF2:
	.string	"Square"
.LASF20:
	.string	"_Z11lib_inlinedi"
.LASF15:
	.string	"_ZNK5Shape4areaEv"
.LASF25:
	.string	"~Square"
.LASF18:
	.string	"_ZN5ShapeD2Ev"
.LASF4:
	.string	"_ZN6SquareC4Ev"
.LASF8:
	.string	"chosen"
.LASF3:
	.string	"Shape"
.LASF10:
	.string	"_Z6choseni"
	.section	.debug_line_str,"MS",@progbits,1
.LASF1:
	.string	"/home/user"
.LASF0:
	.string	"cell.cpp"
	.ident	"GCC: (Debian 12.2.0-14+deb12u1) 12.2.0"
	.section	.note.GNU-stack,"",@progbits
