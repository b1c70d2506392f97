"""`%%cpp`, `%%c`, `%%rust` and `%zcnb`."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class

from zcnb import config
from zcnb.client.control import stop
from zcnb.client.session import Session
from zcnb.client.shims import WRAPPED
from zcnb.errors import UsageError
from zcnb.model.digest import digest_of
from zcnb.model.health import size
from zcnb.model.spec import BuildSpec, Language
from zcnb_kernel import render
from zcnb_kernel.cell import CellRun, failure, run_cell
from zcnb_kernel.health import HealthView, print_status
from zcnb_kernel.options import CellOptions, parse, usage
from zcnb_kernel.program import StreamName
from zcnb_kernel.report import Report
from zcnb_kernel.screen import Screen, Terminal, publish
from zcnb_kernel.surroundings import Surroundings

if TYPE_CHECKING:
    from zcnb_kernel.sweep.result import Sweep

CPP_HELP = usage("cpp", "C++", "    %%cpp -std=c++20 -O2 --timeout 5 -- a b\n")
C_HELP = usage("c", "C", "    %%c -O2 -lm\n")
RUST_HELP = usage("rust", "Rust", "    %%rust -C opt-level=2 --edition 2021\n")


@magics_class
class ZcnbMagics(Magics):
    """All magics of one shell, and the session they share."""

    shell: InteractiveShell

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.config_ = config.load()
        self.session = Session(self.config_, session_id=secrets.token_hex(8))
        self.surroundings = Surroundings(self.config_, self.session.id)
        self._last: Report | Sweep | None = None
        self._health: HealthView | None = None
        self._raw_cell = ""

    def remember_cell(self, info: Any) -> None:
        """`pre_run_cell`: the cell as the editor shows it, for its line numbers."""
        self._raw_cell = info.raw_cell or ""

    @cell_magic
    def cpp(self, line: str, cell: str) -> Sweep | None:
        """Replaced by `CPP_HELP`."""
        return self._cell("c++", line, cell, self.config_.cpp)

    @cell_magic
    def c(self, line: str, cell: str) -> Sweep | None:
        """Replaced by `C_HELP`."""
        return self._cell("c", line, cell, self.config_.c)

    @cell_magic
    def rust(self, line: str, cell: str) -> Sweep | None:
        """Replaced by `RUST_HELP`."""
        return self._cell("rust", line, cell, self.config_.rust)

    @line_magic
    def zcnb(self, line: str) -> Any:
        """Ask and steer zcnb.

        %zcnb status   the daemon's health, kept up to date
        %zcnb last     the report of the last cell: .cache, .timings, .exit_code, .command, .compiler, .inputs,
                       .emitted, .listing, .remarks, .why
        %zcnb why      why the last cell was a miss, in one line; `%zcnb why --details` tells every difference
        %zcnb stats    what this notebook's cells and commands found in the cache
        %zcnb shims on    let `!g++ ...`, `!make` and %%bash cells use the cache too
        %zcnb shims off   no longer
        %zcnb clear    empty the cache
        %zcnb stop     end the daemon; the next cell starts another
        """
        verb = VERBS.get(" ".join(line.split()))
        if verb is None:
            raise UsageError(f"%zcnb takes one of: {', '.join(VERBS)}. `%zcnb?` explains them.")
        return verb(self)

    def _status(self) -> None:
        if not _in_kernel(self.shell):
            print_status(self.config_)
            return
        if self._health is not None:
            self._health.close()
        self._health = HealthView(self.config_)
        self._health.show()

    def _report(self) -> Report | Sweep:
        if self._last is None:
            raise UsageError("No cell has run since zcnb was loaded.")
        return self._last

    def _why(self) -> None:
        self._explain(details=False)

    def _why_in_full(self) -> None:
        self._explain(details=True)

    def _explain(self, *, details: bool) -> None:
        report = self._report()
        if not isinstance(report, Report):
            raise UsageError("The last cell was a sweep, whose variants are compared with each other: %zcnb last.")
        text = render.why_text(report, details=details)
        if _in_kernel(self.shell):
            publish({"text/plain": text, "text/html": render.why_html(report, details=details)}, {}, None)
        else:
            print(text)

    def _stats(self) -> None:
        print(self.session.stats_of_session())

    def _shims_on(self) -> None:
        folder = self.surroundings.shims_on()
        print(f"On: {', '.join(WRAPPED)} in !, %%bash and whatever they start now use the cache (by {folder}).")

    def _shims_off(self) -> None:
        self.surroundings.shims_off()
        print("Off: the compilers are called as they are.")

    def _clear(self) -> None:
        gone = self.session.clear()
        print(f"The cache is empty: {gone.entries} results, {size(gone.bytes)} went.")

    def _stop(self) -> None:
        print("The daemon has ended." if stop(self.config_) else "No daemon was running.")

    def close(self) -> None:
        """Take everything back but the daemon, which other kernels may use."""
        if self._health is not None:
            self._health.close()
        self.surroundings.restore()
        self.session.close()

    def _cell(self, language: Language, line: str, cell: str, compiler: str) -> Sweep | None:
        begin = time.monotonic()
        options = parse(line)
        spec = self._spec(language, options, cell, compiler)
        if options.sweeps:
            return self._sweep(options, spec)
        run = CellRun(
            spec=spec,
            options=options,
            cell=f"In[{self._number()}]",
            begin=begin,
        )
        screen = self._screen(language, options)
        report = self._last = run_cell(self.session, run, screen)
        self._set_variables(options, report, screen)
        error = failure(report)
        # IPython's %%script lets a program's failure pass with --no-raise-error; an interrupt always stops.
        if error is not None and (options.raise_error or isinstance(error, KeyboardInterrupt)):
            raise error
        return None

    def _sweep(self, options: CellOptions, spec: BuildSpec) -> Sweep:
        """Returned, so that it is shown as `Out[n]` and is `_`; shown here when an interrupt follows."""
        from zcnb_kernel.sweep.driver import run_sweep
        from zcnb_kernel.sweep.live import LiveLine, LiveTable
        from zcnb_kernel.sweep.plan import make_plan

        plan = make_plan(options, spec, secrets.token_hex(8))
        view = LiveTable() if _in_kernel(self.shell) else LiveLine()
        sweep = self._last = run_sweep(self.session, plan, f"In[{self._number()}]", view)
        if options.report:
            self.shell.user_ns[options.report] = sweep
        view.finish(sweep)
        if sweep.interrupted:
            raise KeyboardInterrupt
        return sweep

    def _number(self) -> int:
        """The number in front of the running cell. IPython 9 counts before the cell runs, 8 after it; the
        display hook knows which."""
        return int(self.shell.displayhook.prompt_count)

    def _spec(self, language: Language, options: CellOptions, cell: str, compiler: str) -> BuildSpec:
        return BuildSpec(
            language=language,
            source=_encoded(cell),
            line_offset=_lines_above(self._raw_cell),
            flags=options.flags,
            edition=options.edition,
            compiler=options.compiler or compiler,
            cwd=_folder(),
            env=dict(os.environ),
            slot=self._slot(language, cell),
            use_cache=options.cache,
            emit=options.emit,
            remarks=options.remarks,
        )

    def _slot(self, language: Language, cell: str) -> str:
        """Which cell this is, for its expected duration and for telling what changed since its last run: the front
        end's cell id, else the folder and what costs most: includes."""
        kernel = getattr(self.shell, "kernel", None)
        parent = kernel.get_parent() if kernel is not None and hasattr(kernel, "get_parent") else {}
        identity = parent.get("metadata", {}).get("cellId", "") if parent else ""
        includes = [row for row in cell.splitlines() if row.lstrip().startswith("#include")]
        return digest_of([language, identity or [_folder(), *includes]])

    def _screen(self, language: str, options: CellOptions) -> Screen:
        named: dict[StreamName, str] = {"stdout": options.out, "stderr": options.err}
        capture = frozenset(stream for stream, name in named.items() if name)
        if not _in_kernel(self.shell):
            return Terminal(language, capture)
        return Screen(language, widgets=self.config_.widgets, capture=capture)

    def _set_variables(self, options: CellOptions, report: Report, screen: Screen) -> None:
        values: dict[str, Any] = {}
        if options.out:
            values[options.out] = screen.captured("stdout")
        if options.err:
            values[options.err] = screen.captured("stderr")
        if options.report:
            values[options.report] = report
        self.shell.user_ns.update(values)


VERBS: dict[str, Callable[[ZcnbMagics], Any]] = {
    "status": ZcnbMagics._status,
    "last": ZcnbMagics._report,
    "why": ZcnbMagics._why,
    "why --details": ZcnbMagics._why_in_full,
    "stats": ZcnbMagics._stats,
    "shims on": ZcnbMagics._shims_on,
    "shims off": ZcnbMagics._shims_off,
    "clear": ZcnbMagics._clear,
    "stop": ZcnbMagics._stop,
}

ZcnbMagics.cpp.__doc__ = CPP_HELP
ZcnbMagics.c.__doc__ = C_HELP
ZcnbMagics.rust.__doc__ = RUST_HELP


def _in_kernel(shell: Any) -> bool:
    return getattr(shell, "kernel", None) is not None


def _encoded(cell: str) -> bytes:
    try:
        return cell.encode("utf-8")
    except UnicodeEncodeError as error:
        number = cell.count("\n", 0, error.start) + 2
        raise UsageError(
            f"Line {number} of the cell holds a character that is not valid Unicode "
            f"(U+{ord(cell[error.start]):04X}); delete it and type it again."
        ) from None


def _lines_above(raw: str) -> int:
    """Lines of the editor above the program's text: the magic line, and empty ones before it."""
    above = raw[: len(raw) - len(raw.lstrip())].count("\n")
    return above + 1


def _folder() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        raise UsageError("The notebook's folder does not exist any more; change to another with %cd.") from None


@dataclass
class _Loaded:
    """What `load` did to one shell, so that `unload` can take it back."""

    magics: ZcnbMagics
    before: dict[tuple[str, str], Any]


_LOADED: dict[int, _Loaded] = {}
_NAMES = (("cell", "cpp"), ("cell", "c"), ("cell", "rust"), ("line", "zcnb"))


def load(shell: InteractiveShell) -> None:
    """Register the magics in `shell`. Raises `ConfigError`."""
    table = shell.magics_manager.magics
    before = {(kind, name): table[kind][name] for kind, name in _NAMES if name in table[kind]}
    magics = ZcnbMagics(shell)
    shell.register_magics(magics)
    shell.events.register("pre_run_cell", magics.remember_cell)
    _LOADED[id(shell)] = _Loaded(magics, before)
    if _in_kernel(shell) and magics.config_.widgets:
        import ipywidgets  # noqa: F401  # 25 ms now rather than in the first cell


def unload(shell: InteractiveShell) -> None:
    """Put `shell` back as it was before `load`."""
    loaded = _LOADED.pop(id(shell), None)
    if loaded is None:
        return
    shell.events.unregister("pre_run_cell", loaded.magics.remember_cell)
    table = shell.magics_manager.magics
    for kind, name in _NAMES:
        table[kind].pop(name, None)
        if (kind, name) in loaded.before:
            table[kind][name] = loaded.before[kind, name]
    loaded.magics.close()
