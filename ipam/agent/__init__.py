"""The resident agent of a node: CNI calls over a unix socket, one fsync for many of them.

    listening ──> connections ──> queue ──> batch ──> store
    a socket      a call each     bounded    one transaction, answered when it is durable

The client in shim/ is the other end; shim/protocol.h draws what goes over the socket.
"""
