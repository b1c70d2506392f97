"""Sweeps: one cell built with many combinations of flags and compilers, its programs run in turn and compared.

`plan` says what is built, `driver` follows the steps (the daemon's, or `local`
ones), `record` keeps what came of them, `result` is what people get, `page` and
`compare` show it, `live` shows it while it grows.
"""
