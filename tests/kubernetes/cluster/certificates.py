"""Certificates of the cluster's own authority, and kubeconfigs with them; made by openssl."""

import subprocess

SERVER = "https://10.99.0.1:6443"
KUBECONFIG = """apiVersion: v1
kind: Config
clusters: [{{name: test, cluster: {{server: "{server}", certificate-authority: {folder}/ca.crt}}}}]
users: [{{name: user, user: {{client-certificate: {folder}/{name}.crt, client-key: {folder}/{name}.key}}}}]
contexts: [{{name: test, context: {{cluster: test, user: user}}}}]
current-context: test
"""


class Authority:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        self._openssl("ca", "/CN=test", "basicConstraints=critical,CA:TRUE")
        # Signs the tokens of service accounts.
        self._openssl("tokens", "/CN=tokens", "basicConstraints=critical,CA:FALSE")

    def _openssl(self, name, subject, *extensions, signer=()):
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", subject,
                   "-keyout", f"{self.folder}/{name}.key", "-out", f"{self.folder}/{name}.crt", *signer]
        for extension in extensions:
            command += ["-addext", extension]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)

    def certificate(self, name, subject, *alternative_names):
        extensions = ["basicConstraints=critical,CA:FALSE", "extendedKeyUsage=serverAuth,clientAuth"]
        if alternative_names:
            extensions.append("subjectAltName=" + ",".join(alternative_names))
        self._openssl(name, subject, *extensions,
                      signer=("-CA", f"{self.folder}/ca.crt", "-CAkey", f"{self.folder}/ca.key"))

    def kubeconfig(self, name, subject):
        """The path of a kubeconfig for who `subject` says (O= is the group)."""
        self.certificate(name, subject)
        path = self.folder / f"{name}.kubeconfig"
        path.write_text(KUBECONFIG.format(server=SERVER, folder=self.folder, name=name))
        return path
