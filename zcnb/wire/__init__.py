"""The protocol, without sockets and without a clock: bytes in, messages out, and back.

`connection.Connection` is the way in; `share/doc/zcnb/WIRE.md` tells an
integrator all of it, and `tests/golden/` holds the frames as bytes.
"""
