	.intel_syntax noprefix
	.file	"cell.81630c26fb13f446-cgu.0"
	.section	.text._ZN3std2rt10lang_start17hf7cdc6621f75a18fE,"ax",@progbits
	.hidden	_ZN3std2rt10lang_start17hf7cdc6621f75a18fE
	.globl	_ZN3std2rt10lang_start17hf7cdc6621f75a18fE
	.p2align	4
	.type	_ZN3std2rt10lang_start17hf7cdc6621f75a18fE,@function
_ZN3std2rt10lang_start17hf7cdc6621f75a18fE:
.Lfunc_begin0:
	.file	1 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/std/src/rt.rs"
	.loc	1 199 0
	.cfi_startproc
	push	rax
	.cfi_def_cfa_offset 16
	mov	r8d, ecx
	mov	rcx, rdx
	mov	rdx, rsi
.Ltmp0:
	.loc	1 206 10 prologue_end
	mov	qword ptr [rsp], rdi
	.loc	1 205 5
	lea	rsi, [rip + .Lanon.69eaad0c1973337cf5bee53f889cec86.0]
	mov	rdi, rsp
	call	qword ptr [rip + _RNvNtCsjrHSEGnQ3l9_3std2rt19lang_start_internal@GOTPCREL]
	.loc	1 211 2 epilogue_begin
	pop	rcx
	.cfi_def_cfa_offset 8
	ret
.Ltmp1:
.Lfunc_end0:
	.size	_ZN3std2rt10lang_start17hf7cdc6621f75a18fE, .Lfunc_end0-_ZN3std2rt10lang_start17hf7cdc6621f75a18fE
	.cfi_endproc

	.section	".text._ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17hcc55e7495adddebaE","ax",@progbits
	.p2align	4
	.type	_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17hcc55e7495adddebaE,@function
_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17hcc55e7495adddebaE:
.Lfunc_begin1:
	.loc	1 206 0
	.cfi_startproc
	push	rax
	.cfi_def_cfa_offset 16
.Ltmp2:
	.loc	1 206 70 prologue_end
	mov	rdi, qword ptr [rdi]
	.loc	1 206 18 is_stmt 0
	call	_ZN3std3sys9backtrace28__rust_begin_short_backtrace17hd1d141912ac143e6E
	.loc	1 206 93
	xor	eax, eax
	.loc	1 206 93 epilogue_begin
	pop	rcx
	.cfi_def_cfa_offset 8
	ret
.Ltmp3:
.Lfunc_end1:
	.size	_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17hcc55e7495adddebaE, .Lfunc_end1-_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17hcc55e7495adddebaE
	.cfi_endproc

	.section	.text._ZN3std3sys9backtrace28__rust_begin_short_backtrace17hd1d141912ac143e6E,"ax",@progbits
	.p2align	4
	.type	_ZN3std3sys9backtrace28__rust_begin_short_backtrace17hd1d141912ac143e6E,@function
_ZN3std3sys9backtrace28__rust_begin_short_backtrace17hd1d141912ac143e6E:
.Lfunc_begin2:
	.file	2 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/std/src/sys/backtrace.rs"
	.loc	2 162 0 is_stmt 1
	.cfi_startproc
	push	rax
	.cfi_def_cfa_offset 16
.Ltmp4:
	.file	3 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/core/src/ops/function.rs"
	.loc	3 250 5 prologue_end
	call	rdi
.Ltmp5:
	.file	4 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/core/src/hint.rs"
	.loc	4 491 5
	#APP
	#NO_APP
.Ltmp6:
	.loc	2 172 2 epilogue_begin
	pop	rax
	.cfi_def_cfa_offset 8
	ret
.Ltmp7:
.Lfunc_end2:
	.size	_ZN3std3sys9backtrace28__rust_begin_short_backtrace17hd1d141912ac143e6E, .Lfunc_end2-_ZN3std3sys9backtrace28__rust_begin_short_backtrace17hd1d141912ac143e6E
	.cfi_endproc

	.section	.text._ZN4cell4main17he370a8ae61834570E,"ax",@progbits
	.hidden	_ZN4cell4main17he370a8ae61834570E
	.globl	_ZN4cell4main17he370a8ae61834570E
	.p2align	4
	.type	_ZN4cell4main17he370a8ae61834570E,@function
_ZN4cell4main17he370a8ae61834570E:
.Lfunc_begin3:
	.file	5 "cell.rs"
	.loc	5 18 0
	.cfi_startproc
	push	rax
	.cfi_def_cfa_offset 16
.Ltmp8:
	.loc	5 19 24 prologue_end
	mov	edi, 3
	call	chosen
	.loc	5 19 5 is_stmt 0
	mov	edi, eax
	call	qword ptr [rip + _RNvNtCsjrHSEGnQ3l9_3std7process4exit@GOTPCREL]
.Ltmp9:
.Lfunc_end3:
	.size	_ZN4cell4main17he370a8ae61834570E, .Lfunc_end3-_ZN4cell4main17he370a8ae61834570E
	.cfi_endproc

	.section	.text._ZN4cell5total17h19d50eeb5b436646E,"ax",@progbits
	.p2align	4
	.type	_ZN4cell5total17h19d50eeb5b436646E,@function
_ZN4cell5total17h19d50eeb5b436646E:
.Lfunc_begin4:
	.cfi_startproc
	.file	6 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/core/src/internal_macros.rs"
	.loc	6 28 31 prologue_end is_stmt 1
	mov	eax, dword ptr [rdi]
	mov	ecx, dword ptr [rdi + 4]
.Ltmp10:
	.file	7 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/core/src/ops/bit.rs"
	.loc	7 386 48
	xor	eax, 85
	xor	ecx, 85
.Ltmp11:
	.loc	5 8 9
	add	ecx, eax
.Ltmp12:
	.loc	6 28 31
	mov	eax, dword ptr [rdi + 8]
.Ltmp13:
	.loc	7 386 48
	xor	eax, 85
.Ltmp14:
	.loc	5 8 9
	add	eax, ecx
.Ltmp15:
	.loc	5 11 2
	ret
.Ltmp16:
.Lfunc_end4:
	.size	_ZN4cell5total17h19d50eeb5b436646E, .Lfunc_end4-_ZN4cell5total17h19d50eeb5b436646E
	.cfi_endproc

	.section	".text._ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim$u7d$$u7d$17h25b983b6c7ca5efcE","ax",@progbits
	.p2align	4
	.type	_ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim$u7d$$u7d$17h25b983b6c7ca5efcE,@function
_ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim$u7d$$u7d$17h25b983b6c7ca5efcE:
.Lfunc_begin5:
	.loc	3 250 0
	.cfi_startproc
	push	rax
	.cfi_def_cfa_offset 16
.Ltmp17:
	.loc	3 250 5 prologue_end
	mov	rdi, qword ptr [rdi]
.Ltmp18:
	.loc	1 206 18
	call	_ZN3std3sys9backtrace28__rust_begin_short_backtrace17hd1d141912ac143e6E
.Ltmp19:
	.loc	3 250 5
	xor	eax, eax
	.loc	3 250 5 epilogue_begin is_stmt 0
	pop	rcx
	.cfi_def_cfa_offset 8
	ret
.Ltmp20:
.Lfunc_end5:
	.size	_ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim$u7d$$u7d$17h25b983b6c7ca5efcE, .Lfunc_end5-_ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim$u7d$$u7d$17h25b983b6c7ca5efcE
	.cfi_endproc

	.section	.text.chosen,"ax",@progbits
	.globl	chosen
	.p2align	4
	.type	chosen,@function
chosen:
.Lfunc_begin6:
	.loc	5 14 0 is_stmt 1
	.cfi_startproc
	push	r14
	.cfi_def_cfa_offset 16
	push	rbx
	.cfi_def_cfa_offset 24
	sub	rsp, 24
	.cfi_def_cfa_offset 48
	.cfi_offset rbx, -24
	.cfi_offset r14, -16
	.loc	5 15 51 prologue_end
	mov	dword ptr [rsp + 12], edi
	.loc	5 15 11 is_stmt 0
	mov	ebx, edi
	and	ebx, 1
	.loc	5 15 5
	shl	ebx, 4
	lea	r14, [rip + _ZN4cell5WORDS17h2bc70966a3415c4dE]
	movabs	rax, 12884901890
	.loc	5 15 51
	mov	qword ptr [rsp + 16], rax
	lea	rdi, [rsp + 12]
	.loc	5 15 44
	call	_ZN4cell5total17h19d50eeb5b436646E
	.loc	5 15 5
	add	eax, dword ptr [rbx + r14 + 8]
	.loc	5 16 2 epilogue_begin is_stmt 1
	add	rsp, 24
	.cfi_def_cfa_offset 24
	pop	rbx
	.cfi_def_cfa_offset 16
	pop	r14
	.cfi_def_cfa_offset 8
	ret
.Ltmp21:
.Lfunc_end6:
	.size	chosen, .Lfunc_end6-chosen
	.cfi_endproc

	.section	.text.main,"ax",@progbits
	.globl	main
	.p2align	4
	.type	main,@function
main:
.Lfunc_begin7:
	.cfi_startproc
	push	rax
	.cfi_def_cfa_offset 16
	mov	rcx, rsi
	mov	rax, qword ptr [rip + __rustc_debug_gdb_scripts_section__@GOTPCREL]
	movzx	eax, byte ptr [rax]
	movsxd	rdx, edi
	lea	rax, [rip + _ZN4cell4main17he370a8ae61834570E]
	mov	qword ptr [rsp], rax
	lea	rsi, [rip + .Lanon.69eaad0c1973337cf5bee53f889cec86.0]
	mov	rdi, rsp
	xor	r8d, r8d
	call	qword ptr [rip + _RNvNtCsjrHSEGnQ3l9_3std2rt19lang_start_internal@GOTPCREL]
	pop	rcx
	.cfi_def_cfa_offset 8
	ret
.Lfunc_end7:
	.size	main, .Lfunc_end7-main
	.cfi_endproc

	.type	.Lanon.69eaad0c1973337cf5bee53f889cec86.0,@object
	.section	.data.rel.ro..Lanon.69eaad0c1973337cf5bee53f889cec86.0,"aw",@progbits
	.p2align	3, 0x0
.Lanon.69eaad0c1973337cf5bee53f889cec86.0:
	.asciz	"\000\000\000\000\000\000\000\000\b\000\000\000\000\000\000\000\b\000\000\000\000\000\000"
	.quad	_ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim$u7d$$u7d$17h25b983b6c7ca5efcE
	.quad	_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17hcc55e7495adddebaE
	.quad	_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17hcc55e7495adddebaE
	.size	.Lanon.69eaad0c1973337cf5bee53f889cec86.0, 48

	.type	.Lanon.69eaad0c1973337cf5bee53f889cec86.1,@object
	.section	.rodata.cst4,"aM",@progbits,4
.Lanon.69eaad0c1973337cf5bee53f889cec86.1:
	.ascii	"zero"
	.size	.Lanon.69eaad0c1973337cf5bee53f889cec86.1, 4

	.type	.Lanon.69eaad0c1973337cf5bee53f889cec86.2,@object
	.section	.rodata..Lanon.69eaad0c1973337cf5bee53f889cec86.2,"a",@progbits
.Lanon.69eaad0c1973337cf5bee53f889cec86.2:
	.ascii	"one"
	.size	.Lanon.69eaad0c1973337cf5bee53f889cec86.2, 3

	.type	_ZN4cell5WORDS17h2bc70966a3415c4dE,@object
	.section	.data.rel.ro._ZN4cell5WORDS17h2bc70966a3415c4dE,"aw",@progbits
	.p2align	3, 0x0
_ZN4cell5WORDS17h2bc70966a3415c4dE:
	.quad	.Lanon.69eaad0c1973337cf5bee53f889cec86.1
	.asciz	"\004\000\000\000\000\000\000"
	.quad	.Lanon.69eaad0c1973337cf5bee53f889cec86.2
	.asciz	"\003\000\000\000\000\000\000"
	.size	_ZN4cell5WORDS17h2bc70966a3415c4dE, 32

	.type	__rustc_debug_gdb_scripts_section__,@object
	.section	.debug_gdb_scripts,"aMS",@progbits,1,unique,1
	.weak	__rustc_debug_gdb_scripts_section__
__rustc_debug_gdb_scripts_section__:
	.asciz	"\001gdb_load_rust_pretty_printers.py"
	.size	__rustc_debug_gdb_scripts_section__, 34

	.section	.debug_abbrev,"",@progbits
	.byte	1
	.byte	17
	.byte	1
	.byte	37
	.byte	14
	.byte	19
	.byte	5
	.byte	3
	.byte	14
	.byte	16
	.byte	23
	.byte	27
	.byte	14
	.byte	17
	.byte	1
	.byte	85
	.byte	23
	.byte	0
	.byte	0
	.byte	2
	.byte	57
	.byte	1
	.byte	3
	.byte	14
	.byte	0
	.byte	0
	.byte	3
	.byte	46
	.byte	0
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	64
	.byte	24
	.byte	110
	.byte	14
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	0
	.byte	0
	.byte	4
	.byte	46
	.byte	0
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	64
	.byte	24
	.byte	49
	.byte	19
	.byte	0
	.byte	0
	.byte	5
	.byte	46
	.byte	0
	.byte	110
	.byte	14
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	32
	.byte	11
	.byte	0
	.byte	0
	.byte	6
	.byte	46
	.byte	1
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	64
	.byte	24
	.byte	110
	.byte	14
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	0
	.byte	0
	.byte	7
	.byte	29
	.byte	0
	.byte	49
	.byte	19
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	88
	.byte	11
	.byte	89
	.byte	11
	.byte	87
	.byte	11
	.byte	0
	.byte	0
	.byte	8
	.byte	29
	.byte	1
	.byte	49
	.byte	19
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	88
	.byte	11
	.byte	89
	.byte	11
	.byte	87
	.byte	11
	.byte	0
	.byte	0
	.byte	9
	.byte	46
	.byte	0
	.byte	110
	.byte	14
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	5
	.byte	32
	.byte	11
	.byte	0
	.byte	0
	.byte	10
	.byte	46
	.byte	0
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	64
	.byte	24
	.byte	110
	.byte	14
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	106
	.byte	25
	.byte	0
	.byte	0
	.byte	11
	.byte	46
	.byte	1
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	64
	.byte	24
	.byte	110
	.byte	14
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	54
	.byte	11
	.byte	0
	.byte	0
	.byte	12
	.byte	29
	.byte	1
	.byte	49
	.byte	19
	.byte	85
	.byte	23
	.byte	88
	.byte	11
	.byte	89
	.byte	11
	.byte	87
	.byte	11
	.byte	0
	.byte	0
	.byte	13
	.byte	29
	.byte	0
	.byte	49
	.byte	19
	.byte	85
	.byte	23
	.byte	88
	.byte	11
	.byte	89
	.byte	11
	.byte	87
	.byte	11
	.byte	0
	.byte	0
	.byte	14
	.byte	46
	.byte	0
	.byte	17
	.byte	1
	.byte	18
	.byte	6
	.byte	64
	.byte	24
	.byte	3
	.byte	14
	.byte	58
	.byte	11
	.byte	59
	.byte	11
	.byte	63
	.byte	25
	.byte	0
	.byte	0
	.byte	0
	.section	.debug_info,"",@progbits
.Lcu_begin0:
	.long	.Ldebug_info_end0-.Ldebug_info_start0
.Ldebug_info_start0:
	.short	4
	.long	.debug_abbrev
	.byte	8
	.byte	1
	.long	.Linfo_string0
	.short	28
	.long	.Linfo_string1
	.long	.Lline_table_start0
	.long	.Linfo_string2
	.quad	0
	.long	.Ldebug_ranges2
	.byte	2
	.long	.Linfo_string3
	.byte	2
	.long	.Linfo_string4
	.byte	3
	.quad	.Lfunc_begin0
	.long	.Lfunc_end0-.Lfunc_begin0
	.byte	1
	.byte	87
	.long	.Linfo_string28
	.long	.Linfo_string29
	.byte	1
	.byte	199
	.byte	2
	.long	.Linfo_string5
	.byte	4
	.quad	.Lfunc_begin1
	.long	.Lfunc_end1-.Lfunc_begin1
	.byte	1
	.byte	87
	.long	101
	.byte	5
	.long	.Linfo_string24
	.long	.Linfo_string25
	.byte	1
	.byte	206
	.byte	1
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string15
	.byte	2
	.long	.Linfo_string16
	.byte	6
	.quad	.Lfunc_begin2
	.long	.Lfunc_end2-.Lfunc_begin2
	.byte	1
	.byte	87
	.long	.Linfo_string30
	.long	.Linfo_string31
	.byte	2
	.byte	162
	.byte	7
	.long	214
	.quad	.Ltmp4
	.long	.Ltmp5-.Ltmp4
	.byte	2
	.byte	166
	.byte	18
	.byte	7
	.long	356
	.quad	.Ltmp5
	.long	.Ltmp6-.Ltmp5
	.byte	2
	.byte	169
	.byte	5
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string6
	.byte	2
	.long	.Linfo_string7
	.byte	2
	.long	.Linfo_string8
	.byte	2
	.long	.Linfo_string9
	.byte	5
	.long	.Linfo_string10
	.long	.Linfo_string11
	.byte	3
	.byte	250
	.byte	1
	.byte	5
	.long	.Linfo_string26
	.long	.Linfo_string27
	.byte	3
	.byte	250
	.byte	1
	.byte	6
	.quad	.Lfunc_begin5
	.long	.Lfunc_end5-.Lfunc_begin5
	.byte	1
	.byte	87
	.long	.Linfo_string36
	.long	.Linfo_string27
	.byte	3
	.byte	250
	.byte	8
	.long	226
	.quad	.Ltmp18
	.long	.Ltmp19-.Ltmp18
	.byte	3
	.byte	250
	.byte	5
	.byte	7
	.long	101
	.quad	.Ltmp18
	.long	.Ltmp19-.Ltmp18
	.byte	3
	.byte	250
	.byte	5
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string18
	.byte	2
	.long	.Linfo_string19
	.byte	5
	.long	.Linfo_string20
	.long	.Linfo_string21
	.byte	6
	.byte	27
	.byte	1
	.byte	0
	.byte	2
	.long	.Linfo_string22
	.byte	9
	.long	.Linfo_string23
	.long	.Linfo_string21
	.byte	7
	.short	386
	.byte	1
	.byte	0
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string12
	.byte	9
	.long	.Linfo_string13
	.long	.Linfo_string14
	.byte	4
	.short	490
	.byte	1
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string17
	.byte	10
	.quad	.Lfunc_begin3
	.long	.Lfunc_end3-.Lfunc_begin3
	.byte	1
	.byte	87
	.long	.Linfo_string32
	.long	.Linfo_string33
	.byte	5
	.byte	18

	.byte	11
	.quad	.Lfunc_begin4
	.long	.Lfunc_end4-.Lfunc_begin4
	.byte	1
	.byte	87
	.long	.Linfo_string34
	.long	.Linfo_string35
	.byte	5
	.byte	5
	.byte	3
	.byte	12
	.long	317
	.long	.Ldebug_ranges0
	.byte	5
	.byte	8
	.byte	16
	.byte	13
	.long	335
	.long	.Ldebug_ranges1
	.byte	6
	.byte	28
	.byte	17
	.byte	0
	.byte	0
	.byte	14
	.quad	.Lfunc_begin6
	.long	.Lfunc_end6-.Lfunc_begin6
	.byte	1
	.byte	87
	.long	.Linfo_string37
	.byte	5
	.byte	14

	.byte	0
	.byte	0
.Ldebug_info_end0:
	.section	.text._ZN3std2rt10lang_start17hf7cdc6621f75a18fE,"ax",@progbits
.Lsec_end0:
	.section	".text._ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17hcc55e7495adddebaE","ax",@progbits
.Lsec_end1:
	.section	.text._ZN3std3sys9backtrace28__rust_begin_short_backtrace17hd1d141912ac143e6E,"ax",@progbits
.Lsec_end2:
	.section	.text._ZN4cell4main17he370a8ae61834570E,"ax",@progbits
.Lsec_end3:
	.section	.text._ZN4cell5total17h19d50eeb5b436646E,"ax",@progbits
.Lsec_end4:
	.section	".text._ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim$u7d$$u7d$17h25b983b6c7ca5efcE","ax",@progbits
.Lsec_end5:
	.section	.text.chosen,"ax",@progbits
.Lsec_end6:
	.section	.debug_aranges,"",@progbits
	.long	140
	.short	2
	.long	.Lcu_begin0
	.byte	8
	.byte	0
	.zero	4,255
	.quad	.Lfunc_begin0
	.quad	.Lsec_end0-.Lfunc_begin0
	.quad	.Lfunc_begin1
	.quad	.Lsec_end1-.Lfunc_begin1
	.quad	.Lfunc_begin2
	.quad	.Lsec_end2-.Lfunc_begin2
	.quad	.Lfunc_begin3
	.quad	.Lsec_end3-.Lfunc_begin3
	.quad	.Lfunc_begin4
	.quad	.Lsec_end4-.Lfunc_begin4
	.quad	.Lfunc_begin5
	.quad	.Lsec_end5-.Lfunc_begin5
	.quad	.Lfunc_begin6
	.quad	.Lsec_end6-.Lfunc_begin6
	.quad	0
	.quad	0
	.section	.debug_ranges,"",@progbits
.Ldebug_ranges0:
	.quad	.Lfunc_begin4
	.quad	.Ltmp11
	.quad	.Ltmp12
	.quad	.Ltmp14
	.quad	0
	.quad	0
.Ldebug_ranges1:
	.quad	.Ltmp10
	.quad	.Ltmp11
	.quad	.Ltmp13
	.quad	.Ltmp14
	.quad	0
	.quad	0
.Ldebug_ranges2:
	.quad	.Lfunc_begin0
	.quad	.Lfunc_end0
	.quad	.Lfunc_begin1
	.quad	.Lfunc_end1
	.quad	.Lfunc_begin2
	.quad	.Lfunc_end2
	.quad	.Lfunc_begin3
	.quad	.Lfunc_end3
	.quad	.Lfunc_begin4
	.quad	.Lfunc_end4
	.quad	.Lfunc_begin5
	.quad	.Lfunc_end5
	.quad	.Lfunc_begin6
	.quad	.Lfunc_end6
	.quad	0
	.quad	0
	.section	.debug_str,"MS",@progbits,1
.Linfo_string0:
	.asciz	"clang LLVM (rustc version 1.95.0 (59807616e 2026-04-14))"
.Linfo_string1:
	.asciz	"cell.rs/@/cell.81630c26fb13f446-cgu.0"
.Linfo_string2:
	.asciz	"/home/user"
.Linfo_string3:
	.asciz	"std"
.Linfo_string4:
	.asciz	"rt"
.Linfo_string5:
	.asciz	"lang_start"
.Linfo_string6:
	.asciz	"core"
.Linfo_string7:
	.asciz	"ops"
.Linfo_string8:
	.asciz	"function"
.Linfo_string9:
	.asciz	"FnOnce"
.Linfo_string10:
	.asciz	"_ZN4core3ops8function6FnOnce9call_once17h6616322217537ac1E"
.Linfo_string11:
	.asciz	"call_once<fn(), ()>"
.Linfo_string12:
	.asciz	"hint"
.Linfo_string13:
	.asciz	"_ZN4core4hint9black_box17h0e49fd37c4eae5feE"
.Linfo_string14:
	.asciz	"black_box<()>"
.Linfo_string15:
	.asciz	"sys"
.Linfo_string16:
	.asciz	"backtrace"
.Linfo_string17:
	.asciz	"cell"
.Linfo_string18:
	.asciz	"bit"
.Linfo_string19:
	.asciz	"{impl#156}"
.Linfo_string20:
	.asciz	"_RNvXs2u_NtNtCsgEmfK2I1SDS_4core3ops3bitRmINtB6_6BitXormE6bitxor"
.Linfo_string21:
	.asciz	"bitxor"
.Linfo_string22:
	.asciz	"{impl#135}"
.Linfo_string23:
	.asciz	"_RNvXs29_NtNtCsgEmfK2I1SDS_4core3ops3bitmNtB6_6BitXor6bitxor"
.Linfo_string24:
	.asciz	"_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17hcc55e7495adddebaE"
.Linfo_string25:
	.asciz	"{closure#0}<()>"
.Linfo_string26:
	.asciz	"_ZN4core3ops8function6FnOnce9call_once17h217f42c5504d14a8E"
.Linfo_string27:
	.asciz	"call_once<std::rt::lang_start::{closure_env#0}<()>, ()>"
.Linfo_string28:
	.asciz	"_ZN3std2rt10lang_start17hf7cdc6621f75a18fE"
.Linfo_string29:
	.asciz	"lang_start<()>"
.Linfo_string30:
	.asciz	"_ZN3std3sys9backtrace28__rust_begin_short_backtrace17hd1d141912ac143e6E"
.Linfo_string31:
	.asciz	"__rust_begin_short_backtrace<fn(), ()>"
.Linfo_string32:
	.asciz	"_ZN4cell4main17he370a8ae61834570E"
.Linfo_string33:
	.asciz	"main"
.Linfo_string34:
	.asciz	"_ZN4cell5total17h19d50eeb5b436646E"
.Linfo_string35:
	.asciz	"total"
.Linfo_string36:
	.asciz	"_ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim$u7d$$u7d$17h25b983b6c7ca5efcE"
.Linfo_string37:
	.asciz	"chosen"
	.ident	"rustc version 1.95.0 (59807616e 2026-04-14)"
	.section	".note.GNU-stack","",@progbits
	.section	.debug_line,"",@progbits
.Lline_table_start0:
