"""Adapters: what each compiler is called, what it is told, and what it says about its inputs.

Data in, argv out: nothing here starts a process. `base` is the interface,
`registry` finds and classifies, `gnu_like` holds what gcc and clang share,
with `flags` for the words on the magic line and `search` for where they look.
"""
