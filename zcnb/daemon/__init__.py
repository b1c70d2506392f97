"""The per-user daemon: one process, one event loop, one cache folder.

`bootstrap` binds first and loads later; `server` and `peer` talk; `handlers`
say what each request means; `builder` is the story of one build.
"""
