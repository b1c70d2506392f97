	.text
	.intel_syntax noprefix
	.file	"cell.cpp"
	.section	.rodata.cst16,"aM",@progbits,16
	.p2align	4, 0x0                          # -- Begin function _Z6scaledPKii
.LCPI0_0:
	.long	85                              # 0x55
	.long	85                              # 0x55
	.long	85                              # 0x55
	.long	85                              # 0x55
	.text
	.globl	_Z6scaledPKii
	.p2align	4, 0x90
	.type	_Z6scaledPKii,@function
_Z6scaledPKii:                          # @_Z6scaledPKii
.Lfunc_begin0:
	.file	0 "/home/user" "cell.cpp" md5 0xa3f9fbc47fa7b52e08ec074be67a3b92
	.cfi_startproc
# %bb.0:
	.loc	0 14 23 prologue_end            # cell.cpp:14:23
	test	esi, esi
	.loc	0 14 5 is_stmt 0                # cell.cpp:14:5
	jle	.LBB0_1
# %bb.3:
	.loc	0 14 23                         # cell.cpp:14:23
	mov	ecx, esi
	.loc	0 14 5                          # cell.cpp:14:5
	cmp	esi, 7
	ja	.LBB0_5
# %bb.4:
	.loc	0 0 5                           # cell.cpp:0:5
	xor	edx, edx
	xor	eax, eax
	jmp	.LBB0_8
.LBB0_1:
	xor	eax, eax
	.loc	0 16 5 is_stmt 1                # cell.cpp:16:5
	ret
.LBB0_5:
	.loc	0 14 5                          # cell.cpp:14:5
	mov	edx, ecx
	and	edx, 2147483640
	mov	eax, ecx
	shr	eax, 3
	and	eax, 268435455
	shl	rax, 5
	pxor	xmm0, xmm0
	xor	esi, esi
	movdqa	xmm2, xmmword ptr [rip + .LCPI0_0] # xmm2 = [85,85,85,85]
	pxor	xmm1, xmm1
	.p2align	4, 0x90
.LBB0_6:                                # =>This Inner Loop Header: Depth=1
	.loc	0 15 30                         # cell.cpp:15:30
	movdqu	xmm3, xmmword ptr [rdi + rsi]
	movdqu	xmm4, xmmword ptr [rdi + rsi + 16]
.Ltmp0:
	.file	1 "." "lib.h" md5 0xf1dd139bf75a0ba0ad75a36aafbc94cc
	.loc	1 4 42                          # ./lib.h:4:42
	pxor	xmm3, xmm2
.Ltmp1:
	.loc	0 15 15                         # cell.cpp:15:15
	paddd	xmm0, xmm3
.Ltmp2:
	.loc	1 4 42                          # ./lib.h:4:42
	pxor	xmm4, xmm2
.Ltmp3:
	.loc	0 15 15                         # cell.cpp:15:15
	paddd	xmm1, xmm4
	.loc	0 14 28                         # cell.cpp:14:28
	add	rsi, 32
	cmp	rax, rsi
	jne	.LBB0_6
# %bb.7:
	.loc	0 14 5 is_stmt 0                # cell.cpp:14:5
	paddd	xmm1, xmm0
	pshufd	xmm0, xmm1, 238                 # xmm0 = xmm1[2,3,2,3]
	paddd	xmm0, xmm1
	pshufd	xmm1, xmm0, 85                  # xmm1 = xmm0[1,1,1,1]
	paddd	xmm1, xmm0
	movd	eax, xmm1
	cmp	edx, ecx
	je	.LBB0_2
	.p2align	4, 0x90
.LBB0_8:                                # =>This Inner Loop Header: Depth=1
	.loc	0 15 30 is_stmt 1               # cell.cpp:15:30
	mov	esi, dword ptr [rdi + 4*rdx]
.Ltmp4:
	.loc	1 4 42                          # ./lib.h:4:42
	xor	esi, 85
.Ltmp5:
	.loc	0 15 15                         # cell.cpp:15:15
	add	eax, esi
	.loc	0 14 28                         # cell.cpp:14:28
	inc	rdx
	.loc	0 14 23 is_stmt 0               # cell.cpp:14:23
	cmp	rcx, rdx
	.loc	0 14 5                          # cell.cpp:14:5
	jne	.LBB0_8
.LBB0_2:
	.loc	0 16 5 is_stmt 1                # cell.cpp:16:5
	ret
.Ltmp6:
.Lfunc_end0:
	.size	_Z6scaledPKii, .Lfunc_end0-_Z6scaledPKii
	.cfi_endproc
                                        # -- End function
	.globl	_Z6choseni                      # -- Begin function _Z6choseni
	.p2align	4, 0x90
	.type	_Z6choseni,@function
_Z6choseni:                             # @_Z6choseni
.Lfunc_begin1:
	.cfi_startproc
# %bb.0:
	.loc	0 20 5 prologue_end             # cell.cpp:20:5
	cmp	edi, 4
	ja	.LBB1_7
# %bb.1:
	.loc	0 0 5 is_stmt 0                 # cell.cpp:0:5
	mov	eax, edi
	lea	rcx, [rip + .LJTI1_0]
	.loc	0 20 5                          # cell.cpp:20:5
	movsxd	rax, dword ptr [rcx + 4*rax]
	add	rax, rcx
	jmp	rax
.LBB1_4:
	.loc	0 21 24 is_stmt 1               # cell.cpp:21:24
	mov	eax, dword ptr [rip + counter]
	.loc	0 28 1                          # cell.cpp:28:1
	ret
.LBB1_6:
	.loc	0 0 1 is_stmt 0                 # cell.cpp:0:1
	mov	eax, -4
	.loc	0 28 1                          # cell.cpp:28:1
	ret
.LBB1_2:
	.loc	0 0 1                           # cell.cpp:0:1
	mov	eax, 122
	.loc	0 28 1                          # cell.cpp:28:1
	ret
.LBB1_3:
.Ltmp7:
	.loc	0 15 30 is_stmt 1               # cell.cpp:15:30
	mov	eax, dword ptr [rip + counter]
.Ltmp8:
	.loc	1 4 42                          # ./lib.h:4:42
	xor	eax, 85
.Ltmp9:
	.loc	0 28 1                          # cell.cpp:28:1
	ret
.LBB1_5:
	.loc	0 22 24                         # cell.cpp:22:24
	mov	edi, 1
.Ltmp10:
	jmp	_Z8lib_onlyIiET_S0_             # TAILCALL
.Ltmp11:
.LBB1_7:
	.loc	0 0 24 is_stmt 0                # cell.cpp:0:24
	mov	eax, 42
	.loc	0 28 1 is_stmt 1                # cell.cpp:28:1
	ret
.Ltmp12:
.Lfunc_end1:
	.size	_Z6choseni, .Lfunc_end1-_Z6choseni
	.cfi_endproc
	.section	.rodata,"a",@progbits
	.p2align	2, 0x0
.LJTI1_0:
	.long	.LBB1_4-.LJTI1_0
	.long	.LBB1_5-.LJTI1_0
	.long	.LBB1_2-.LJTI1_0
	.long	.LBB1_3-.LJTI1_0
	.long	.LBB1_6-.LJTI1_0
                                        # -- End function
	.section	.text._Z8lib_onlyIiET_S0_,"axG",@progbits,_Z8lib_onlyIiET_S0_,comdat
	.weak	_Z8lib_onlyIiET_S0_             # -- Begin function _Z8lib_onlyIiET_S0_
	.p2align	4, 0x90
	.type	_Z8lib_onlyIiET_S0_,@function
_Z8lib_onlyIiET_S0_:                    # @_Z8lib_onlyIiET_S0_
.Lfunc_begin2:
	.cfi_startproc
# %bb.0:
                                        # kill: def $edi killed $edi def $rdi
	.loc	1 3 73 prologue_end             # ./lib.h:3:73
	imul	edi, edi
	.loc	1 3 77 is_stmt 0                # ./lib.h:3:77
	lea	eax, [rdi + 1]
	.loc	1 3 64                          # ./lib.h:3:64
	ret
.Ltmp13:
.Lfunc_end2:
	.size	_Z8lib_onlyIiET_S0_, .Lfunc_end2-_Z8lib_onlyIiET_S0_
	.cfi_endproc
                                        # -- End function
	.text
	.globl	main                            # -- Begin function main
	.p2align	4, 0x90
	.type	main,@function
main:                                   # @main
.Lfunc_begin3:
	.loc	0 30 0 is_stmt 1                # cell.cpp:30:0
	.cfi_startproc
# %bb.0:
	push	rbx
	.cfi_def_cfa_offset 16
	.cfi_offset rbx, -16
	.loc	0 20 5 prologue_end             # cell.cpp:20:5
	cmp	edi, 4
	ja	.LBB3_7
# %bb.1:
	.loc	0 0 5 is_stmt 0                 # cell.cpp:0:5
	mov	eax, edi
	lea	rcx, [rip + .LJTI3_0]
	.loc	0 20 5                          # cell.cpp:20:5
	movsxd	rax, dword ptr [rcx + 4*rax]
	add	rax, rcx
	jmp	rax
.LBB3_4:
	.loc	0 21 24 is_stmt 1               # cell.cpp:21:24
	mov	ebx, dword ptr [rip + counter]
	.loc	0 21 17 is_stmt 0               # cell.cpp:21:17
	jmp	.LBB3_8
.LBB3_6:
	.loc	0 0 17                          # cell.cpp:0:17
	mov	ebx, -4
	.loc	0 25 17 is_stmt 1               # cell.cpp:25:17
	jmp	.LBB3_8
.LBB3_2:
	.loc	0 0 17 is_stmt 0                # cell.cpp:0:17
	mov	ebx, 122
	.loc	0 20 5 is_stmt 1                # cell.cpp:20:5
	jmp	.LBB3_8
.LBB3_3:
.Ltmp14:
	.loc	0 15 30                         # cell.cpp:15:30
	mov	ebx, dword ptr [rip + counter]
.Ltmp15:
	.loc	1 4 42                          # ./lib.h:4:42
	xor	ebx, 85
.Ltmp16:
	.loc	0 28 1                          # cell.cpp:28:1
	jmp	.LBB3_8
.LBB3_5:
	.loc	0 0 1 is_stmt 0                 # cell.cpp:0:1
	mov	ebx, edi
	.loc	0 22 24 is_stmt 1               # cell.cpp:22:24
	mov	edi, 1
	call	_Z8lib_onlyIiET_S0_
.Ltmp17:
	.loc	0 0 24 is_stmt 0                # cell.cpp:0:24
	mov	edi, ebx
	.loc	0 22 24                         # cell.cpp:22:24
	mov	ebx, eax
	.loc	0 22 17                         # cell.cpp:22:17
	jmp	.LBB3_8
.Ltmp18:
.LBB3_7:
	.loc	0 0 17                          # cell.cpp:0:17
	mov	ebx, 42
.LBB3_8:
	.loc	0 32 44 is_stmt 1               # cell.cpp:32:44
	call	_Z8lib_onlyIiET_S0_
.Ltmp19:
                                        # kill: def $eax killed $eax def $rax
	.loc	0 32 42 is_stmt 0               # cell.cpp:32:42
	add	eax, ebx
	add	eax, 9
	.loc	0 32 5 epilogue_begin           # cell.cpp:32:5
	pop	rbx
	.cfi_def_cfa_offset 8
	ret
.Ltmp20:
.Lfunc_end3:
	.size	main, .Lfunc_end3-main
	.cfi_endproc
	.section	.rodata,"a",@progbits
	.p2align	2, 0x0
.LJTI3_0:
	.long	.LBB3_4-.LJTI3_0
	.long	.LBB3_5-.LJTI3_0
	.long	.LBB3_2-.LJTI3_0
	.long	.LBB3_3-.LJTI3_0
	.long	.LBB3_6-.LJTI3_0
                                        # -- End function
	.type	counter,@object                 # @counter
	.data
	.globl	counter
	.p2align	2, 0x0
counter:
	.long	7                               # 0x7
	.size	counter, 4

	.section	".linker-options","e",@llvm_linker_options
	.section	.debug_abbrev,"",@progbits
	.byte	1                               # Abbreviation Code
	.byte	17                              # DW_TAG_compile_unit
	.byte	1                               # DW_CHILDREN_yes
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
	.byte	2                               # Abbreviation Code
	.byte	46                              # DW_TAG_subprogram
	.byte	0                               # DW_CHILDREN_no
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	32                              # DW_AT_inline
	.byte	33                              # DW_FORM_implicit_const
	.byte	1
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	3                               # Abbreviation Code
	.byte	46                              # DW_TAG_subprogram
	.byte	1                               # DW_CHILDREN_yes
	.byte	17                              # DW_AT_low_pc
	.byte	27                              # DW_FORM_addrx
	.byte	18                              # DW_AT_high_pc
	.byte	6                               # DW_FORM_data4
	.byte	122                             # DW_AT_call_all_calls
	.byte	25                              # DW_FORM_flag_present
	.byte	49                              # DW_AT_abstract_origin
	.byte	19                              # DW_FORM_ref4
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	4                               # Abbreviation Code
	.byte	29                              # DW_TAG_inlined_subroutine
	.byte	0                               # DW_CHILDREN_no
	.byte	49                              # DW_AT_abstract_origin
	.byte	19                              # DW_FORM_ref4
	.byte	85                              # DW_AT_ranges
	.byte	35                              # DW_FORM_rnglistx
	.byte	88                              # DW_AT_call_file
	.byte	11                              # DW_FORM_data1
	.byte	89                              # DW_AT_call_line
	.byte	11                              # DW_FORM_data1
	.byte	87                              # DW_AT_call_column
	.byte	11                              # DW_FORM_data1
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	5                               # Abbreviation Code
	.byte	29                              # DW_TAG_inlined_subroutine
	.byte	1                               # DW_CHILDREN_yes
	.byte	49                              # DW_AT_abstract_origin
	.byte	19                              # DW_FORM_ref4
	.byte	17                              # DW_AT_low_pc
	.byte	27                              # DW_FORM_addrx
	.byte	18                              # DW_AT_high_pc
	.byte	6                               # DW_FORM_data4
	.byte	88                              # DW_AT_call_file
	.byte	11                              # DW_FORM_data1
	.byte	89                              # DW_AT_call_line
	.byte	11                              # DW_FORM_data1
	.byte	87                              # DW_AT_call_column
	.byte	11                              # DW_FORM_data1
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	6                               # Abbreviation Code
	.byte	29                              # DW_TAG_inlined_subroutine
	.byte	0                               # DW_CHILDREN_no
	.byte	49                              # DW_AT_abstract_origin
	.byte	19                              # DW_FORM_ref4
	.byte	17                              # DW_AT_low_pc
	.byte	27                              # DW_FORM_addrx
	.byte	18                              # DW_AT_high_pc
	.byte	6                               # DW_FORM_data4
	.byte	88                              # DW_AT_call_file
	.byte	11                              # DW_FORM_data1
	.byte	89                              # DW_AT_call_line
	.byte	11                              # DW_FORM_data1
	.byte	87                              # DW_AT_call_column
	.byte	11                              # DW_FORM_data1
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	7                               # Abbreviation Code
	.byte	72                              # DW_TAG_call_site
	.byte	0                               # DW_CHILDREN_no
	.byte	127                             # DW_AT_call_origin
	.byte	19                              # DW_FORM_ref4
	.ascii	"\202\001"                      # DW_AT_call_tail_call
	.byte	25                              # DW_FORM_flag_present
	.ascii	"\201\001"                      # DW_AT_call_pc
	.byte	27                              # DW_FORM_addrx
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	8                               # Abbreviation Code
	.byte	46                              # DW_TAG_subprogram
	.byte	0                               # DW_CHILDREN_no
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	9                               # Abbreviation Code
	.byte	46                              # DW_TAG_subprogram
	.byte	1                               # DW_CHILDREN_yes
	.byte	17                              # DW_AT_low_pc
	.byte	27                              # DW_FORM_addrx
	.byte	18                              # DW_AT_high_pc
	.byte	6                               # DW_FORM_data4
	.byte	122                             # DW_AT_call_all_calls
	.byte	25                              # DW_FORM_flag_present
	.byte	3                               # DW_AT_name
	.byte	37                              # DW_FORM_strx1
	.byte	0                               # EOM(1)
	.byte	0                               # EOM(2)
	.byte	10                              # Abbreviation Code
	.byte	72                              # DW_TAG_call_site
	.byte	0                               # DW_CHILDREN_no
	.byte	127                             # DW_AT_call_origin
	.byte	19                              # DW_FORM_ref4
	.byte	125                             # DW_AT_call_return_pc
	.byte	27                              # DW_FORM_addrx
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
	.byte	1                               # Abbrev [1] 0xc:0xa4 DW_TAG_compile_unit
	.byte	0                               # DW_AT_producer
	.short	33                              # DW_AT_language
	.byte	1                               # DW_AT_name
	.long	.Lstr_offsets_base0             # DW_AT_str_offsets_base
	.long	.Lline_table_start0             # DW_AT_stmt_list
	.byte	2                               # DW_AT_comp_dir
	.quad	0                               # DW_AT_low_pc
	.byte	1                               # DW_AT_ranges
	.long	.Laddr_table_base0              # DW_AT_addr_base
	.long	.Lrnglists_table_base0          # DW_AT_rnglists_base
	.byte	2                               # Abbrev [2] 0x2b:0x2 DW_TAG_subprogram
	.byte	3                               # DW_AT_name
                                        # DW_AT_inline
	.byte	3                               # Abbrev [3] 0x2d:0x14 DW_TAG_subprogram
	.byte	0                               # DW_AT_low_pc
	.long	.Lfunc_end0-.Lfunc_begin0       # DW_AT_high_pc
                                        # DW_AT_call_all_calls
	.long	65                              # DW_AT_abstract_origin
	.byte	4                               # Abbrev [4] 0x37:0x9 DW_TAG_inlined_subroutine
	.long	43                              # DW_AT_abstract_origin
	.byte	0                               # DW_AT_ranges
	.byte	0                               # DW_AT_call_file
	.byte	15                              # DW_AT_call_line
	.byte	18                              # DW_AT_call_column
	.byte	0                               # End Of Children Mark
	.byte	2                               # Abbrev [2] 0x41:0x2 DW_TAG_subprogram
	.byte	4                               # DW_AT_name
                                        # DW_AT_inline
	.byte	3                               # Abbrev [3] 0x43:0x2c DW_TAG_subprogram
	.byte	1                               # DW_AT_low_pc
	.long	.Lfunc_end1-.Lfunc_begin1       # DW_AT_high_pc
                                        # DW_AT_call_all_calls
	.long	112                             # DW_AT_abstract_origin
	.byte	5                               # Abbrev [5] 0x4d:0x1b DW_TAG_inlined_subroutine
	.long	65                              # DW_AT_abstract_origin
	.byte	2                               # DW_AT_low_pc
	.long	.Ltmp9-.Ltmp7                   # DW_AT_high_pc
	.byte	0                               # DW_AT_call_file
	.byte	24                              # DW_AT_call_line
	.byte	24                              # DW_AT_call_column
	.byte	6                               # Abbrev [6] 0x5a:0xd DW_TAG_inlined_subroutine
	.long	43                              # DW_AT_abstract_origin
	.byte	3                               # DW_AT_low_pc
	.long	.Ltmp9-.Ltmp8                   # DW_AT_high_pc
	.byte	0                               # DW_AT_call_file
	.byte	15                              # DW_AT_call_line
	.byte	18                              # DW_AT_call_column
	.byte	0                               # End Of Children Mark
	.byte	7                               # Abbrev [7] 0x68:0x6 DW_TAG_call_site
	.long	111                             # DW_AT_call_origin
                                        # DW_AT_call_tail_call
	.byte	4                               # DW_AT_call_pc
	.byte	0                               # End Of Children Mark
	.byte	8                               # Abbrev [8] 0x6f:0x1 DW_TAG_subprogram
	.byte	2                               # Abbrev [2] 0x70:0x2 DW_TAG_subprogram
	.byte	5                               # DW_AT_name
                                        # DW_AT_inline
	.byte	9                               # Abbrev [9] 0x72:0x3d DW_TAG_subprogram
	.byte	6                               # DW_AT_low_pc
	.long	.Lfunc_end3-.Lfunc_begin3       # DW_AT_high_pc
                                        # DW_AT_call_all_calls
	.byte	6                               # DW_AT_name
	.byte	5                               # Abbrev [5] 0x79:0x29 DW_TAG_inlined_subroutine
	.long	112                             # DW_AT_abstract_origin
	.byte	6                               # DW_AT_low_pc
	.long	.Ltmp18-.Lfunc_begin3           # DW_AT_high_pc
	.byte	0                               # DW_AT_call_file
	.byte	32                              # DW_AT_call_line
	.byte	12                              # DW_AT_call_column
	.byte	5                               # Abbrev [5] 0x86:0x1b DW_TAG_inlined_subroutine
	.long	65                              # DW_AT_abstract_origin
	.byte	7                               # DW_AT_low_pc
	.long	.Ltmp16-.Ltmp14                 # DW_AT_high_pc
	.byte	0                               # DW_AT_call_file
	.byte	24                              # DW_AT_call_line
	.byte	24                              # DW_AT_call_column
	.byte	6                               # Abbrev [6] 0x93:0xd DW_TAG_inlined_subroutine
	.long	43                              # DW_AT_abstract_origin
	.byte	8                               # DW_AT_low_pc
	.long	.Ltmp16-.Ltmp15                 # DW_AT_high_pc
	.byte	0                               # DW_AT_call_file
	.byte	15                              # DW_AT_call_line
	.byte	18                              # DW_AT_call_column
	.byte	0                               # End Of Children Mark
	.byte	0                               # End Of Children Mark
	.byte	10                              # Abbrev [10] 0xa2:0x6 DW_TAG_call_site
	.long	111                             # DW_AT_call_origin
	.byte	9                               # DW_AT_call_return_pc
	.byte	10                              # Abbrev [10] 0xa8:0x6 DW_TAG_call_site
	.long	111                             # DW_AT_call_origin
	.byte	10                              # DW_AT_call_return_pc
	.byte	0                               # End Of Children Mark
	.byte	0                               # End Of Children Mark
.Ldebug_info_end0:
	.section	.debug_rnglists,"",@progbits
	.long	.Ldebug_list_header_end0-.Ldebug_list_header_start0 # Length
.Ldebug_list_header_start0:
	.short	5                               # Version
	.byte	8                               # Address size
	.byte	0                               # Segment selector size
	.long	2                               # Offset entry count
.Lrnglists_table_base0:
	.long	.Ldebug_ranges0-.Lrnglists_table_base0
	.long	.Ldebug_ranges1-.Lrnglists_table_base0
.Ldebug_ranges0:
	.byte	1                               # DW_RLE_base_addressx
	.byte	0                               #   base address index
	.byte	4                               # DW_RLE_offset_pair
	.uleb128 .Ltmp0-.Lfunc_begin0           #   starting offset
	.uleb128 .Ltmp1-.Lfunc_begin0           #   ending offset
	.byte	4                               # DW_RLE_offset_pair
	.uleb128 .Ltmp2-.Lfunc_begin0           #   starting offset
	.uleb128 .Ltmp3-.Lfunc_begin0           #   ending offset
	.byte	4                               # DW_RLE_offset_pair
	.uleb128 .Ltmp4-.Lfunc_begin0           #   starting offset
	.uleb128 .Ltmp5-.Lfunc_begin0           #   ending offset
	.byte	0                               # DW_RLE_end_of_list
.Ldebug_ranges1:
	.byte	1                               # DW_RLE_base_addressx
	.byte	0                               #   base address index
	.byte	4                               # DW_RLE_offset_pair
	.uleb128 .Lfunc_begin0-.Lfunc_begin0    #   starting offset
	.uleb128 .Lfunc_end1-.Lfunc_begin0      #   ending offset
	.byte	4                               # DW_RLE_offset_pair
	.uleb128 .Lfunc_begin3-.Lfunc_begin0    #   starting offset
	.uleb128 .Lfunc_end3-.Lfunc_begin0      #   ending offset
	.byte	3                               # DW_RLE_startx_length
	.byte	5                               #   start index
	.uleb128 .Lfunc_end2-.Lfunc_begin2      #   length
	.byte	0                               # DW_RLE_end_of_list
.Ldebug_list_header_end0:
	.section	.debug_str_offsets,"",@progbits
	.long	32                              # Length of String Offsets Set
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
.Linfo_string3:
	.asciz	"lib_inlined"                   # string offset=71
.Linfo_string4:
	.asciz	"scaled"                        # string offset=83
.Linfo_string5:
	.asciz	"chosen"                        # string offset=90
.Linfo_string6:
	.asciz	"main"                          # string offset=97
	.section	.debug_str_offsets,"",@progbits
	.long	.Linfo_string0
	.long	.Linfo_string1
	.long	.Linfo_string2
	.long	.Linfo_string3
	.long	.Linfo_string4
	.long	.Linfo_string5
	.long	.Linfo_string6
	.section	.debug_addr,"",@progbits
	.long	.Ldebug_addr_end0-.Ldebug_addr_start0 # Length of contribution
.Ldebug_addr_start0:
	.short	5                               # DWARF version number
	.byte	8                               # Address size
	.byte	0                               # Segment selector size
.Laddr_table_base0:
	.quad	.Lfunc_begin0
	.quad	.Lfunc_begin1
	.quad	.Ltmp7
	.quad	.Ltmp8
	.quad	.Ltmp10
	.quad	.Lfunc_begin2
	.quad	.Lfunc_begin3
	.quad	.Ltmp14
	.quad	.Ltmp15
	.quad	.Ltmp17
	.quad	.Ltmp19
.Ldebug_addr_end0:
	.ident	"Debian clang version 19.1.7 (3~deb12u1)"
	.section	".note.GNU-stack","",@progbits
	.addrsig
	.section	.debug_line,"",@progbits
.Lline_table_start0:
