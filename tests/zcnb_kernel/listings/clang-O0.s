	.text
	.intel_syntax noprefix
	.file	"cell.cpp"
	.globl	_Z6scaledPKii                   # -- Begin function _Z6scaledPKii
	.p2align	4, 0x90
	.type	_Z6scaledPKii,@function
_Z6scaledPKii:                          # @_Z6scaledPKii
.Lfunc_begin0:
	.file	0 "/home/user" "cell.cpp" md5 0xa3f9fbc47fa7b52e08ec074be67a3b92
	.loc	0 12 0                          # cell.cpp:12:0
	.cfi_startproc
# %bb.0:
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	mov	rbp, rsp
	.cfi_def_cfa_register rbp
	sub	rsp, 32
	mov	qword ptr [rbp - 8], rdi
	mov	dword ptr [rbp - 12], esi
.Ltmp0:
	.loc	0 13 9 prologue_end             # cell.cpp:13:9
	mov	dword ptr [rbp - 16], 0
	.loc	0 14 14                         # cell.cpp:14:14
	mov	dword ptr [rbp - 20], 0
.LBB0_1:                                # =>This Inner Loop Header: Depth=1
	.loc	0 14 21 is_stmt 0               # cell.cpp:14:21
	mov	eax, dword ptr [rbp - 20]
	.loc	0 14 23                         # cell.cpp:14:23
	cmp	eax, dword ptr [rbp - 12]
	.loc	0 14 5                          # cell.cpp:14:5
	jge	.LBB0_4
# %bb.2:                                #   in Loop: Header=BB0_1 Depth=1
	.loc	0 15 30 is_stmt 1               # cell.cpp:15:30
	mov	rax, qword ptr [rbp - 8]
	movsxd	rcx, dword ptr [rbp - 20]
	mov	edi, dword ptr [rax + 4*rcx]
	.loc	0 15 18 is_stmt 0               # cell.cpp:15:18
	call	_Z11lib_inlinedi
	.loc	0 15 15                         # cell.cpp:15:15
	add	eax, dword ptr [rbp - 16]
	mov	dword ptr [rbp - 16], eax
# %bb.3:                                #   in Loop: Header=BB0_1 Depth=1
	.loc	0 14 28 is_stmt 1               # cell.cpp:14:28
	mov	eax, dword ptr [rbp - 20]
	add	eax, 1
	mov	dword ptr [rbp - 20], eax
	.loc	0 14 5 is_stmt 0                # cell.cpp:14:5
	jmp	.LBB0_1
.LBB0_4:
	.loc	0 16 12 is_stmt 1               # cell.cpp:16:12
	mov	eax, dword ptr [rbp - 16]
	.loc	0 16 5 epilogue_begin is_stmt 0 # cell.cpp:16:5
	add	rsp, 32
	pop	rbp
	.cfi_def_cfa rsp, 8
	ret
.Ltmp1:
.Lfunc_end0:
	.size	_Z6scaledPKii, .Lfunc_end0-_Z6scaledPKii
	.cfi_endproc
                                        # -- End function
	.section	.text._Z11lib_inlinedi,"axG",@progbits,_Z11lib_inlinedi,comdat
	.weak	_Z11lib_inlinedi                # -- Begin function _Z11lib_inlinedi
	.p2align	4, 0x90
	.type	_Z11lib_inlinedi,@function
_Z11lib_inlinedi:                       # @_Z11lib_inlinedi
.Lfunc_begin1:
	.file	1 "." "lib.h" md5 0xf1dd139bf75a0ba0ad75a36aafbc94cc
	.loc	1 4 0 is_stmt 1                 # ./lib.h:4:0
	.cfi_startproc
# %bb.0:
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	mov	rbp, rsp
	.cfi_def_cfa_register rbp
	mov	dword ptr [rbp - 4], edi
.Ltmp2:
	.loc	1 4 40 prologue_end             # ./lib.h:4:40
	mov	eax, dword ptr [rbp - 4]
	.loc	1 4 42 is_stmt 0                # ./lib.h:4:42
	xor	eax, 85
	.loc	1 4 33 epilogue_begin           # ./lib.h:4:33
	pop	rbp
	.cfi_def_cfa rsp, 8
	ret
.Ltmp3:
.Lfunc_end1:
	.size	_Z11lib_inlinedi, .Lfunc_end1-_Z11lib_inlinedi
	.cfi_endproc
                                        # -- End function
	.text
	.globl	_Z6choseni                      # -- Begin function _Z6choseni
	.p2align	4, 0x90
	.type	_Z6choseni,@function
_Z6choseni:                             # @_Z6choseni
.Lfunc_begin2:
	.loc	0 19 0 is_stmt 1                # cell.cpp:19:0
	.cfi_startproc
# %bb.0:
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	mov	rbp, rsp
	.cfi_def_cfa_register rbp
	sub	rsp, 16
	mov	dword ptr [rbp - 8], edi
.Ltmp4:
	.loc	0 20 13 prologue_end            # cell.cpp:20:13
	mov	eax, dword ptr [rbp - 8]
                                        # kill: def $rax killed $eax
	mov	qword ptr [rbp - 16], rax       # 8-byte Spill
	sub	rax, 4
	.loc	0 20 5 is_stmt 0                # cell.cpp:20:5
	ja	.LBB2_6
# %bb.8:
	.loc	0 0 5                           # cell.cpp:0:5
	mov	rax, qword ptr [rbp - 16]       # 8-byte Reload
	lea	rcx, [rip + .LJTI2_0]
	.loc	0 20 5                          # cell.cpp:20:5
	movsxd	rax, dword ptr [rcx + 4*rax]
	add	rax, rcx
	jmp	rax
.LBB2_1:
	.loc	0 21 24 is_stmt 1               # cell.cpp:21:24
	mov	eax, dword ptr [rip + counter]
	.loc	0 21 17 is_stmt 0               # cell.cpp:21:17
	mov	dword ptr [rbp - 4], eax
	jmp	.LBB2_7
.LBB2_2:
	.loc	0 22 33 is_stmt 1               # cell.cpp:22:33
	mov	edi, dword ptr [rbp - 8]
	.loc	0 22 24 is_stmt 0               # cell.cpp:22:24
	call	_Z8lib_onlyIiET_S0_
	.loc	0 22 17                         # cell.cpp:22:17
	mov	dword ptr [rbp - 4], eax
	jmp	.LBB2_7
.LBB2_3:
	.loc	0 23 30 is_stmt 1               # cell.cpp:23:30
	mov	eax, dword ptr [rbp - 8]
	.loc	0 23 32 is_stmt 0               # cell.cpp:23:32
	and	eax, 1
	.loc	0 23 24                         # cell.cpp:23:24
	movsxd	rcx, eax
	lea	rax, [rip + _ZL5words]
	mov	rax, qword ptr [rax + 8*rcx]
	movsx	eax, byte ptr [rax]
	.loc	0 23 17                         # cell.cpp:23:17
	mov	dword ptr [rbp - 4], eax
	jmp	.LBB2_7
.LBB2_4:
	.loc	0 24 24 is_stmt 1               # cell.cpp:24:24
	lea	rdi, [rip + counter]
	mov	esi, 1
	call	_Z6scaledPKii
	.loc	0 24 17 is_stmt 0               # cell.cpp:24:17
	mov	dword ptr [rbp - 4], eax
	jmp	.LBB2_7
.LBB2_5:
	.loc	0 25 24 is_stmt 1               # cell.cpp:25:24
	xor	eax, eax
	sub	eax, dword ptr [rbp - 8]
	.loc	0 25 17 is_stmt 0               # cell.cpp:25:17
	mov	dword ptr [rbp - 4], eax
	jmp	.LBB2_7
.LBB2_6:
	.loc	0 26 18 is_stmt 1               # cell.cpp:26:18
	mov	dword ptr [rbp - 4], 42
.LBB2_7:
	.loc	0 28 1                          # cell.cpp:28:1
	mov	eax, dword ptr [rbp - 4]
	.loc	0 28 1 epilogue_begin is_stmt 0 # cell.cpp:28:1
	add	rsp, 16
	pop	rbp
	.cfi_def_cfa rsp, 8
	ret
.Ltmp5:
.Lfunc_end2:
	.size	_Z6choseni, .Lfunc_end2-_Z6choseni
	.cfi_endproc
	.section	.rodata,"a",@progbits
	.p2align	2, 0x0
.LJTI2_0:
	.long	.LBB2_1-.LJTI2_0
	.long	.LBB2_2-.LJTI2_0
	.long	.LBB2_3-.LJTI2_0
	.long	.LBB2_4-.LJTI2_0
	.long	.LBB2_5-.LJTI2_0
                                        # -- End function
	.section	.text._Z8lib_onlyIiET_S0_,"axG",@progbits,_Z8lib_onlyIiET_S0_,comdat
	.weak	_Z8lib_onlyIiET_S0_             # -- Begin function _Z8lib_onlyIiET_S0_
	.p2align	4, 0x90
	.type	_Z8lib_onlyIiET_S0_,@function
_Z8lib_onlyIiET_S0_:                    # @_Z8lib_onlyIiET_S0_
.Lfunc_begin3:
	.loc	1 3 0 is_stmt 1                 # ./lib.h:3:0
	.cfi_startproc
# %bb.0:
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	mov	rbp, rsp
	.cfi_def_cfa_register rbp
	mov	dword ptr [rbp - 4], edi
.Ltmp6:
	.loc	1 3 71 prologue_end             # ./lib.h:3:71
	mov	eax, dword ptr [rbp - 4]
	.loc	1 3 73 is_stmt 0                # ./lib.h:3:73
	imul	eax, dword ptr [rbp - 4]
	.loc	1 3 77                          # ./lib.h:3:77
	add	eax, 1
	.loc	1 3 64 epilogue_begin           # ./lib.h:3:64
	pop	rbp
	.cfi_def_cfa rsp, 8
	ret
.Ltmp7:
.Lfunc_end3:
	.size	_Z8lib_onlyIiET_S0_, .Lfunc_end3-_Z8lib_onlyIiET_S0_
	.cfi_endproc
                                        # -- End function
	.text
	.globl	main                            # -- Begin function main
	.p2align	4, 0x90
	.type	main,@function
main:                                   # @main
.Lfunc_begin4:
	.loc	0 30 0 is_stmt 1                # cell.cpp:30:0
	.cfi_startproc
# %bb.0:
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	mov	rbp, rsp
	.cfi_def_cfa_register rbp
	sub	rsp, 48
	mov	dword ptr [rbp - 4], 0
	mov	dword ptr [rbp - 8], edi
	mov	qword ptr [rbp - 16], rsi
.Ltmp8:
	.loc	0 31 22 prologue_end            # cell.cpp:31:22
	mov	edi, 16
	call	_Znwm@PLT
	mov	rdi, rax
	mov	qword ptr [rbp - 40], rdi       # 8-byte Spill
	.loc	0 31 26 is_stmt 0               # cell.cpp:31:26
	call	_ZN6SquareC2Ev
	mov	rax, qword ptr [rbp - 40]       # 8-byte Reload
	.loc	0 31 13                         # cell.cpp:31:13
	mov	qword ptr [rbp - 24], rax
	.loc	0 32 19 is_stmt 1               # cell.cpp:32:19
	mov	edi, dword ptr [rbp - 8]
	.loc	0 32 12 is_stmt 0               # cell.cpp:32:12
	call	_Z6choseni
	mov	dword ptr [rbp - 32], eax       # 4-byte Spill
	.loc	0 32 27                         # cell.cpp:32:27
	mov	rdi, qword ptr [rbp - 24]
	.loc	0 32 35                         # cell.cpp:32:35
	mov	rax, qword ptr [rdi]
	call	qword ptr [rax + 16]
	mov	ecx, eax
	mov	eax, dword ptr [rbp - 32]       # 4-byte Reload
	.loc	0 32 25                         # cell.cpp:32:25
	add	eax, ecx
	mov	dword ptr [rbp - 28], eax       # 4-byte Spill
	.loc	0 32 53                         # cell.cpp:32:53
	mov	edi, dword ptr [rbp - 8]
	.loc	0 32 44                         # cell.cpp:32:44
	call	_Z8lib_onlyIiET_S0_
	mov	ecx, eax
	mov	eax, dword ptr [rbp - 28]       # 4-byte Reload
	.loc	0 32 42                         # cell.cpp:32:42
	add	eax, ecx
	.loc	0 32 5 epilogue_begin           # cell.cpp:32:5
	add	rsp, 48
	pop	rbp
	.cfi_def_cfa rsp, 8
	ret
.Ltmp9:
.Lfunc_end4:
	.size	main, .Lfunc_end4-main
	.cfi_endproc
                                        # -- End function
	.section	.text._ZN6SquareC2Ev,"axG",@progbits,_ZN6SquareC2Ev,comdat
	.weak	_ZN6SquareC2Ev                  # -- Begin function _ZN6SquareC2Ev
	.p2align	4, 0x90
	.type	_ZN6SquareC2Ev,@function
_ZN6SquareC2Ev:                         # @_ZN6SquareC2Ev
.Lfunc_begin5:
	.loc	0 7 0 is_stmt 1                 # cell.cpp:7:0
	.cfi_startproc
# %bb.0:
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	mov	rbp, rsp
	.cfi_def_cfa_register rbp
	sub	rsp, 16
	mov	qword ptr [rbp - 8], rdi
	mov	rdi, qword ptr [rbp - 8]
	mov	qword ptr [rbp - 16], rdi       # 8-byte Spill
.Ltmp10:
	.loc	0 7 8 prologue_end              # cell.cpp:7:8
	call	_ZN5ShapeC2Ev
	mov	rax, qword ptr [rbp - 16]       # 8-byte Reload
	lea	rcx, [rip + _ZTV6Square]
	add	rcx, 16
	mov	qword ptr [rax], rcx
	.loc	0 8 9                           # cell.cpp:8:9
	mov	dword ptr [rax + 8], 3
	.loc	0 7 8 epilogue_begin            # cell.cpp:7:8
	add	rsp, 16
	pop	rbp
	.cfi_def_cfa rsp, 8
	ret
.Ltmp11:
.Lfunc_end5:
	.size	_ZN6SquareC2Ev, .Lfunc_end5-_ZN6SquareC2Ev
	.cfi_endproc
                                        # -- End function
	.section	.text._ZN5ShapeC2Ev,"axG",@progbits,_ZN5ShapeC2Ev,comdat
	.weak	_ZN5ShapeC2Ev                   # -- Begin function _ZN5ShapeC2Ev
	.p2align	4, 0x90
	.type	_ZN5ShapeC2Ev,@function
_ZN5ShapeC2Ev:                          # @_ZN5ShapeC2Ev
.Lfunc_begin6:
	.loc	1 5 0                           # ./lib.h:5:0
	.cfi_startproc
# %bb.0:
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	mov	rbp, rsp
	.cfi_def_cfa_register rbp
	mov	qword ptr [rbp - 8], rdi
	mov	rax, qword ptr [rbp - 8]
.Ltmp12:
	.loc	1 5 8 prologue_end              # ./lib.h:5:8
	lea	rcx, [rip + _ZTV5Shape]
	add	rcx, 16
	mov	qword ptr [rax], rcx
	.loc	1 5 8 epilogue_begin is_stmt 0  # ./lib.h:5:8
	pop	rbp
	.cfi_def_cfa rsp, 8
	ret
.Ltmp13:
.Lfunc_end6:
	.size	_ZN5ShapeC2Ev, .Lfunc_end6-_ZN5ShapeC2Ev
	.cfi_endproc
                                        # -- End function
	.section	.text._ZN6SquareD2Ev,"axG",@progbits,_ZN6SquareD2Ev,comdat
	.weak	_ZN6SquareD2Ev                  # -- Begin function _ZN6SquareD2Ev
	.p2align	4, 0x90
	.type	_ZN6SquareD2Ev,@function
_ZN6SquareD2Ev:                         # @_ZN6SquareD2Ev
.Lfunc_begin7:
	.loc	0 7 0 is_stmt 1                 # cell.cpp:7:0
	.cfi_startproc
# %bb.0:
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	mov	rbp, rsp
	.cfi_def_cfa_register rbp
	sub	rsp, 16
	mov	qword ptr [rbp - 8], rdi
	mov	rdi, qword ptr [rbp - 8]
.Ltmp14:
	.loc	0 7 8 prologue_end              # cell.cpp:7:8
	call	_ZN5ShapeD2Ev
	.loc	0 7 8 epilogue_begin is_stmt 0  # cell.cpp:7:8
	add	rsp, 16
	pop	rbp
	.cfi_def_cfa rsp, 8
	ret
.Ltmp15:
.Lfunc_end7:
	.size	_ZN6SquareD2Ev, .Lfunc_end7-_ZN6SquareD2Ev
	.cfi_endproc
                                        # -- End function
	.section	.text._ZN6SquareD0Ev,"axG",@progbits,_ZN6SquareD0Ev,comdat
	.weak	_ZN6SquareD0Ev                  # -- Begin function _ZN6SquareD0Ev
	.p2align	4, 0x90
	.type	_ZN6SquareD0Ev,@function
_ZN6SquareD0Ev:                         # @_ZN6SquareD0Ev
.Lfunc_begin8:
	.loc	0 7 0 is_stmt 1                 # cell.cpp:7:0
	.cfi_startproc
# %bb.0:
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	mov	rbp, rsp
	.cfi_def_cfa_register rbp
	sub	rsp, 16
	mov	qword ptr [rbp - 8], rdi
	mov	rdi, qword ptr [rbp - 8]
	mov	qword ptr [rbp - 16], rdi       # 8-byte Spill
.Ltmp16:
	.loc	0 7 8 prologue_end              # cell.cpp:7:8
	call	_ZN6SquareD2Ev
	mov	rdi, qword ptr [rbp - 16]       # 8-byte Reload
	mov	esi, 16
	call	_ZdlPvm@PLT
	.loc	0 7 8 epilogue_begin is_stmt 0  # cell.cpp:7:8
	add	rsp, 16
	pop	rbp
	.cfi_def_cfa rsp, 8
	ret
.Ltmp17:
.Lfunc_end8:
	.size	_ZN6SquareD0Ev, .Lfunc_end8-_ZN6SquareD0Ev
	.cfi_endproc
                                        # -- End function
	.section	.text._ZNK6Square4areaEv,"axG",@progbits,_ZNK6Square4areaEv,comdat
	.weak	_ZNK6Square4areaEv              # -- Begin function _ZNK6Square4areaEv
	.p2align	4, 0x90
	.type	_ZNK6Square4areaEv,@function
_ZNK6Square4areaEv:                     # @_ZNK6Square4areaEv
.Lfunc_begin9:
	.loc	0 9 0 is_stmt 1                 # cell.cpp:9:0
	.cfi_startproc
# %bb.0:
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	mov	rbp, rsp
	.cfi_def_cfa_register rbp
	mov	qword ptr [rbp - 8], rdi
	mov	rcx, qword ptr [rbp - 8]
.Ltmp18:
	.loc	0 9 40 prologue_end             # cell.cpp:9:40
	mov	eax, dword ptr [rcx + 8]
	.loc	0 9 45 is_stmt 0                # cell.cpp:9:45
	imul	eax, dword ptr [rcx + 8]
	.loc	0 9 33 epilogue_begin           # cell.cpp:9:33
	pop	rbp
	.cfi_def_cfa rsp, 8
	ret
.Ltmp19:
.Lfunc_end9:
	.size	_ZNK6Square4areaEv, .Lfunc_end9-_ZNK6Square4areaEv
	.cfi_endproc
                                        # -- End function
	.section	.text._ZN5ShapeD2Ev,"axG",@progbits,_ZN5ShapeD2Ev,comdat
	.weak	_ZN5ShapeD2Ev                   # -- Begin function _ZN5ShapeD2Ev
	.p2align	4, 0x90
	.type	_ZN5ShapeD2Ev,@function
_ZN5ShapeD2Ev:                          # @_ZN5ShapeD2Ev
.Lfunc_begin10:
	.loc	1 5 0 is_stmt 1                 # ./lib.h:5:0
	.cfi_startproc
# %bb.0:
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	mov	rbp, rsp
	.cfi_def_cfa_register rbp
	mov	qword ptr [rbp - 8], rdi
.Ltmp20:
	.loc	1 5 34 prologue_end epilogue_begin # ./lib.h:5:34
	pop	rbp
	.cfi_def_cfa rsp, 8
	ret
.Ltmp21:
.Lfunc_end10:
	.size	_ZN5ShapeD2Ev, .Lfunc_end10-_ZN5ShapeD2Ev
	.cfi_endproc
                                        # -- End function
	.section	.text._ZN5ShapeD0Ev,"axG",@progbits,_ZN5ShapeD0Ev,comdat
	.weak	_ZN5ShapeD0Ev                   # -- Begin function _ZN5ShapeD0Ev
	.p2align	4, 0x90
	.type	_ZN5ShapeD0Ev,@function
_ZN5ShapeD0Ev:                          # @_ZN5ShapeD0Ev
.Lfunc_begin11:
	.loc	1 5 0                           # ./lib.h:5:0
	.cfi_startproc
# %bb.0:
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	mov	rbp, rsp
	.cfi_def_cfa_register rbp
	sub	rsp, 16
	mov	qword ptr [rbp - 8], rdi
	mov	rdi, qword ptr [rbp - 8]
	mov	qword ptr [rbp - 16], rdi       # 8-byte Spill
.Ltmp22:
	.loc	1 5 33 prologue_end             # ./lib.h:5:33
	call	_ZN5ShapeD2Ev
	mov	rdi, qword ptr [rbp - 16]       # 8-byte Reload
	mov	esi, 8
	call	_ZdlPvm@PLT
	.loc	1 5 34 epilogue_begin is_stmt 0 # ./lib.h:5:34
	add	rsp, 16
	pop	rbp
	.cfi_def_cfa rsp, 8
	ret
.Ltmp23:
.Lfunc_end11:
	.size	_ZN5ShapeD0Ev, .Lfunc_end11-_ZN5ShapeD0Ev
	.cfi_endproc
                                        # -- End function
	.section	.text._ZNK5Shape4areaEv,"axG",@progbits,_ZNK5Shape4areaEv,comdat
	.weak	_ZNK5Shape4areaEv               # -- Begin function _ZNK5Shape4areaEv
	.p2align	4, 0x90
	.type	_ZNK5Shape4areaEv,@function
_ZNK5Shape4areaEv:                      # @_ZNK5Shape4areaEv
.Lfunc_begin12:
	.loc	1 5 0 is_stmt 1                 # ./lib.h:5:0
	.cfi_startproc
# %bb.0:
	push	rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	mov	rbp, rsp
	.cfi_def_cfa_register rbp
	mov	qword ptr [rbp - 8], rdi
.Ltmp24:
	.loc	1 5 63 prologue_end             # ./lib.h:5:63
	xor	eax, eax
	.loc	1 5 63 epilogue_begin is_stmt 0 # ./lib.h:5:63
	pop	rbp
	.cfi_def_cfa rsp, 8
	ret
.Ltmp25:
.Lfunc_end12:
	.size	_ZNK5Shape4areaEv, .Lfunc_end12-_ZNK5Shape4areaEv
	.cfi_endproc
                                        # -- End function
	.type	counter,@object                 # @counter
	.data
	.globl	counter
	.p2align	2, 0x0
counter:
	.long	7                               # 0x7
	.size	counter, 4

	.type	_ZL5words,@object               # @_ZL5words
	.p2align	4, 0x0
_ZL5words:
	.quad	.L.str
	.quad	.L.str.1
	.size	_ZL5words, 16

	.type	.L.str,@object                  # @.str
	.section	.rodata.str1.1,"aMS",@progbits,1
.L.str:
	.asciz	"zero"
	.size	.L.str, 5

	.type	.L.str.1,@object                # @.str.1
.L.str.1:
	.asciz	"one"
	.size	.L.str.1, 4

	.type	_ZTV6Square,@object             # @_ZTV6Square
	.section	.data.rel.ro._ZTV6Square,"awG",@progbits,_ZTV6Square,comdat
	.weak	_ZTV6Square
	.p2align	3, 0x0
_ZTV6Square:
	.quad	0
	.quad	_ZTI6Square
	.quad	_ZN6SquareD2Ev
	.quad	_ZN6SquareD0Ev
	.quad	_ZNK6Square4areaEv
	.size	_ZTV6Square, 40

	.type	_ZTS6Square,@object             # @_ZTS6Square
	.section	.rodata._ZTS6Square,"aG",@progbits,_ZTS6Square,comdat
	.weak	_ZTS6Square
_ZTS6Square:
	.asciz	"6Square"
	.size	_ZTS6Square, 8

	.type	_ZTS5Shape,@object              # @_ZTS5Shape
	.section	.rodata._ZTS5Shape,"aG",@progbits,_ZTS5Shape,comdat
	.weak	_ZTS5Shape
_ZTS5Shape:
	.asciz	"5Shape"
	.size	_ZTS5Shape, 7

	.type	_ZTI5Shape,@object              # @_ZTI5Shape
	.section	.data.rel.ro._ZTI5Shape,"awG",@progbits,_ZTI5Shape,comdat
	.weak	_ZTI5Shape
	.p2align	3, 0x0
_ZTI5Shape:
	.quad	_ZTVN10__cxxabiv117__class_type_infoE+16
	.quad	_ZTS5Shape
	.size	_ZTI5Shape, 16

	.type	_ZTI6Square,@object             # @_ZTI6Square
	.section	.data.rel.ro._ZTI6Square,"awG",@progbits,_ZTI6Square,comdat
	.weak	_ZTI6Square
	.p2align	3, 0x0
_ZTI6Square:
	.quad	_ZTVN10__cxxabiv120__si_class_type_infoE+16
	.quad	_ZTS6Square
	.quad	_ZTI5Shape
	.size	_ZTI6Square, 24

	.type	_ZTV5Shape,@object              # @_ZTV5Shape
	.section	.data.rel.ro._ZTV5Shape,"awG",@progbits,_ZTV5Shape,comdat
	.weak	_ZTV5Shape
	.p2align	3, 0x0
_ZTV5Shape:
	.quad	0
	.quad	_ZTI5Shape
	.quad	_ZN5ShapeD2Ev
	.quad	_ZN5ShapeD0Ev
	.quad	_ZNK5Shape4areaEv
	.size	_ZTV5Shape, 40

	.section	".linker-options","e",@llvm_linker_options
	.section	.debug_abbrev,"",@progbits
	.byte	1                               # Abbreviation Code
	.byte	17                              # DW_TAG_compile_unit
	.byte	0                               # DW_CHILDREN_no
	.byte	37                              # DW_AT_producer
	.byte	37                              # DW_FORM_strx1
	.byte	19                              # DW_AT_language
	.byte	5                               # DW_FORM_data2
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	114                             # DW_AT_str_offsets_base
	.byte	23                              # DW_FORM_sec_offset
	.byte	16                              # DW_AT_stmt_list
	.byte	23                              # DW_FORM_sec_offset
	.byte	27                              # DW_AT_comp_dir
	.byte	37                              # DW_FORM_strx1
	.byte	17                              # DW_AT_low_pc
	.byte	1                               # DW_FORM_addr
	.byte	85                              # DW_AT_ranges
	.byte	35                              # DW_FORM_rnglistx
	.byte	115                             # DW_AT_addr_base
	.byte	23                              # DW_FORM_sec_offset
	.byte	116                             # DW_AT_rnglists_base
	.byte	23                              # DW_FORM_sec_offset
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	0                               # EOM(3)
	.section	.debug_info,"",@progbits
.Lcu_begin0:
	.long	.Ldebug_info_end0-.Ldebug_info_start0 # Length of Unit
.Ldebug_info_start0:
	.short	5                               # DWARF version number
	.byte	1                               # DWARF Unit Type
	.byte	8                               # Address Size (in bytes)
	.long	.debug_abbrev                   # Offset Into Abbrev. Section
	.byte	1                               # Abbrev [1] 0xc:0x1f DW_TAG_compile_unit
	.byte	0                               # DW_AT_producer
	.short	33                              # DW_AT_language
	.byte	1                               # DW_AT_name
	.long	.Lstr_offsets_base0             # DW_AT_str_offsets_base
	.long	.Lline_table_start0             # DW_AT_stmt_list
	.byte	2                               # DW_AT_comp_dir
	.quad	0                               # DW_AT_low_pc
	.byte	0                               # DW_AT_ranges
	.long	.Laddr_table_base0              # DW_AT_addr_base
	.long	.Lrnglists_table_base0          # DW_AT_rnglists_base
.Ldebug_info_end0:
	.section	.debug_rnglists,"",@progbits
	.long	.Ldebug_list_header_end0-.Ldebug_list_header_start0 # Length
.Ldebug_list_header_start0:
	.short	5                               # Version
	.byte	8                               # Address size
	.byte	0                               # Segment selector size
	.long	1                               # Offset entry count
.Lrnglists_table_base0:
	.long	.Ldebug_ranges0-.Lrnglists_table_base0
.Ldebug_ranges0:
	.byte	1                               # DW_RLE_base_addressx
	.byte	0                               #   base address index
	.byte	4                               # DW_RLE_offset_pair
	.uleb128 .Lfunc_begin0-.Lfunc_begin0    #   starting offset
	.uleb128 .Lfunc_end0-.Lfunc_begin0      #   ending offset
	.byte	4                               # DW_RLE_offset_pair
	.uleb128 .Lfunc_begin2-.Lfunc_begin0    #   starting offset
	.uleb128 .Lfunc_end2-.Lfunc_begin0      #   ending offset
	.byte	4                               # DW_RLE_offset_pair
	.uleb128 .Lfunc_begin4-.Lfunc_begin0    #   starting offset
	.uleb128 .Lfunc_end4-.Lfunc_begin0      #   ending offset
	.byte	3                               # DW_RLE_startx_length
	.byte	1                               #   start index
	.uleb128 .Lfunc_end1-.Lfunc_begin1      #   length
	.byte	3                               # DW_RLE_startx_length
	.byte	2                               #   start index
	.uleb128 .Lfunc_end3-.Lfunc_begin3      #   length
	.byte	3                               # DW_RLE_startx_length
	.byte	3                               #   start index
	.uleb128 .Lfunc_end5-.Lfunc_begin5      #   length
	.byte	3                               # DW_RLE_startx_length
	.byte	4                               #   start index
	.uleb128 .Lfunc_end6-.Lfunc_begin6      #   length
	.byte	3                               # DW_RLE_startx_length
	.byte	5                               #   start index
	.uleb128 .Lfunc_end7-.Lfunc_begin7      #   length
	.byte	3                               # DW_RLE_startx_length
	.byte	6                               #   start index
	.uleb128 .Lfunc_end8-.Lfunc_begin8      #   length
	.byte	3                               # DW_RLE_startx_length
	.byte	7                               #   start index
	.uleb128 .Lfunc_end9-.Lfunc_begin9      #   length
	.byte	3                               # DW_RLE_startx_length
	.byte	8                               #   start index
	.uleb128 .Lfunc_end10-.Lfunc_begin10    #   length
	.byte	3                               # DW_RLE_startx_length
	.byte	9                               #   start index
	.uleb128 .Lfunc_end11-.Lfunc_begin11    #   length
	.byte	3                               # DW_RLE_startx_length
	.byte	10                              #   start index
	.uleb128 .Lfunc_end12-.Lfunc_begin12    #   length
	.byte	0                               # DW_RLE_end_of_list
.Ldebug_list_header_end0:
	.section	.debug_str_offsets,"",@progbits
	.long	16                              # Length of String Offsets Set
	.short	5
	.short	0
.Lstr_offsets_base0:
	.section	.debug_str,"MS",@progbits,1
.Linfo_string0:
	.asciz	"Debian clang version 19.1.7 (3~deb12u1)" # string offset=0
.Linfo_string1:
	.asciz	"cell.cpp"                      # string offset=40
.Linfo_string2:
	.asciz	"/home/user"         # string offset=49
	.section	.debug_str_offsets,"",@progbits
	.long	.Linfo_string0
	.long	.Linfo_string1
	.long	.Linfo_string2
	.section	.debug_addr,"",@progbits
	.long	.Ldebug_addr_end0-.Ldebug_addr_start0 # Length of contribution
.Ldebug_addr_start0:
	.short	5                               # DWARF version number
	.byte	8                               # Address size
	.byte	0                               # Segment selector size
.Laddr_table_base0:
	.quad	.Lfunc_begin0
	.quad	.Lfunc_begin1
	.quad	.Lfunc_begin3
	.quad	.Lfunc_begin5
	.quad	.Lfunc_begin6
	.quad	.Lfunc_begin7
	.quad	.Lfunc_begin8
	.quad	.Lfunc_begin9
	.quad	.Lfunc_begin10
	.quad	.Lfunc_begin11
	.quad	.Lfunc_begin12
.Ldebug_addr_end0:
	.ident	"Debian clang version 19.1.7 (3~deb12u1)"
	.section	".note.GNU-stack","",@progbits
	.addrsig
	.addrsig_sym _Z6scaledPKii
	.addrsig_sym _Z11lib_inlinedi
	.addrsig_sym _Z6choseni
	.addrsig_sym _Z8lib_onlyIiET_S0_
	.addrsig_sym _Znwm
	.addrsig_sym _ZdlPvm
	.addrsig_sym counter
	.addrsig_sym _ZL5words
	.addrsig_sym _ZTVN10__cxxabiv120__si_class_type_infoE
	.addrsig_sym _ZTS6Square
	.addrsig_sym _ZTVN10__cxxabiv117__class_type_infoE
	.addrsig_sym _ZTS5Shape
	.addrsig_sym _ZTI5Shape
	.addrsig_sym _ZTI6Square
	.section	.debug_line,"",@progbits
.Lline_table_start0:
