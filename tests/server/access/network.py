"""A network of its own for the running test: loopback, and an address that is none."""

import contextlib
import ctypes
import fcntl
import os
import socket
import struct

ADDRESS = "192.0.2.10"  # for documentation: nobody has it

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS, SIOCSIFADDR = 0x8914, 0x8916
IFF_UP, IFF_RUNNING = 0x1, 0x40


def _checked(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _configure():
    """`ip link set lo up; ip address add ADDRESS dev lo`, without the need of ip."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP | IFF_RUNNING))
        address = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(ADDRESS))
        fcntl.ioctl(any_socket, SIOCSIFADDR, struct.pack("16s16s", b"lo:1", address))


@contextlib.contextmanager
def own_network():
    """This thread, and processes that it starts, in a new network namespace. OSError: not allowed."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net") as home:
        _checked(libc.unshare(CLONE_NEWNET))
        try:
            _configure()
            yield ADDRESS
        finally:
            _checked(libc.setns(home.fileno(), CLONE_NEWNET))
