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
	mov	eax, ecx
	mov	rcx, rdx
	mov	rdx, rsi
.Ltmp0:
	.loc	1 206 10 prologue_end
	mov	qword ptr [rsp], rdi
	.loc	1 205 5
	mov	rdi, rsp
	lea	rsi, [rip + .Lanon.69eaad0c1973337cf5bee53f889cec86.0]
	movzx	r8d, al
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
	.loc	1 206 76
	call	_ZN54_$LT$$LP$$RP$$u20$as$u20$std..process..Termination$GT$6report17he7bf6220093f3f84E
.Ltmp3:
	.file	2 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/std/src/sys/process/unix/common.rs"
	.loc	2 588 9 is_stmt 1
	movzx	eax, al
.Ltmp4:
	.loc	1 206 93 epilogue_begin
	pop	rcx
	.cfi_def_cfa_offset 8
	ret
.Ltmp5:
.Lfunc_end1:
	.size	_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17hcc55e7495adddebaE, .Lfunc_end1-_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17hcc55e7495adddebaE
	.cfi_endproc
	.file	3 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/std/src/process.rs"

	.section	.text._ZN3std3sys9backtrace28__rust_begin_short_backtrace17hd1d141912ac143e6E,"ax",@progbits
	.p2align	4
	.type	_ZN3std3sys9backtrace28__rust_begin_short_backtrace17hd1d141912ac143e6E,@function
_ZN3std3sys9backtrace28__rust_begin_short_backtrace17hd1d141912ac143e6E:
.Lfunc_begin2:
	.file	4 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/std/src/sys/backtrace.rs"
	.loc	4 162 0
	.cfi_startproc
	push	rax
	.cfi_def_cfa_offset 16
.Ltmp6:
	.loc	4 166 18 prologue_end
	call	_ZN4core3ops8function6FnOnce9call_once17h6616322217537ac1E
.Ltmp7:
	.file	5 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/core/src/hint.rs"
	.loc	5 491 5
	#APP
	#NO_APP
.Ltmp8:
	.loc	4 172 2 epilogue_begin
	pop	rax
	.cfi_def_cfa_offset 8
	ret
.Ltmp9:
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
	.file	6 "cell.rs"
	.loc	6 18 0
	.cfi_startproc
	push	rax
	.cfi_def_cfa_offset 16
.Ltmp10:
	.loc	6 19 24 prologue_end
	mov	edi, 3
	call	chosen
	mov	edi, eax
	.loc	6 19 5 is_stmt 0
	call	qword ptr [rip + _RNvNtCsjrHSEGnQ3l9_3std7process4exit@GOTPCREL]
.Ltmp11:
.Lfunc_end3:
	.size	_ZN4cell4main17he370a8ae61834570E, .Lfunc_end3-_ZN4cell4main17he370a8ae61834570E
	.cfi_endproc

	.section	.text._ZN4cell5total17h19d50eeb5b436646E,"ax",@progbits
	.p2align	4
	.type	_ZN4cell5total17h19d50eeb5b436646E,@function
_ZN4cell5total17h19d50eeb5b436646E:
.Lfunc_begin4:
	.loc	6 5 0 is_stmt 1
	.cfi_startproc
	sub	rsp, 40
	.cfi_def_cfa_offset 48
.Ltmp12:
	.loc	6 6 19 prologue_end
	mov	dword ptr [rsp + 12], 0
.Ltmp13:
	.loc	6 7 18
	call	_ZN4core5slice4iter87_$LT$impl$u20$core..iter..traits..collect..IntoIterator$u20$for$u20$$RF$$u5b$T$u5d$$GT$9into_iter17h98fef405f6be4b64E
	mov	qword ptr [rsp + 16], rax
	mov	qword ptr [rsp + 24], rdx
.LBB4_1:
.Ltmp14:
	.loc	6 7 18 is_stmt 0
	lea	rdi, [rsp + 16]
	call	_ZN91_$LT$core..slice..iter..Iter$LT$T$GT$$u20$as$u20$core..iter..traits..iterator..Iterator$GT$4next17he97e11722a023a02E
	mov	qword ptr [rsp + 32], rax
	mov	rdx, qword ptr [rsp + 32]
	mov	eax, 1
	xor	ecx, ecx
	cmp	rdx, 0
	cmove	rax, rcx
	test	rax, 1
	je	.LBB4_3
	.loc	6 7 9
	mov	rdi, qword ptr [rsp + 32]
.Ltmp15:
	.loc	6 8 16 is_stmt 1
	mov	esi, 85
	lea	rdx, [rip + .Lanon.69eaad0c1973337cf5bee53f889cec86.4]
	call	_ZN61_$LT$$RF$u32$u20$as$u20$core..ops..bit..BitXor$LT$u32$GT$$GT$6bitxor17heb6bfe3e41a9ba8aE
	mov	edx, eax
	.loc	6 8 9 is_stmt 0
	mov	ecx, dword ptr [rsp + 12]
	mov	eax, ecx
	add	eax, edx
	mov	dword ptr [rsp + 8], eax
	cmp	eax, ecx
	jb	.LBB4_5
	jmp	.LBB4_4
.Ltmp16:
.LBB4_3:
	.loc	6 10 5 is_stmt 1
	mov	eax, dword ptr [rsp + 12]
.Ltmp17:
	.loc	6 11 2 epilogue_begin
	add	rsp, 40
	.cfi_def_cfa_offset 8
	ret
.LBB4_4:
	.cfi_def_cfa_offset 48
	.loc	6 0 2 is_stmt 0
	mov	eax, dword ptr [rsp + 8]
.Ltmp18:
	.loc	6 8 9 is_stmt 1
	mov	dword ptr [rsp + 12], eax
.Ltmp19:
	.loc	6 7 5
	jmp	.LBB4_1
.LBB4_5:
.Ltmp20:
	.loc	6 8 9
	lea	rdi, [rip + .Lanon.69eaad0c1973337cf5bee53f889cec86.5]
	call	qword ptr [rip + _RNvNtNtCsgEmfK2I1SDS_4core9panicking11panic_const24panic_const_add_overflow@GOTPCREL]
.Ltmp21:
.Lfunc_end4:
	.size	_ZN4cell5total17h19d50eeb5b436646E, .Lfunc_end4-_ZN4cell5total17h19d50eeb5b436646E
	.cfi_endproc

	.section	".text._ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim$u7d$$u7d$17h25b983b6c7ca5efcE","ax",@progbits
	.p2align	4
	.type	_ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim$u7d$$u7d$17h25b983b6c7ca5efcE,@function
_ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim$u7d$$u7d$17h25b983b6c7ca5efcE:
.Lfunc_begin5:
	.file	7 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/core/src/ops/function.rs"
	.loc	7 250 0
	.cfi_startproc
	push	rax
	.cfi_def_cfa_offset 16
.Ltmp22:
	.loc	7 250 5 prologue_end
	mov	rdi, qword ptr [rdi]
	call	_ZN4core3ops8function6FnOnce9call_once17h217f42c5504d14a8E
	.loc	7 250 5 epilogue_begin is_stmt 0
	pop	rcx
	.cfi_def_cfa_offset 8
	ret
.Ltmp23:
.Lfunc_end5:
	.size	_ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim$u7d$$u7d$17h25b983b6c7ca5efcE, .Lfunc_end5-_ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim$u7d$$u7d$17h25b983b6c7ca5efcE
	.cfi_endproc

	.section	.text._ZN4core3ops8function6FnOnce9call_once17h217f42c5504d14a8E,"ax",@progbits
	.p2align	4
	.type	_ZN4core3ops8function6FnOnce9call_once17h217f42c5504d14a8E,@function
_ZN4core3ops8function6FnOnce9call_once17h217f42c5504d14a8E:
.Lfunc_begin6:
	.loc	7 250 0 is_stmt 1
	.cfi_startproc
	.cfi_personality 155, DW.ref.rust_eh_personality
	.cfi_lsda 27, .Lexception0
	sub	rsp, 40
	.cfi_def_cfa_offset 48
	mov	qword ptr [rsp + 8], rdi
.Ltmp24:
	lea	rdi, [rsp + 8]
.Ltmp27:
	.loc	7 250 5 prologue_end
	call	_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17hcc55e7495adddebaE
.Ltmp25:
	mov	dword ptr [rsp + 4], eax
	jmp	.LBB6_3
.LBB6_1:
	.loc	7 250 5
	mov	rdi, qword ptr [rsp + 24]
	call	_Unwind_Resume@PLT
.LBB6_2:
.Ltmp26:
	.loc	7 0 5 is_stmt 0
	mov	rcx, rax
	mov	eax, edx
	mov	qword ptr [rsp + 24], rcx
	mov	dword ptr [rsp + 32], eax
	jmp	.LBB6_1
.LBB6_3:
	mov	eax, dword ptr [rsp + 4]
	.loc	7 250 5 epilogue_begin
	add	rsp, 40
	.cfi_def_cfa_offset 8
	ret
.Ltmp28:
.Lfunc_end6:
	.size	_ZN4core3ops8function6FnOnce9call_once17h217f42c5504d14a8E, .Lfunc_end6-_ZN4core3ops8function6FnOnce9call_once17h217f42c5504d14a8E
	.cfi_endproc
	.section	.gcc_except_table._ZN4core3ops8function6FnOnce9call_once17h217f42c5504d14a8E,"a",@progbits
	.p2align	2, 0x0
GCC_except_table6:
.Lexception0:
	.byte	255
	.byte	255
	.byte	1
	.uleb128 .Lcst_end0-.Lcst_begin0
.Lcst_begin0:
	.uleb128 .Ltmp24-.Lfunc_begin6
	.uleb128 .Ltmp25-.Ltmp24
	.uleb128 .Ltmp26-.Lfunc_begin6
	.byte	0
	.uleb128 .Ltmp25-.Lfunc_begin6
	.uleb128 .Lfunc_end6-.Ltmp25
	.byte	0
	.byte	0
.Lcst_end0:
	.p2align	2, 0x0

	.section	.text._ZN4core3ops8function6FnOnce9call_once17h6616322217537ac1E,"ax",@progbits
	.p2align	4
	.type	_ZN4core3ops8function6FnOnce9call_once17h6616322217537ac1E,@function
_ZN4core3ops8function6FnOnce9call_once17h6616322217537ac1E:
.Lfunc_begin7:
	.loc	7 250 0 is_stmt 1
	.cfi_startproc
	push	rax
	.cfi_def_cfa_offset 16
.Ltmp29:
	.loc	7 250 5 prologue_end
	call	rdi
	.loc	7 250 5 epilogue_begin is_stmt 0
	pop	rax
	.cfi_def_cfa_offset 8
	ret
.Ltmp30:
.Lfunc_end7:
	.size	_ZN4core3ops8function6FnOnce9call_once17h6616322217537ac1E, .Lfunc_end7-_ZN4core3ops8function6FnOnce9call_once17h6616322217537ac1E
	.cfi_endproc

	.section	".text._ZN4core3str21_$LT$impl$u20$str$GT$3len17h0c9d024c12c83b68E","ax",@progbits
	.p2align	4
	.type	_ZN4core3str21_$LT$impl$u20$str$GT$3len17h0c9d024c12c83b68E,@function
_ZN4core3str21_$LT$impl$u20$str$GT$3len17h0c9d024c12c83b68E:
.Lfunc_begin8:
	.file	8 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/core/src/str/mod.rs"
	.loc	8 157 0 is_stmt 1
	.cfi_startproc
	mov	rax, rsi
.Ltmp31:
	.loc	8 159 6 prologue_end
	ret
.Ltmp32:
.Lfunc_end8:
	.size	_ZN4core3str21_$LT$impl$u20$str$GT$3len17h0c9d024c12c83b68E, .Lfunc_end8-_ZN4core3str21_$LT$impl$u20$str$GT$3len17h0c9d024c12c83b68E
	.cfi_endproc

	.section	".text._ZN4core5slice4iter87_$LT$impl$u20$core..iter..traits..collect..IntoIterator$u20$for$u20$$RF$$u5b$T$u5d$$GT$9into_iter17h98fef405f6be4b64E","ax",@progbits
	.p2align	4
	.type	_ZN4core5slice4iter87_$LT$impl$u20$core..iter..traits..collect..IntoIterator$u20$for$u20$$RF$$u5b$T$u5d$$GT$9into_iter17h98fef405f6be4b64E,@function
_ZN4core5slice4iter87_$LT$impl$u20$core..iter..traits..collect..IntoIterator$u20$for$u20$$RF$$u5b$T$u5d$$GT$9into_iter17h98fef405f6be4b64E:
.Lfunc_begin9:
	.file	9 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/core/src/slice/iter.rs"
	.loc	9 25 0
	.cfi_startproc
	mov	qword ptr [rsp - 24], rdi
	mov	qword ptr [rsp - 16], rsi
	mov	rax, qword ptr [rsp - 24]
	mov	rcx, qword ptr [rsp - 16]
.Ltmp33:
	.file	10 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/core/src/ptr/mut_ptr.rs"
	.loc	10 961 18 prologue_end
	shl	rcx, 2
	add	rax, rcx
.Ltmp34:
	.loc	9 102 63
	mov	qword ptr [rsp - 8], rax
	.loc	9 0 63 is_stmt 0
	mov	rax, qword ptr [rsp - 24]
.Ltmp35:
	.loc	9 104 13 is_stmt 1
	mov	rdx, qword ptr [rsp - 8]
.Ltmp36:
	.loc	9 27 6
	ret
.Ltmp37:
.Lfunc_end9:
	.size	_ZN4core5slice4iter87_$LT$impl$u20$core..iter..traits..collect..IntoIterator$u20$for$u20$$RF$$u5b$T$u5d$$GT$9into_iter17h98fef405f6be4b64E, .Lfunc_end9-_ZN4core5slice4iter87_$LT$impl$u20$core..iter..traits..collect..IntoIterator$u20$for$u20$$RF$$u5b$T$u5d$$GT$9into_iter17h98fef405f6be4b64E
	.cfi_endproc
	.file	11 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/core/src/slice/mod.rs"

	.section	".text._ZN54_$LT$$LP$$RP$$u20$as$u20$std..process..Termination$GT$6report17he7bf6220093f3f84E","ax",@progbits
	.p2align	4
	.type	_ZN54_$LT$$LP$$RP$$u20$as$u20$std..process..Termination$GT$6report17he7bf6220093f3f84E,@function
_ZN54_$LT$$LP$$RP$$u20$as$u20$std..process..Termination$GT$6report17he7bf6220093f3f84E:
.Lfunc_begin10:
	.cfi_startproc
	.loc	3 2583 6 prologue_end
	xor	eax, eax
	ret
.Ltmp38:
.Lfunc_end10:
	.size	_ZN54_$LT$$LP$$RP$$u20$as$u20$std..process..Termination$GT$6report17he7bf6220093f3f84E, .Lfunc_end10-_ZN54_$LT$$LP$$RP$$u20$as$u20$std..process..Termination$GT$6report17he7bf6220093f3f84E
	.cfi_endproc

	.section	".text._ZN61_$LT$$RF$u32$u20$as$u20$core..ops..bit..BitXor$LT$u32$GT$$GT$6bitxor17heb6bfe3e41a9ba8aE","ax",@progbits
	.p2align	4
	.type	_ZN61_$LT$$RF$u32$u20$as$u20$core..ops..bit..BitXor$LT$u32$GT$$GT$6bitxor17heb6bfe3e41a9ba8aE,@function
_ZN61_$LT$$RF$u32$u20$as$u20$core..ops..bit..BitXor$LT$u32$GT$$GT$6bitxor17heb6bfe3e41a9ba8aE:
.Lfunc_begin11:
	.file	12 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/core/src/internal_macros.rs"
	.loc	12 27 0
	.cfi_startproc
	mov	eax, esi
.Ltmp39:
	.file	13 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/core/src/ops/bit.rs"
	.loc	13 386 48 prologue_end
	xor	eax, dword ptr [rdi]
.Ltmp40:
	.loc	12 29 14
	ret
.Ltmp41:
.Lfunc_end11:
	.size	_ZN61_$LT$$RF$u32$u20$as$u20$core..ops..bit..BitXor$LT$u32$GT$$GT$6bitxor17heb6bfe3e41a9ba8aE, .Lfunc_end11-_ZN61_$LT$$RF$u32$u20$as$u20$core..ops..bit..BitXor$LT$u32$GT$$GT$6bitxor17heb6bfe3e41a9ba8aE
	.cfi_endproc

	.section	".text._ZN91_$LT$core..slice..iter..Iter$LT$T$GT$$u20$as$u20$core..iter..traits..iterator..Iterator$GT$4next17he97e11722a023a02E","ax",@progbits
	.p2align	4
	.type	_ZN91_$LT$core..slice..iter..Iter$LT$T$GT$$u20$as$u20$core..iter..traits..iterator..Iterator$GT$4next17he97e11722a023a02E,@function
_ZN91_$LT$core..slice..iter..Iter$LT$T$GT$$u20$as$u20$core..iter..traits..iterator..Iterator$GT$4next17he97e11722a023a02E:
.Lfunc_begin12:
	.file	14 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/core/src/slice/iter/macros.rs"
	.loc	14 157 0
	.cfi_startproc
	mov	qword ptr [rsp - 32], rdi
.Ltmp42:
	.loc	14 161 27 prologue_end
	mov	rax, qword ptr [rdi]
	mov	qword ptr [rsp - 24], rax
.Ltmp43:
	.loc	14 162 34
	mov	rax, qword ptr [rdi + 8]
	mov	qword ptr [rsp - 16], rax
	.loc	14 0 34 is_stmt 0
	mov	rax, qword ptr [rsp - 24]
	mov	rcx, qword ptr [rsp - 16]
.Ltmp44:
	.file	15 "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860" "library/core/src/ptr/non_null.rs"
	.loc	15 1720 9 is_stmt 1
	cmp	rax, rcx
.Ltmp45:
	.loc	14 180 28
	je	.LBB12_3
	.loc	14 0 28 is_stmt 0
	mov	rax, qword ptr [rsp - 32]
	mov	rcx, qword ptr [rsp - 24]
.Ltmp46:
	.loc	15 659 28 is_stmt 1
	add	rcx, 4
.Ltmp47:
	.loc	14 185 25
	mov	qword ptr [rax], rcx
	.loc	14 166 21
	jmp	.LBB12_4
.LBB12_3:
	.loc	14 181 36
	mov	qword ptr [rsp - 8], 0
	.loc	6 0 0 is_stmt 0
	jmp	.LBB12_5
.LBB12_4:
	mov	rax, qword ptr [rsp - 24]
	.loc	14 190 21 is_stmt 1
	mov	qword ptr [rsp - 8], rax
.Ltmp48:
.LBB12_5:
	.loc	14 192 14
	mov	rax, qword ptr [rsp - 8]
	ret
.Ltmp49:
.Lfunc_end12:
	.size	_ZN91_$LT$core..slice..iter..Iter$LT$T$GT$$u20$as$u20$core..iter..traits..iterator..Iterator$GT$4next17he97e11722a023a02E, .Lfunc_end12-_ZN91_$LT$core..slice..iter..Iter$LT$T$GT$$u20$as$u20$core..iter..traits..iterator..Iterator$GT$4next17he97e11722a023a02E
	.cfi_endproc

	.section	.text.chosen,"ax",@progbits
	.globl	chosen
	.p2align	4
	.type	chosen,@function
chosen:
.Lfunc_begin13:
	.loc	6 14 0
	.cfi_startproc
	.cfi_personality 155, DW.ref.rust_eh_personality
	.cfi_lsda 27, .Lexception1
	sub	rsp, 56
	.cfi_def_cfa_offset 64
	mov	dword ptr [rsp + 28], edi
.Ltmp59:
	.loc	6 15 11 prologue_end
	and	edi, 1
	mov	eax, edi
	mov	qword ptr [rsp + 32], rax
	.loc	6 15 5 is_stmt 0
	cmp	rax, 2
	jae	.LBB13_2
	.loc	6 0 5
	mov	rax, qword ptr [rsp + 32]
	.loc	6 15 5
	shl	rax, 4
	lea	rcx, [rip + _ZN4cell5WORDS17h2bc70966a3415c4dE]
	mov	rdi, qword ptr [rax + rcx]
	mov	rsi, qword ptr [rax + rcx + 8]
.Ltmp52:
	.loc	6 15 29
	call	_ZN4core3str21_$LT$impl$u20$str$GT$3len17h0c9d024c12c83b68E
.Ltmp53:
	mov	qword ptr [rsp + 16], rax
	jmp	.LBB13_5
.LBB13_2:
.Ltmp50:
	.loc	6 0 29
	mov	rdi, qword ptr [rsp + 32]
	.loc	6 15 5
	lea	rdx, [rip + .Lanon.69eaad0c1973337cf5bee53f889cec86.6]
	mov	rax, qword ptr [rip + _RNvNtCsgEmfK2I1SDS_4core9panicking18panic_bounds_check@GOTPCREL]
	mov	esi, 2
	call	rax
.Ltmp51:
	jmp	.LBB13_4
.LBB13_3:
.Ltmp58:
	.loc	6 14 1 is_stmt 1
	call	qword ptr [rip + _RNvNtCsgEmfK2I1SDS_4core9panicking19panic_cannot_unwind@GOTPCREL]
.LBB13_4:
	.loc	6 0 1 is_stmt 0
	ud2
.LBB13_5:
	mov	eax, dword ptr [rsp + 28]
	mov	rcx, qword ptr [rsp + 16]
	mov	dword ptr [rsp + 8], ecx
	.loc	6 15 51 is_stmt 1
	mov	dword ptr [rsp + 44], eax
	mov	dword ptr [rsp + 48], 2
	mov	dword ptr [rsp + 52], 3
.Ltmp54:
	lea	rdi, [rsp + 44]
	mov	esi, 3
	.loc	6 15 44 is_stmt 0
	call	_ZN4cell5total17h19d50eeb5b436646E
.Ltmp55:
	mov	dword ptr [rsp + 12], eax
	jmp	.LBB13_6
.LBB13_6:
	.loc	6 0 44
	mov	ecx, dword ptr [rsp + 8]
	mov	edx, dword ptr [rsp + 12]
	.loc	6 15 5
	mov	eax, ecx
	add	eax, edx
	mov	dword ptr [rsp + 4], eax
	cmp	eax, ecx
	jb	.LBB13_8
	.loc	6 0 5
	mov	eax, dword ptr [rsp + 4]
	.loc	6 16 2 epilogue_begin is_stmt 1
	add	rsp, 56
	.cfi_def_cfa_offset 8
	ret
.LBB13_8:
	.cfi_def_cfa_offset 64
.Ltmp56:
	.loc	6 15 5
	lea	rdi, [rip + .Lanon.69eaad0c1973337cf5bee53f889cec86.6]
	mov	rax, qword ptr [rip + _RNvNtNtCsgEmfK2I1SDS_4core9panicking11panic_const24panic_const_add_overflow@GOTPCREL]
	call	rax
.Ltmp57:
	jmp	.LBB13_4
.Ltmp60:
.Lfunc_end13:
	.size	chosen, .Lfunc_end13-chosen
	.cfi_endproc
	.section	.gcc_except_table.chosen,"a",@progbits
	.p2align	2, 0x0
GCC_except_table13:
.Lexception1:
	.byte	255
	.byte	155
	.uleb128 .Lttbase0-.Lttbaseref0
.Lttbaseref0:
	.byte	1
	.uleb128 .Lcst_end1-.Lcst_begin1
.Lcst_begin1:
	.uleb128 .Ltmp52-.Lfunc_begin13
	.uleb128 .Ltmp57-.Ltmp52
	.uleb128 .Ltmp58-.Lfunc_begin13
	.byte	1
.Lcst_end1:
	.byte	127
	.byte	0
	.p2align	2, 0x0
.Lttbase0:
	.byte	0
	.p2align	2, 0x0

	.section	.text.main,"ax",@progbits
	.globl	main
	.p2align	4
	.type	main,@function
main:
.Lfunc_begin14:
	.cfi_startproc
	push	rax
	.cfi_def_cfa_offset 16
	mov	rdx, rsi
	mov	rax, qword ptr [rip + __rustc_debug_gdb_scripts_section__@GOTPCREL]
	mov	al, byte ptr [rax]
	movsxd	rsi, edi
	lea	rdi, [rip + _ZN4cell4main17he370a8ae61834570E]
	xor	ecx, ecx
	call	_ZN3std2rt10lang_start17hf7cdc6621f75a18fE
	pop	rcx
	.cfi_def_cfa_offset 8
	ret
.Lfunc_end14:
	.size	main, .Lfunc_end14-main
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

	.type	.Lanon.69eaad0c1973337cf5bee53f889cec86.3,@object
	.section	.rodata.str1.1,"aMS",@progbits,1
.Lanon.69eaad0c1973337cf5bee53f889cec86.3:
	.asciz	"cell.rs"
	.size	.Lanon.69eaad0c1973337cf5bee53f889cec86.3, 8

	.type	.Lanon.69eaad0c1973337cf5bee53f889cec86.4,@object
	.section	.data.rel.ro..Lanon.69eaad0c1973337cf5bee53f889cec86.4,"aw",@progbits
	.p2align	3, 0x0
.Lanon.69eaad0c1973337cf5bee53f889cec86.4:
	.quad	.Lanon.69eaad0c1973337cf5bee53f889cec86.3
	.asciz	"\007\000\000\000\000\000\000\000\b\000\000\000\020\000\000"
	.size	.Lanon.69eaad0c1973337cf5bee53f889cec86.4, 24

	.type	.Lanon.69eaad0c1973337cf5bee53f889cec86.5,@object
	.section	.data.rel.ro..Lanon.69eaad0c1973337cf5bee53f889cec86.5,"aw",@progbits
	.p2align	3, 0x0
.Lanon.69eaad0c1973337cf5bee53f889cec86.5:
	.quad	.Lanon.69eaad0c1973337cf5bee53f889cec86.3
	.asciz	"\007\000\000\000\000\000\000\000\b\000\000\000\t\000\000"
	.size	.Lanon.69eaad0c1973337cf5bee53f889cec86.5, 24

	.type	.Lanon.69eaad0c1973337cf5bee53f889cec86.6,@object
	.section	.data.rel.ro..Lanon.69eaad0c1973337cf5bee53f889cec86.6,"aw",@progbits
	.p2align	3, 0x0
.Lanon.69eaad0c1973337cf5bee53f889cec86.6:
	.quad	.Lanon.69eaad0c1973337cf5bee53f889cec86.3
	.asciz	"\007\000\000\000\000\000\000\000\017\000\000\000\005\000\000"
	.size	.Lanon.69eaad0c1973337cf5bee53f889cec86.6, 24

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
	.byte	5
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
	.byte	6
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
	.byte	5
	.byte	87
	.byte	11
	.byte	0
	.byte	0
	.byte	7
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
	.byte	8
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
	.byte	9
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
	.byte	5
	.byte	0
	.byte	0
	.byte	10
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
	.byte	11
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
	.byte	5
	.byte	87
	.byte	11
	.byte	0
	.byte	0
	.byte	12
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
	.byte	13
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
	.long	.Ldebug_ranges0
	.byte	2
	.long	.Linfo_string3
	.byte	2
	.long	.Linfo_string4
	.byte	3
	.quad	.Lfunc_begin0
	.long	.Lfunc_end0-.Lfunc_begin0
	.byte	1
	.byte	87
	.long	.Linfo_string51
	.long	.Linfo_string52
	.byte	1
	.byte	199
	.byte	2
	.long	.Linfo_string14
	.byte	4
	.quad	.Lfunc_begin1
	.long	.Lfunc_end1-.Lfunc_begin1
	.byte	1
	.byte	87
	.long	.Linfo_string53
	.long	.Linfo_string54
	.byte	1
	.byte	206
	.byte	5
	.long	257
	.quad	.Ltmp3
	.long	.Ltmp4-.Ltmp3
	.byte	1
	.byte	206
	.byte	85
	.byte	6
	.long	177
	.quad	.Ltmp3
	.long	.Ltmp4-.Ltmp3
	.byte	3
	.short	2184
	.byte	16
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string5
	.byte	2
	.long	.Linfo_string6
	.byte	2
	.long	.Linfo_string7
	.byte	2
	.long	.Linfo_string8
	.byte	2
	.long	.Linfo_string9
	.byte	7
	.long	.Linfo_string10
	.long	.Linfo_string11
	.byte	2
	.short	587
	.byte	1
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string19
	.byte	4
	.quad	.Lfunc_begin2
	.long	.Lfunc_end2-.Lfunc_begin2
	.byte	1
	.byte	87
	.long	.Linfo_string55
	.long	.Linfo_string56
	.byte	4
	.byte	162
	.byte	8
	.long	315
	.quad	.Ltmp7
	.long	.Ltmp8-.Ltmp7
	.byte	4
	.byte	169
	.byte	5
	.byte	0
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string6
	.byte	2
	.long	.Linfo_string9
	.byte	7
	.long	.Linfo_string12
	.long	.Linfo_string13
	.byte	3
	.short	2183
	.byte	1
	.byte	0
	.byte	2
	.long	.Linfo_string38
	.byte	9
	.quad	.Lfunc_begin10
	.long	.Lfunc_end10-.Lfunc_begin10
	.byte	1
	.byte	87
	.long	.Linfo_string70
	.long	.Linfo_string71
	.byte	3
	.short	2581
	.byte	0
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string15
	.byte	2
	.long	.Linfo_string16
	.byte	7
	.long	.Linfo_string17
	.long	.Linfo_string18
	.byte	5
	.short	490
	.byte	1
	.byte	0
	.byte	2
	.long	.Linfo_string21
	.byte	2
	.long	.Linfo_string22
	.byte	2
	.long	.Linfo_string23
	.byte	3
	.quad	.Lfunc_begin5
	.long	.Lfunc_end5-.Lfunc_begin5
	.byte	1
	.byte	87
	.long	.Linfo_string61
	.long	.Linfo_string62
	.byte	7
	.byte	250
	.byte	3
	.quad	.Lfunc_begin6
	.long	.Lfunc_end6-.Lfunc_begin6
	.byte	1
	.byte	87
	.long	.Linfo_string63
	.long	.Linfo_string62
	.byte	7
	.byte	250
	.byte	3
	.quad	.Lfunc_begin7
	.long	.Lfunc_end7-.Lfunc_begin7
	.byte	1
	.byte	87
	.long	.Linfo_string64
	.long	.Linfo_string65
	.byte	7
	.byte	250
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string39
	.byte	2
	.long	.Linfo_string40
	.byte	7
	.long	.Linfo_string41
	.long	.Linfo_string42
	.byte	13
	.short	386
	.byte	1
	.byte	0
	.byte	2
	.long	.Linfo_string43
	.byte	4
	.quad	.Lfunc_begin11
	.long	.Lfunc_end11-.Lfunc_begin11
	.byte	1
	.byte	87
	.long	.Linfo_string72
	.long	.Linfo_string42
	.byte	12
	.byte	27
	.byte	8
	.long	431
	.quad	.Ltmp39
	.long	.Ltmp40-.Ltmp39
	.byte	12
	.byte	28
	.byte	17
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string24
	.byte	2
	.long	.Linfo_string25
	.byte	3
	.quad	.Lfunc_begin8
	.long	.Lfunc_end8-.Lfunc_begin8
	.byte	1
	.byte	87
	.long	.Linfo_string66
	.long	.Linfo_string67
	.byte	8
	.byte	157
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string26
	.byte	2
	.long	.Linfo_string27
	.byte	2
	.long	.Linfo_string25
	.byte	7
	.long	.Linfo_string28
	.long	.Linfo_string29
	.byte	10
	.short	927
	.byte	1
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string44
	.byte	2
	.long	.Linfo_string45
	.byte	7
	.long	.Linfo_string46
	.long	.Linfo_string47
	.byte	15
	.short	1719
	.byte	1
	.byte	0
	.byte	2
	.long	.Linfo_string48
	.byte	7
	.long	.Linfo_string49
	.long	.Linfo_string29
	.byte	15
	.short	651
	.byte	1
	.byte	0
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string30
	.byte	2
	.long	.Linfo_string31
	.byte	2
	.long	.Linfo_string32
	.byte	10
	.long	.Linfo_string33
	.long	.Linfo_string34
	.byte	9
	.byte	96
	.byte	1
	.byte	0
	.byte	2
	.long	.Linfo_string37
	.byte	4
	.quad	.Lfunc_begin9
	.long	.Lfunc_end9-.Lfunc_begin9
	.byte	1
	.byte	87
	.long	.Linfo_string68
	.long	.Linfo_string69
	.byte	9
	.byte	25
	.byte	5
	.long	812
	.quad	.Ltmp33
	.long	.Ltmp36-.Ltmp33
	.byte	9
	.byte	26
	.byte	14
	.byte	11
	.long	626
	.quad	.Ltmp33
	.long	.Ltmp36-.Ltmp33
	.byte	11
	.short	1041
	.byte	9
	.byte	8
	.long	551
	.quad	.Ltmp33
	.long	.Ltmp34-.Ltmp33
	.byte	9
	.byte	102
	.byte	78
	.byte	0
	.byte	0
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string50
	.byte	4
	.quad	.Lfunc_begin12
	.long	.Lfunc_end12-.Lfunc_begin12
	.byte	1
	.byte	87
	.long	.Linfo_string73
	.long	.Linfo_string74
	.byte	14
	.byte	157
	.byte	8
	.long	576
	.quad	.Ltmp44
	.long	.Ltmp45-.Ltmp44
	.byte	14
	.byte	180
	.byte	28
	.byte	8
	.long	595
	.quad	.Ltmp46
	.long	.Ltmp47-.Ltmp46
	.byte	14
	.byte	185
	.byte	40
	.byte	0
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string25
	.byte	7
	.long	.Linfo_string35
	.long	.Linfo_string36
	.byte	11
	.short	1040
	.byte	1
	.byte	0
	.byte	0
	.byte	0
	.byte	2
	.long	.Linfo_string20
	.byte	12
	.quad	.Lfunc_begin3
	.long	.Lfunc_end3-.Lfunc_begin3
	.byte	1
	.byte	87
	.long	.Linfo_string57
	.long	.Linfo_string58
	.byte	6
	.byte	18

	.byte	3
	.quad	.Lfunc_begin4
	.long	.Lfunc_end4-.Lfunc_begin4
	.byte	1
	.byte	87
	.long	.Linfo_string59
	.long	.Linfo_string60
	.byte	6
	.byte	5
	.byte	13
	.quad	.Lfunc_begin13
	.long	.Lfunc_end13-.Lfunc_begin13
	.byte	1
	.byte	87
	.long	.Linfo_string75
	.byte	6
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
	.section	.text._ZN4core3ops8function6FnOnce9call_once17h217f42c5504d14a8E,"ax",@progbits
.Lsec_end6:
	.section	.text._ZN4core3ops8function6FnOnce9call_once17h6616322217537ac1E,"ax",@progbits
.Lsec_end7:
	.section	".text._ZN4core3str21_$LT$impl$u20$str$GT$3len17h0c9d024c12c83b68E","ax",@progbits
.Lsec_end8:
	.section	".text._ZN4core5slice4iter87_$LT$impl$u20$core..iter..traits..collect..IntoIterator$u20$for$u20$$RF$$u5b$T$u5d$$GT$9into_iter17h98fef405f6be4b64E","ax",@progbits
.Lsec_end9:
	.section	".text._ZN54_$LT$$LP$$RP$$u20$as$u20$std..process..Termination$GT$6report17he7bf6220093f3f84E","ax",@progbits
.Lsec_end10:
	.section	".text._ZN61_$LT$$RF$u32$u20$as$u20$core..ops..bit..BitXor$LT$u32$GT$$GT$6bitxor17heb6bfe3e41a9ba8aE","ax",@progbits
.Lsec_end11:
	.section	".text._ZN91_$LT$core..slice..iter..Iter$LT$T$GT$$u20$as$u20$core..iter..traits..iterator..Iterator$GT$4next17he97e11722a023a02E","ax",@progbits
.Lsec_end12:
	.section	.text.chosen,"ax",@progbits
.Lsec_end13:
	.section	.debug_aranges,"",@progbits
	.long	252
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
	.quad	.Lfunc_begin7
	.quad	.Lsec_end7-.Lfunc_begin7
	.quad	.Lfunc_begin8
	.quad	.Lsec_end8-.Lfunc_begin8
	.quad	.Lfunc_begin9
	.quad	.Lsec_end9-.Lfunc_begin9
	.quad	.Lfunc_begin10
	.quad	.Lsec_end10-.Lfunc_begin10
	.quad	.Lfunc_begin11
	.quad	.Lsec_end11-.Lfunc_begin11
	.quad	.Lfunc_begin12
	.quad	.Lsec_end12-.Lfunc_begin12
	.quad	.Lfunc_begin13
	.quad	.Lsec_end13-.Lfunc_begin13
	.quad	0
	.quad	0
	.section	.debug_ranges,"",@progbits
.Ldebug_ranges0:
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
	.quad	.Lfunc_begin7
	.quad	.Lfunc_end7
	.quad	.Lfunc_begin8
	.quad	.Lfunc_end8
	.quad	.Lfunc_begin9
	.quad	.Lfunc_end9
	.quad	.Lfunc_begin10
	.quad	.Lfunc_end10
	.quad	.Lfunc_begin11
	.quad	.Lfunc_end11
	.quad	.Lfunc_begin12
	.quad	.Lfunc_end12
	.quad	.Lfunc_begin13
	.quad	.Lfunc_end13
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
	.asciz	"sys"
.Linfo_string6:
	.asciz	"process"
.Linfo_string7:
	.asciz	"unix"
.Linfo_string8:
	.asciz	"common"
.Linfo_string9:
	.asciz	"ExitCode"
.Linfo_string10:
	.asciz	"_ZN3std3sys7process4unix6common8ExitCode6as_i3217hb50d3cf13bfd0632E"
.Linfo_string11:
	.asciz	"as_i32"
.Linfo_string12:
	.asciz	"_ZN3std7process8ExitCode6to_i3217h0c17bf877f643465E"
.Linfo_string13:
	.asciz	"to_i32"
.Linfo_string14:
	.asciz	"lang_start"
.Linfo_string15:
	.asciz	"core"
.Linfo_string16:
	.asciz	"hint"
.Linfo_string17:
	.asciz	"_ZN4core4hint9black_box17h0e49fd37c4eae5feE"
.Linfo_string18:
	.asciz	"black_box<()>"
.Linfo_string19:
	.asciz	"backtrace"
.Linfo_string20:
	.asciz	"cell"
.Linfo_string21:
	.asciz	"ops"
.Linfo_string22:
	.asciz	"function"
.Linfo_string23:
	.asciz	"FnOnce"
.Linfo_string24:
	.asciz	"str"
.Linfo_string25:
	.asciz	"{impl#0}"
.Linfo_string26:
	.asciz	"ptr"
.Linfo_string27:
	.asciz	"mut_ptr"
.Linfo_string28:
	.asciz	"_ZN4core3ptr7mut_ptr31_$LT$impl$u20$$BP$mut$u20$T$GT$3add17h507eb22664059718E"
.Linfo_string29:
	.asciz	"add<u32>"
.Linfo_string30:
	.asciz	"slice"
.Linfo_string31:
	.asciz	"iter"
.Linfo_string32:
	.asciz	"Iter"
.Linfo_string33:
	.asciz	"_ZN4core5slice4iter13Iter$LT$T$GT$3new17h3a69bcf2b32f289cE"
.Linfo_string34:
	.asciz	"new<u32>"
.Linfo_string35:
	.asciz	"_ZN4core5slice29_$LT$impl$u20$$u5b$T$u5d$$GT$4iter17hdcf8543100c55090E"
.Linfo_string36:
	.asciz	"iter<u32>"
.Linfo_string37:
	.asciz	"{impl#1}"
.Linfo_string38:
	.asciz	"{impl#63}"
.Linfo_string39:
	.asciz	"bit"
.Linfo_string40:
	.asciz	"{impl#135}"
.Linfo_string41:
	.asciz	"_ZN46_$LT$u32$u20$as$u20$core..ops..bit..BitXor$GT$6bitxor17he343cbfbb652a444E"
.Linfo_string42:
	.asciz	"bitxor"
.Linfo_string43:
	.asciz	"{impl#156}"
.Linfo_string44:
	.asciz	"non_null"
.Linfo_string45:
	.asciz	"{impl#16}"
.Linfo_string46:
	.asciz	"_ZN78_$LT$core..ptr..non_null..NonNull$LT$T$GT$$u20$as$u20$core..cmp..PartialEq$GT$2eq17h7e357b8ae030cb86E"
.Linfo_string47:
	.asciz	"eq<u32>"
.Linfo_string48:
	.asciz	"NonNull"
.Linfo_string49:
	.asciz	"_ZN4core3ptr8non_null16NonNull$LT$T$GT$3add17h3d7798e38ab76626E"
.Linfo_string50:
	.asciz	"{impl#171}"
.Linfo_string51:
	.asciz	"_ZN3std2rt10lang_start17hf7cdc6621f75a18fE"
.Linfo_string52:
	.asciz	"lang_start<()>"
.Linfo_string53:
	.asciz	"_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17hcc55e7495adddebaE"
.Linfo_string54:
	.asciz	"{closure#0}<()>"
.Linfo_string55:
	.asciz	"_ZN3std3sys9backtrace28__rust_begin_short_backtrace17hd1d141912ac143e6E"
.Linfo_string56:
	.asciz	"__rust_begin_short_backtrace<fn(), ()>"
.Linfo_string57:
	.asciz	"_ZN4cell4main17he370a8ae61834570E"
.Linfo_string58:
	.asciz	"main"
.Linfo_string59:
	.asciz	"_ZN4cell5total17h19d50eeb5b436646E"
.Linfo_string60:
	.asciz	"total"
.Linfo_string61:
	.asciz	"_ZN4core3ops8function6FnOnce40call_once$u7b$$u7b$vtable.shim$u7d$$u7d$17h25b983b6c7ca5efcE"
.Linfo_string62:
	.asciz	"call_once<std::rt::lang_start::{closure_env#0}<()>, ()>"
.Linfo_string63:
	.asciz	"_ZN4core3ops8function6FnOnce9call_once17h217f42c5504d14a8E"
.Linfo_string64:
	.asciz	"_ZN4core3ops8function6FnOnce9call_once17h6616322217537ac1E"
.Linfo_string65:
	.asciz	"call_once<fn(), ()>"
.Linfo_string66:
	.asciz	"_ZN4core3str21_$LT$impl$u20$str$GT$3len17h0c9d024c12c83b68E"
.Linfo_string67:
	.asciz	"len"
.Linfo_string68:
	.asciz	"_ZN4core5slice4iter87_$LT$impl$u20$core..iter..traits..collect..IntoIterator$u20$for$u20$$RF$$u5b$T$u5d$$GT$9into_iter17h98fef405f6be4b64E"
.Linfo_string69:
	.asciz	"into_iter<u32>"
.Linfo_string70:
	.asciz	"_ZN54_$LT$$LP$$RP$$u20$as$u20$std..process..Termination$GT$6report17he7bf6220093f3f84E"
.Linfo_string71:
	.asciz	"report"
.Linfo_string72:
	.asciz	"_ZN61_$LT$$RF$u32$u20$as$u20$core..ops..bit..BitXor$LT$u32$GT$$GT$6bitxor17heb6bfe3e41a9ba8aE"
.Linfo_string73:
	.asciz	"_ZN91_$LT$core..slice..iter..Iter$LT$T$GT$$u20$as$u20$core..iter..traits..iterator..Iterator$GT$4next17he97e11722a023a02E"
.Linfo_string74:
	.asciz	"next<u32>"
.Linfo_string75:
	.asciz	"chosen"
	.hidden	DW.ref.rust_eh_personality
	.weak	DW.ref.rust_eh_personality
	.section	.data.DW.ref.rust_eh_personality,"awG",@progbits,DW.ref.rust_eh_personality,comdat
	.p2align	3, 0x0
	.type	DW.ref.rust_eh_personality,@object
	.size	DW.ref.rust_eh_personality, 8
DW.ref.rust_eh_personality:
	.quad	rust_eh_personality
	.ident	"rustc version 1.95.0 (59807616e 2026-04-14)"
	.section	".note.GNU-stack","",@progbits
	.section	.debug_line,"",@progbits
.Lline_table_start0:
