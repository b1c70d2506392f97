	.file	"cell.cpp"
	.intel_syntax noprefix
	.text
.Ltext0:
	.file 0 "/home/user" "cell.cpp"
	.section	.text._Z11lib_inlinedi,"axG",@progbits,_Z11lib_inlinedi,comdat
	.weak	_Z11lib_inlinedi
	.type	_Z11lib_inlinedi, @function
_Z11lib_inlinedi:
.LFB1:
	.file 1 "./lib.h"
	.loc 1 4 31
	.cfi_startproc
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset 6, -16
	mov	rbp, rsp
	.cfi_def_cfa_register 6
	mov	DWORD PTR -4[rbp], edi
	.loc 1 4 44
	mov	eax, DWORD PTR -4[rbp]
	xor	eax, 85
	.loc 1 4 50
	pop	rbp
	.cfi_def_cfa 7, 8
	ret
	.cfi_endproc
.LFE1:
	.size	_Z11lib_inlinedi, .-_Z11lib_inlinedi
	.section	.text._ZN5ShapeD2Ev,"axG",@progbits,_ZN5ShapeD5Ev,comdat
	.align 2
	.weak	_ZN5ShapeD2Ev
	.type	_ZN5ShapeD2Ev, @function
_ZN5ShapeD2Ev:
.LFB3:
	.loc 1 5 24
	.cfi_startproc
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset 6, -16
	mov	rbp, rsp
	.cfi_def_cfa_register 6
	mov	QWORD PTR -8[rbp], rdi
.LBB2:
	.loc 1 5 33
	lea	rdx, _ZTV5Shape[rip+16]
	mov	rax, QWORD PTR -8[rbp]
	mov	QWORD PTR [rax], rdx
.LBE2:
	.loc 1 5 34
	nop
	pop	rbp
	.cfi_def_cfa 7, 8
	ret
	.cfi_endproc
.LFE3:
	.size	_ZN5ShapeD2Ev, .-_ZN5ShapeD2Ev
	.weak	_ZN5ShapeD1Ev
	.set	_ZN5ShapeD1Ev,_ZN5ShapeD2Ev
	.section	.text._ZN5ShapeD0Ev,"axG",@progbits,_ZN5ShapeD5Ev,comdat
	.align 2
	.weak	_ZN5ShapeD0Ev
	.type	_ZN5ShapeD0Ev, @function
_ZN5ShapeD0Ev:
.LFB5:
	.loc 1 5 24
	.cfi_startproc
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset 6, -16
	mov	rbp, rsp
	.cfi_def_cfa_register 6
	sub	rsp, 16
	mov	QWORD PTR -8[rbp], rdi
	.loc 1 5 34
	mov	rax, QWORD PTR -8[rbp]
	mov	rdi, rax
	call	_ZN5ShapeD1Ev
	mov	rax, QWORD PTR -8[rbp]
	mov	esi, 8
	mov	rdi, rax
	call	_ZdlPvm@PLT
	leave
	.cfi_def_cfa 7, 8
	ret
	.cfi_endproc
.LFE5:
	.size	_ZN5ShapeD0Ev, .-_ZN5ShapeD0Ev
	.section	.text._ZNK5Shape4areaEv,"axG",@progbits,_ZNK5Shape4areaEv,comdat
	.align 2
	.weak	_ZNK5Shape4areaEv
	.type	_ZNK5Shape4areaEv, @function
_ZNK5Shape4areaEv:
.LFB6:
	.loc 1 5 48
	.cfi_startproc
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset 6, -16
	mov	rbp, rsp
	.cfi_def_cfa_register 6
	mov	QWORD PTR -8[rbp], rdi
	.loc 1 5 70
	mov	eax, 0
	.loc 1 5 73
	pop	rbp
	.cfi_def_cfa 7, 8
	ret
	.cfi_endproc
.LFE6:
	.size	_ZNK5Shape4areaEv, .-_ZNK5Shape4areaEv
	.globl	counter
	.data
	.align 4
	.type	counter, @object
	.size	counter, 4
counter:
	.long	7
	.section	.rodata
.LC0:
	.string	"zero"
.LC1:
	.string	"one"
	.section	.data.rel.local,"aw"
	.align 16
	.type	_ZL5words, @object
	.size	_ZL5words, 16
_ZL5words:
	.quad	.LC0
	.quad	.LC1
	.section	.text._ZNK6Square4areaEv,"axG",@progbits,_ZNK6Square4areaEv,comdat
	.align 2
	.weak	_ZNK6Square4areaEv
	.type	_ZNK6Square4areaEv, @function
_ZNK6Square4areaEv:
.LFB7:
	.file 2 "cell.cpp"
	.loc 2 9 9
	.cfi_startproc
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset 6, -16
	mov	rbp, rsp
	.cfi_def_cfa_register 6
	mov	QWORD PTR -8[rbp], rdi
	.loc 2 9 40
	mov	rax, QWORD PTR -8[rbp]
	mov	edx, DWORD PTR 8[rax]
	.loc 2 9 47
	mov	rax, QWORD PTR -8[rbp]
	mov	eax, DWORD PTR 8[rax]
	imul	eax, edx
	.loc 2 9 53
	pop	rbp
	.cfi_def_cfa 7, 8
	ret
	.cfi_endproc
.LFE7:
	.size	_ZNK6Square4areaEv, .-_ZNK6Square4areaEv
	.text
	.globl	_Z6scaledPKii
	.type	_Z6scaledPKii, @function
_Z6scaledPKii:
.LFB8:
	.loc 2 12 38
	.cfi_startproc
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset 6, -16
	mov	rbp, rsp
	.cfi_def_cfa_register 6
	sub	rsp, 32
	mov	QWORD PTR -24[rbp], rdi
	mov	DWORD PTR -28[rbp], esi
	.loc 2 13 9
	mov	DWORD PTR -4[rbp], 0
.LBB3:
	.loc 2 14 14
	mov	DWORD PTR -8[rbp], 0
	.loc 2 14 5
	jmp	.L10
.L11:
	.loc 2 15 37 discriminator 3
	mov	eax, DWORD PTR -8[rbp]
	cdqe
	.loc 2 15 38 discriminator 3
	lea	rdx, 0[0+rax*4]
	mov	rax, QWORD PTR -24[rbp]
	add	rax, rdx
	.loc 2 15 29 discriminator 3
	mov	eax, DWORD PTR [rax]
	mov	edi, eax
	call	_Z11lib_inlinedi
	.loc 2 15 15 discriminator 3
	add	DWORD PTR -4[rbp], eax
	.loc 2 14 5 discriminator 3
	add	DWORD PTR -8[rbp], 1
.L10:
	.loc 2 14 23 discriminator 1
	mov	eax, DWORD PTR -8[rbp]
	cmp	eax, DWORD PTR -28[rbp]
	jl	.L11
.LBE3:
	.loc 2 16 12
	mov	eax, DWORD PTR -4[rbp]
	.loc 2 17 1
	leave
	.cfi_def_cfa 7, 8
	ret
	.cfi_endproc
.LFE8:
	.size	_Z6scaledPKii, .-_Z6scaledPKii
	.globl	_Z6choseni
	.type	_Z6choseni, @function
_Z6choseni:
.LFB9:
	.loc 2 19 19
	.cfi_startproc
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset 6, -16
	mov	rbp, rsp
	.cfi_def_cfa_register 6
	sub	rsp, 16
	mov	DWORD PTR -4[rbp], edi
	.loc 2 20 5
	cmp	DWORD PTR -4[rbp], 4
	ja	.L14
	mov	eax, DWORD PTR -4[rbp]
	lea	rdx, 0[0+rax*4]
	lea	rax, .L16[rip]
	mov	eax, DWORD PTR [rdx+rax]
	cdqe
	lea	rdx, .L16[rip]
	add	rax, rdx
	jmp	rax
	.section	.rodata
	.align 4
	.align 4
.L16:
	.long	.L20-.L16
	.long	.L19-.L16
	.long	.L18-.L16
	.long	.L17-.L16
	.long	.L15-.L16
	.text
.L20:
	.loc 2 21 24
	mov	eax, DWORD PTR counter[rip]
	jmp	.L21
.L19:
	.loc 2 22 32
	mov	eax, DWORD PTR -4[rbp]
	mov	edi, eax
	call	_Z8lib_onlyIiET_S0_
	.loc 2 22 34
	jmp	.L21
.L18:
	.loc 2 23 32
	mov	eax, DWORD PTR -4[rbp]
	and	eax, 1
	.loc 2 23 35
	cdqe
	lea	rdx, 0[0+rax*8]
	lea	rax, _ZL5words[rip]
	mov	rax, QWORD PTR [rdx+rax]
	.loc 2 23 38
	movzx	eax, BYTE PTR [rax]
	movsx	eax, al
	jmp	.L21
.L17:
	.loc 2 24 30
	mov	esi, 1
	lea	rax, counter[rip]
	mov	rdi, rax
	call	_Z6scaledPKii
	.loc 2 24 42
	jmp	.L21
.L15:
	.loc 2 25 25
	mov	eax, DWORD PTR -4[rbp]
	neg	eax
	jmp	.L21
.L14:
	.loc 2 26 25
	mov	eax, 42
.L21:
	.loc 2 28 1
	leave
	.cfi_def_cfa 7, 8
	ret
	.cfi_endproc
.LFE9:
	.size	_Z6choseni, .-_Z6choseni
	.section	.text._ZN5ShapeC2Ev,"axG",@progbits,_ZN5ShapeC5Ev,comdat
	.align 2
	.weak	_ZN5ShapeC2Ev
	.type	_ZN5ShapeC2Ev, @function
_ZN5ShapeC2Ev:
.LFB13:
	.loc 1 5 8
	.cfi_startproc
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset 6, -16
	mov	rbp, rsp
	.cfi_def_cfa_register 6
	mov	QWORD PTR -8[rbp], rdi
.LBB4:
	.loc 1 5 8
	lea	rdx, _ZTV5Shape[rip+16]
	mov	rax, QWORD PTR -8[rbp]
	mov	QWORD PTR [rax], rdx
.LBE4:
	nop
	pop	rbp
	.cfi_def_cfa 7, 8
	ret
	.cfi_endproc
.LFE13:
	.size	_ZN5ShapeC2Ev, .-_ZN5ShapeC2Ev
	.weak	_ZN5ShapeC1Ev
	.set	_ZN5ShapeC1Ev,_ZN5ShapeC2Ev
	.section	.text._ZN6SquareC2Ev,"axG",@progbits,_ZN6SquareC5Ev,comdat
	.align 2
	.weak	_ZN6SquareC2Ev
	.type	_ZN6SquareC2Ev, @function
_ZN6SquareC2Ev:
.LFB15:
	.loc 2 7 8
	.cfi_startproc
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset 6, -16
	mov	rbp, rsp
	.cfi_def_cfa_register 6
	sub	rsp, 16
	mov	QWORD PTR -8[rbp], rdi
.LBB5:
	.loc 2 7 8
	mov	rax, QWORD PTR -8[rbp]
	mov	rdi, rax
	call	_ZN5ShapeC2Ev
	lea	rdx, _ZTV6Square[rip+16]
	mov	rax, QWORD PTR -8[rbp]
	mov	QWORD PTR [rax], rdx
	mov	rax, QWORD PTR -8[rbp]
	mov	DWORD PTR 8[rax], 3
.LBE5:
	nop
	leave
	.cfi_def_cfa 7, 8
	ret
	.cfi_endproc
.LFE15:
	.size	_ZN6SquareC2Ev, .-_ZN6SquareC2Ev
	.weak	_ZN6SquareC1Ev
	.set	_ZN6SquareC1Ev,_ZN6SquareC2Ev
	.text
	.globl	main
	.type	main, @function
main:
.LFB10:
	.loc 2 30 28
	.cfi_startproc
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset 6, -16
	mov	rbp, rsp
	.cfi_def_cfa_register 6
	push	rbx
	sub	rsp, 40
	.cfi_offset 3, -24
	mov	DWORD PTR -36[rbp], edi
	mov	QWORD PTR -48[rbp], rsi
	.loc 2 31 26
	mov	edi, 16
	call	_Znwm@PLT
	mov	rbx, rax
	mov	rdi, rbx
	call	_ZN6SquareC1Ev
	mov	QWORD PTR -24[rbp], rbx
	.loc 2 32 18
	mov	eax, DWORD PTR -36[rbp]
	mov	edi, eax
	call	_Z6choseni
	mov	ebx, eax
	.loc 2 32 39
	mov	rax, QWORD PTR -24[rbp]
	mov	rax, QWORD PTR [rax]
	add	rax, 16
	mov	rdx, QWORD PTR [rax]
	mov	rax, QWORD PTR -24[rbp]
	mov	rdi, rax
	call	rdx
.LVL0:
	.loc 2 32 25
	add	ebx, eax
	.loc 2 32 52
	mov	eax, DWORD PTR -36[rbp]
	mov	edi, eax
	call	_Z8lib_onlyIiET_S0_
	.loc 2 32 57
	add	eax, ebx
	.loc 2 33 1
	mov	rbx, QWORD PTR -8[rbp]
	leave
	.cfi_def_cfa 7, 8
	ret
	.cfi_endproc
.LFE10:
	.size	main, .-main
	.section	.text._Z8lib_onlyIiET_S0_,"axG",@progbits,_Z8lib_onlyIiET_S0_,comdat
	.weak	_Z8lib_onlyIiET_S0_
	.type	_Z8lib_onlyIiET_S0_, @function
_Z8lib_onlyIiET_S0_:
.LFB17:
	.loc 1 3 48
	.cfi_startproc
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset 6, -16
	mov	rbp, rsp
	.cfi_def_cfa_register 6
	mov	DWORD PTR -4[rbp], edi
	.loc 1 3 73
	mov	eax, DWORD PTR -4[rbp]
	imul	eax, eax
	.loc 1 3 79
	add	eax, 1
	.loc 1 3 82
	pop	rbp
	.cfi_def_cfa 7, 8
	ret
	.cfi_endproc
.LFE17:
	.size	_Z8lib_onlyIiET_S0_, .-_Z8lib_onlyIiET_S0_
	.weak	_ZTV6Square
	.section	.data.rel.ro.local._ZTV6Square,"awG",@progbits,_ZTV6Square,comdat
	.align 8
	.type	_ZTV6Square, @object
	.size	_ZTV6Square, 40
_ZTV6Square:
	.quad	0
	.quad	_ZTI6Square
	.quad	_ZN6SquareD1Ev
	.quad	_ZN6SquareD0Ev
	.quad	_ZNK6Square4areaEv
	.section	.text._ZN6SquareD2Ev,"axG",@progbits,_ZN6SquareD5Ev,comdat
	.align 2
	.weak	_ZN6SquareD2Ev
	.type	_ZN6SquareD2Ev, @function
_ZN6SquareD2Ev:
.LFB19:
	.loc 2 7 8
	.cfi_startproc
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset 6, -16
	mov	rbp, rsp
	.cfi_def_cfa_register 6
	sub	rsp, 16
	mov	QWORD PTR -8[rbp], rdi
.LBB6:
	.loc 2 7 8
	lea	rdx, _ZTV6Square[rip+16]
	mov	rax, QWORD PTR -8[rbp]
	mov	QWORD PTR [rax], rdx
	mov	rax, QWORD PTR -8[rbp]
	mov	rdi, rax
	call	_ZN5ShapeD2Ev
.LBE6:
	nop
	leave
	.cfi_def_cfa 7, 8
	ret
	.cfi_endproc
.LFE19:
	.size	_ZN6SquareD2Ev, .-_ZN6SquareD2Ev
	.weak	_ZN6SquareD1Ev
	.set	_ZN6SquareD1Ev,_ZN6SquareD2Ev
	.section	.text._ZN6SquareD0Ev,"axG",@progbits,_ZN6SquareD5Ev,comdat
	.align 2
	.weak	_ZN6SquareD0Ev
	.type	_ZN6SquareD0Ev, @function
_ZN6SquareD0Ev:
.LFB21:
	.loc 2 7 8
	.cfi_startproc
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset 6, -16
	mov	rbp, rsp
	.cfi_def_cfa_register 6
	sub	rsp, 16
	mov	QWORD PTR -8[rbp], rdi
	.loc 2 7 8
	mov	rax, QWORD PTR -8[rbp]
	mov	rdi, rax
	call	_ZN6SquareD1Ev
	mov	rax, QWORD PTR -8[rbp]
	mov	esi, 16
	mov	rdi, rax
	call	_ZdlPvm@PLT
	leave
	.cfi_def_cfa 7, 8
	ret
	.cfi_endproc
.LFE21:
	.size	_ZN6SquareD0Ev, .-_ZN6SquareD0Ev
	.weak	_ZTV5Shape
	.section	.data.rel.ro.local._ZTV5Shape,"awG",@progbits,_ZTV5Shape,comdat
	.align 8
	.type	_ZTV5Shape, @object
	.size	_ZTV5Shape, 40
_ZTV5Shape:
	.quad	0
	.quad	_ZTI5Shape
	.quad	_ZN5ShapeD1Ev
	.quad	_ZN5ShapeD0Ev
	.quad	_ZNK5Shape4areaEv
	.weak	_ZTI6Square
	.section	.data.rel.ro._ZTI6Square,"awG",@progbits,_ZTI6Square,comdat
	.align 8
	.type	_ZTI6Square, @object
	.size	_ZTI6Square, 24
_ZTI6Square:
	.quad	_ZTVN10__cxxabiv120__si_class_type_infoE+16
	.quad	_ZTS6Square
	.quad	_ZTI5Shape
	.weak	_ZTS6Square
	.section	.rodata._ZTS6Square,"aG",@progbits,_ZTS6Square,comdat
	.align 8
	.type	_ZTS6Square, @object
	.size	_ZTS6Square, 8
_ZTS6Square:
	.string	"6Square"
	.weak	_ZTI5Shape
	.section	.data.rel.ro._ZTI5Shape,"awG",@progbits,_ZTI5Shape,comdat
	.align 8
	.type	_ZTI5Shape, @object
	.size	_ZTI5Shape, 16
_ZTI5Shape:
	.quad	_ZTVN10__cxxabiv117__class_type_infoE+16
	.quad	_ZTS5Shape
	.weak	_ZTS5Shape
	.section	.rodata._ZTS5Shape,"aG",@progbits,_ZTS5Shape,comdat
	.type	_ZTS5Shape, @object
	.size	_ZTS5Shape, 7
_ZTS5Shape:
	.string	"5Shape"
	.text
.Letext0:
	.section	.debug_info,"",@progbits
.Ldebug_info0:
	.long	0x1d4
	.value	0x5
	.byte	0x1
	.byte	0x8
	.long	.Ldebug_abbrev0
	.uleb128 0x7
	.long	.LASF23
	.byte	0x21
	.long	.LASF0
	.long	.LASF1
	.long	.LLRL0
	.quad	0
	.long	.Ldebug_line0
	.uleb128 0x8
	.long	.LASF24
	.byte	0x2
	.byte	0x4
	.byte	0x5
	.uleb128 0x9
	.byte	0x3
	.quad	counter
	.uleb128 0x9
	.long	.LASF25
	.long	.LASF26
	.byte	0x1
	.byte	0x2
	.uleb128 0x1
	.long	0x3c
	.long	.LASF2
	.quad	.LFB21
	.quad	.LFE21-.LFB21
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0x1
	.long	0x3c
	.long	.LASF3
	.quad	.LFB19
	.quad	.LFE19-.LFB19
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0x2
	.long	.LASF10
	.byte	0x3
	.byte	0x30
	.long	.LASF12
	.quad	.LFB17
	.quad	.LFE17-.LFB17
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0xa
	.long	.LASF27
	.byte	0x2
	.byte	0x1e
	.byte	0x5
	.quad	.LFB10
	.quad	.LFE10-.LFB10
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0x3
	.long	.LASF5
	.long	.LASF7
	.uleb128 0x1
	.long	0xb4
	.long	.LASF4
	.quad	.LFB15
	.quad	.LFE15-.LFB15
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0x3
	.long	.LASF6
	.long	.LASF8
	.uleb128 0x4
	.long	0xd8
	.long	.LASF9
	.quad	.LFB13
	.quad	.LFE13-.LFB13
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0x5
	.long	.LASF11
	.byte	0x13
	.long	.LASF13
	.quad	.LFB9
	.quad	.LFE9-.LFB9
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0x5
	.long	.LASF14
	.byte	0xc
	.long	.LASF15
	.quad	.LFB8
	.quad	.LFE8-.LFB8
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0x6
	.long	.LASF16
	.byte	0x2
	.byte	0x9
	.byte	0x9
	.long	.LASF17
	.uleb128 0x2
	.byte	0x10
	.uleb128 0x2
	.quad	.LFB7
	.quad	.LFE7-.LFB7
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0x6
	.long	.LASF16
	.byte	0x1
	.byte	0x5
	.byte	0x30
	.long	.LASF18
	.uleb128 0x2
	.byte	0x10
	.uleb128 0x2
	.quad	.LFB6
	.quad	.LFE6-.LFB6
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0xb
	.long	.LASF28
	.byte	0x1
	.byte	0x5
	.byte	0x18
	.long	.LASF29
	.byte	0x1
	.byte	0x2
	.uleb128 0x1
	.long	0x176
	.long	.LASF19
	.quad	.LFB5
	.quad	.LFE5-.LFB5
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0x4
	.long	0x176
	.long	.LASF20
	.quad	.LFB3
	.quad	.LFE3-.LFB3
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0x2
	.long	.LASF21
	.byte	0x4
	.byte	0xc
	.long	.LASF22
	.quad	.LFB1
	.quad	.LFE1-.LFB1
	.uleb128 0x1
	.byte	0x9c
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
	.uleb128 0x2
	.uleb128 0x2e
	.byte	0
	.uleb128 0x3f
	.uleb128 0x19
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0x21
	.sleb128 1
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
	.uleb128 0x3
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
	.uleb128 0x4
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
	.uleb128 0x5
	.uleb128 0x2e
	.byte	0
	.uleb128 0x3f
	.uleb128 0x19
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0x21
	.sleb128 2
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x39
	.uleb128 0x21
	.sleb128 5
	.uleb128 0x6e
	.uleb128 0xe
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
	.uleb128 0x6
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
	.uleb128 0x21
	.sleb128 1
	.uleb128 0x4d
	.uleb128 0x18
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
	.uleb128 0x7
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
	.uleb128 0x8
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
	.uleb128 0x9
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
	.uleb128 0x6e
	.uleb128 0xe
	.uleb128 0x4c
	.uleb128 0xb
	.uleb128 0x20
	.uleb128 0xb
	.byte	0
	.byte	0
	.byte	0
	.section	.debug_aranges,"",@progbits
	.long	0xcc
	.value	0x2
	.long	.Ldebug_info0
	.byte	0x8
	.byte	0
	.value	0
	.value	0
	.quad	.Ltext0
	.quad	.Letext0-.Ltext0
	.quad	.LFB1
	.quad	.LFE1-.LFB1
	.quad	.LFB3
	.quad	.LFE3-.LFB3
	.quad	.LFB5
	.quad	.LFE5-.LFB5
	.quad	.LFB6
	.quad	.LFE6-.LFB6
	.quad	.LFB7
	.quad	.LFE7-.LFB7
	.quad	.LFB13
	.quad	.LFE13-.LFB13
	.quad	.LFB15
	.quad	.LFE15-.LFB15
	.quad	.LFB17
	.quad	.LFE17-.LFB17
	.quad	.LFB19
	.quad	.LFE19-.LFB19
	.quad	.LFB21
	.quad	.LFE21-.LFB21
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
	.byte	0x7
	.quad	.Ltext0
	.uleb128 .Letext0-.Ltext0
	.byte	0x7
	.quad	.LFB1
	.uleb128 .LFE1-.LFB1
	.byte	0x7
	.quad	.LFB3
	.uleb128 .LFE3-.LFB3
	.byte	0x7
	.quad	.LFB5
	.uleb128 .LFE5-.LFB5
	.byte	0x7
	.quad	.LFB6
	.uleb128 .LFE6-.LFB6
	.byte	0x7
	.quad	.LFB7
	.uleb128 .LFE7-.LFB7
	.byte	0x7
	.quad	.LFB13
	.uleb128 .LFE13-.LFB13
	.byte	0x7
	.quad	.LFB15
	.uleb128 .LFE15-.LFB15
	.byte	0x7
	.quad	.LFB17
	.uleb128 .LFE17-.LFB17
	.byte	0x7
	.quad	.LFB19
	.uleb128 .LFE19-.LFB19
	.byte	0x7
	.quad	.LFB21
	.uleb128 .LFE21-.LFB21
	.byte	0
.Ldebug_ranges3:
	.section	.debug_line,"",@progbits
.Ldebug_line0:
	.section	.debug_str,"MS",@progbits,1
.LASF2:
	.string	"_ZN6SquareD0Ev"
.LASF10:
	.string	"lib_only<int>"
.LASF9:
	.string	"_ZN5ShapeC2Ev"
.LASF29:
	.string	"_ZN5ShapeD4Ev"
.LASF3:
	.string	"_ZN6SquareD2Ev"
.LASF28:
	.string	"~Shape"
.LASF8:
	.string	"_ZN5ShapeC4Ev"
.LASF23:
	.string	"GNU C++20 12.2.0 -masm=intel -mtune=generic -march=x86-64 -g1 -O0 -std=c++20 -fno-lto -fasynchronous-unwind-tables"
.LASF19:
	.string	"_ZN5ShapeD0Ev"
.LASF26:
	.string	"_ZN6SquareD4Ev"
.LASF16:
	.string	"area"
.LASF15:
	.string	"_Z6scaledPKii"
.LASF27:
	.string	"main"
.LASF14:
	.string	"scaled"
.LASF17:
	.string	"_ZNK6Square4areaEv"
.LASF21:
	.string	"lib_inlined"
.LASF12:
	.string	"_Z8lib_onlyIiET_S0_"
.LASF4:
	.string	"_ZN6SquareC2Ev"
.LASF24:
	.string	"counter"
.LASF5:
	.string	"Square"
.LASF22:
	.string	"_Z11lib_inlinedi"
.LASF18:
	.string	"_ZNK5Shape4areaEv"
.LASF25:
	.string	"~Square"
.LASF20:
	.string	"_ZN5ShapeD2Ev"
.LASF7:
	.string	"_ZN6SquareC4Ev"
.LASF11:
	.string	"chosen"
.LASF6:
	.string	"Shape"
.LASF13:
	.string	"_Z6choseni"
	.section	.debug_line_str,"MS",@progbits,1
.LASF1:
	.string	"/home/user"
.LASF0:
	.string	"cell.cpp"
	.ident	"GCC: (Debian 12.2.0-14+deb12u1) 12.2.0"
	.section	.note.GNU-stack,"",@progbits
