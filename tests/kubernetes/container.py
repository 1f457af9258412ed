"""The first process of a container, in mount and process namespaces of its own: puts the container's
file system together as an engine would, and becomes its program, as uid 1000 without any rights.

    container.py <specification as JSON>

with `root`, a folder; `mounts`, of `source` ("tmpfs" or a folder), `path` and `read_only`; `argv`, and
`environment`.
"""

import ctypes
import json
import os
import sys

MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
CLONE_NEWUSER = 0x10000000
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
UID = 1000

libc = ctypes.CDLL(None, use_errno=True)


def call(function, *arguments):
    encoded = [a.encode() if isinstance(a, str) else a for a in arguments]
    if getattr(libc, function)(*encoded) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}{arguments}: {os.strerror(number)}")


def bind(source, target, read_only=False):
    call("mount", source, target, None, MS_BIND, None)
    if read_only:
        call("mount", None, target, None, MS_BIND | MS_REMOUNT | MS_RDONLY, None)


def build_file_system(root, mounts):
    call("mount", None, "/", None, MS_REC | MS_PRIVATE, None)
    bind(root, root)
    call("mount", "proc", root + "/proc", "proc", 0, None)
    for device in ("null", "zero", "urandom"):
        bind(f"/dev/{device}", f"{root}/dev/{device}")
    for mount in mounts:
        target = root + mount["path"]
        if mount["source"] == "tmpfs":
            call("mount", "tmpfs", target, "tmpfs", 0, "mode=1777")
        else:
            bind(mount["source"], target, mount["read_only"])
    call("mount", None, root, None, MS_BIND | MS_REMOUNT | MS_RDONLY, None)


def has_many_uids():
    with open("/proc/self/uid_map", encoding="ascii") as file:
        return int(file.readline().split()[2]) > 1


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def become_nobody(root):
    """Root may become anybody; who is root in a user namespace of one uid gets 1000 in another."""
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    is_real = has_many_uids()
    if not is_real:
        outer_uid, outer_gid = os.getuid(), os.getgid()
        call("unshare", CLONE_NEWUSER)
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"{UID} {outer_uid} 1")
        write("/proc/self/gid_map", f"{UID} {outer_gid} 1")
    os.chroot(root)
    os.chdir("/")
    with open("/proc/sys/kernel/cap_last_cap", encoding="ascii") as file:
        last = int(file.read())
    for capability in range(last + 1):
        call("prctl", PR_CAPBSET_DROP, capability, 0, 0, 0)
    if is_real:
        os.setgroups([UID])
        os.setresgid(UID, UID, UID)
        os.setresuid(UID, UID, UID)


def main():
    specification = json.loads(sys.argv[1])
    build_file_system(specification["root"], specification["mounts"])
    become_nobody(specification["root"])
    argv, environment = specification["argv"], specification["environment"]
    # From here on Python cannot load its own modules any more, which execvpe would do.
    candidates = [os.path.join(folder, argv[0]) for folder in environment["PATH"].split(":")]
    program = next((path for path in candidates if os.access(path, os.X_OK)), argv[0])
    os.execve(program, argv, environment)


if __name__ == "__main__":
    main()
