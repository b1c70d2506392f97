"""Flags sorted, refused or found uncacheable."""

from __future__ import annotations

import pytest

from zcnb.errors import UsageError
from zcnb.model.digest import Digest
from zcnb.model.outcome import CompilerInfo
from zcnb.toolchain.base import Compiler, named_paths
from zcnb.toolchain.flags import leaks_cwd, linker_tools, mentions_native, split_flags, why_uncacheable


@pytest.mark.parametrize(
    ("flags", "compiling", "linking"),
    [
        ("", "", ""),
        ("-O2 -Wall", "-O2 -Wall", "-O2 -Wall"),
        ("-DV=1 -UV -DV=2", "-DV=1 -UV -DV=2", "-DV=1 -UV -DV=2"),
        ("-I a -isystem b -include c.h", "-I a -isystem b -include c.h", "-I a -isystem b -include c.h"),
        ("-lm", "", "-lm"),
        ("-l m -L lib -Llib", "", "-l m -L lib -Llib"),
        ("-Wl,-rpath,/x -Wall", "-Wall", "-Wl,-rpath,/x -Wall"),
        ("-fuse-ld=mold", "", "-fuse-ld=mold"),
        ("-static -rdynamic -s -no-pie", "", "-static -rdynamic -s -no-pie"),
        ("-Xlinker --gc-sections", "", "-Xlinker --gc-sections"),
        ("-T script.ld", "", "-T script.ld"),
        ("a.o libx.a liby.so liby.so.1 -O1", "-O1", "a.o libx.a liby.so liby.so.1 -O1"),
        ("-pthread -fsanitize=address -flto", "-pthread -fsanitize=address -flto", "-pthread -fsanitize=address -flto"),
        ("-x c++", "-x c++", "-x c++"),
        ("@args", "@args", "@args"),
        ("--param max-inline-insns-auto=5", "--param max-inline-insns-auto=5", "--param max-inline-insns-auto=5"),
        ("-fopenmp", "-fopenmp", "-fopenmp"),
    ],
)
def test_split_flags(flags: str, compiling: str, linking: str) -> None:
    split = split_flags(flags.split())
    assert (split.compiling, split.linking) == (tuple(compiling.split()), tuple(linking.split()))


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ("-c", "whole program"),
        ("-S", "whole program"),
        ("-E", "whole program"),
        ("-M", "whole program"),
        ("-fsyntax-only", "--no-run"),
        ("-o prog", "where the program lies"),
        ("-oprog", "where the program lies"),
        ("-", "the cell's text"),
        ("--help", "terminal"),
        ("main.cpp", "only options"),
        ("-I", "its value is missing"),
        ("-O2 -include", "its value is missing"),
    ],
)
def test_refused_with_a_reason(flags: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        split_flags(flags.split())
    assert flags.split()[-1 if "missing" in why else 0] in str(caught.value)


@pytest.mark.parametrize(
    "flags",
    [
        "-O2", "-Wall -Wextra -Werror", "-std=c++20", "-g", "-I inc", "-march=native", "-fsanitize=address",
        "-lm -Llib", "-Wl,-rpath,/x", "-Wl,--gc-sections,-O1", "-pthread", "-DNAME=value", "-fopenmp", "-fno-lto",
        "-Wl,--version-script=v.map", "-include x.h", "-fdiagnostics-color=never", "-w", "-Wmissing-include-dirs",
        "-Xlinker --gc-sections", "-Wl,--threads=4", "-Wl,-Ttext=0x1000", "-Wl,-rpath,Maps",
        "-Xlinker -rpath -Xlinker /x@y", "-fvisibility=hidden", "-fsanitize=address,undefined", "-frandom-seed=x",
        "-ffile-prefix-map=/a=/b", "-mtune=generic", "-mfpmath=sse", "-mllvm -unroll-count=4",
    ],
)  # fmt: skip
def test_cacheable(flags: str) -> None:
    assert why_uncacheable(flags.split()) == ""


@pytest.mark.parametrize(
    "flags",
    [
        "-fplugin=p.so", "-specs=my.specs", "-Btools", "-B tools", "-wrapper gdb", "-fmodules-ts", "@args",
        "-fprofile-generate", "-fprofile-use=p", "--coverage", "-coverage", "-ftest-coverage", "-save-temps",
        "--save-temps", "-save-temps=obj", "-gsplit-dwarf", "-fdump-tree-all", "-dA", "-fstack-usage",
        "-fcallgraph-info", "-MMD", "-MF x.d", "-Wa,-a=list", "-Wp,-MD,x.d", "-ftime-trace", "-fopt-info-vec=f",
        "-fsave-optimization-record", "-Wl,-Map=x.map", "-Wl,-Map,x.map", "-Wl,--cref", "-Wl,--out-implib=x",
        "-Xlinker -Map=x.map", "-Xclang -load -Xclang p.so", "-fpass-plugin=p.so", "--specs=my.specs",
        "-Wl,-plugin,p.so", "-Xassembler -a=list", "-Xpreprocessor -MD", "-fdiagnostics-format=json-file",
        "-Wl,@words", "-Wl,--Map=x.map", "-Wl,--Map,x.map", "-Wl,-dependency-file=x.d", "-time=log",
        "-Xlinker --dependency-file=x.d", "-fproc-stat-report=log", "-fbranch-probabilities",
        "-frecord-gcc-switches", "-Xlinker @words", "-Wl,--gc-sections,@words", "-Wl,--trace", "-Wl,-t",
        "-Xlinker -M", "-Xlinker -Map -Xlinker x.map", "-Wl,Map=x.map", "-Wl,-out-implib=x", "-Wl,-save-temps",
        "-Wl,--time-trace=x", "-Wl,--reproduce=x", "-Xlinker --print-map",
    ],
)  # fmt: skip
def test_uncacheable(flags: str) -> None:
    why = why_uncacheable(flags.split())
    assert why.endswith(("reads or writes files besides the program", "reads files that are not tracked"))
    assert why.startswith(tuple(f"{flag} " for flag in flags.split())), why


@pytest.mark.parametrize(
    "flags",
    ["-fsomething-new=list", "-fxray-always-instrument=list", "-fsanitize-ignorelist=list", "-msomething=./list",
     "-fvtable-verify=std", "-mllvm -something=list", "-mllvm -view-cfg"],
)  # fmt: skip
def test_an_option_that_may_name_a_file_is_uncacheable(flags: str) -> None:
    assert why_uncacheable(flags.split()) == f"{flags} may read or write a file that is not tracked"


@pytest.mark.parametrize("flag", ["--sysroot=/r", "--target=x", "-target", "--gcc-toolchain=/t", "-ivfsoverlay"])
def test_an_option_that_chooses_other_files_is_uncacheable(flag: str) -> None:
    assert why_uncacheable(["-O2", flag]) == f"{flag} reads files that are not tracked"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("-O2", set()),
        (
            "-fuse-ld=lld",
            {"ld.lld", "lld", "x-ld.lld", "x-lld", "/own/ld.lld", "/own/lld", "/own/x-ld.lld", "/own/x-lld"},
        ),
        ("--ld-path=/my/ld", {"ld./my/ld", "/my/ld"}),
    ],
)
def test_linker_tools(words: str, names: set[str]) -> None:
    info = CompilerInfo(name="clang++", path="/clang++", version="19")
    compiler = Compiler(info=info, executable="/clang++", identity=Digest(""), tool_dirs=("/own",), tool_prefix="x-")
    assert set(linker_tools(words.split(), compiler)) == names


@pytest.mark.parametrize("flag", ["-flto", "-flto=auto", "-flto=thin"])
def test_link_time_optimization_is_not_cached(flag: str) -> None:
    assert why_uncacheable(["-O2", flag]) == f"{flag}: the linker compiles, out of sight"


@pytest.mark.parametrize(
    ("flags", "leaks"),
    [
        ("-g", True),
        ("-g3", True),
        ("-ggdb", True),
        ("-g0", False),
        ("-O2", False),
        ("-I inc", False),
        ("-isystem inc", True),
        ("-isysteminc", True),
        ("-isystem /inc", False),
        ("-isystem/inc", False),
        ("-idirafter ../inc", True),
    ],
)
def test_leaks_cwd(flags: str, leaks: bool) -> None:
    assert leaks_cwd(["-O2", *flags.split()]) is leaks


@pytest.mark.parametrize(
    ("flag", "native"), [("-march=native", True), ("-mtune=native", True), ("-march=x86-64", False)]
)
def test_mentions_native(flag: str, native: bool) -> None:
    assert mentions_native(["-O2", flag]) is native


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("-Wl,--version-script=v.map", "v.map"),
        ("-Wl,-T,script.ld", "script.ld"),
        ("-fsanitize-ignorelist=list", "list"),
        ("-Tscript.ld", "script.ld"),
        ("helper.o", "helper.o"),
        ("-includex.h", "x.h"),
        ("-Wl,--just-symbols=/a b/s", "/a b/s"),
    ],
)
def test_named_paths(word: str, path: str) -> None:
    assert path in named_paths((word,))
