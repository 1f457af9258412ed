"""A certificate authority for tests, by the openssl command."""

import pathlib
import subprocess


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Authority:
    """An own root, and server certificates that it signs."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.root = self.folder / "root.crt"
        self.root_key = self.folder / "root.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", str(self.root_key), "-out", str(self.root), "-days", "2",
                "-subj", "/CN=Test Root", "-addext", "keyUsage=critical,keyCertSign")
        self.serial = 100

    def issue(self, folder, names="DNS:localhost,IP:127.0.0.1", days="2"):
        """tls.crt and tls.key in `folder`, as Kubernetes names them; answers the serial number."""
        folder = pathlib.Path(folder)
        folder.mkdir(exist_ok=True)
        self.serial += 1
        request, extensions = folder / "tls.csr", folder / "extensions"
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", str(folder / "tls.key"), "-out", str(request), "-subj", "/CN=localhost")
        extensions.write_text(f"subjectAltName={names}\n")
        openssl("x509", "-req", "-in", str(request), "-CA", str(self.root),
                "-CAkey", str(self.root_key), "-set_serial", str(self.serial), "-days", days,
                "-out", str(folder / "tls.crt"), "-extfile", str(extensions))
        return self.serial


def flags(folder):
    return ["--tls-certificate-file", str(folder / "tls.crt"),
            "--tls-key-file", str(folder / "tls.key")]
