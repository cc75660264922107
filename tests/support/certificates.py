"""Throw-away certificates, made with openssl's command line."""
import pathlib, ssl, subprocess, tempfile


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Authority:
    def __init__(self):
        self._dir = tempfile.TemporaryDirectory(prefix="kt-ca-")
        self.folder = pathlib.Path(self._dir.name)
        self.certificate, self._key = str(self.folder / "ca.pem"), str(self.folder / "ca.key")
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self._key, "-out", self.certificate,
                 "-days", "30", "-subj", "/CN=test authority", "-addext", "basicConstraints=critical,CA:TRUE")
        self._count = 0

    def issue(self, names, not_after=None):
        """Certificate chain and key for subject alternative names like "IP:127.0.0.1" or "DNS:localhost"."""
        self._count += 1
        base = self.folder / f"leaf{self._count}"
        key, request, certificate, extensions = (f"{base}{end}" for end in (".key", ".csr", ".pem", ".ext"))
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", request, "-subj", "/CN=leaf")
        pathlib.Path(extensions).write_text(f"subjectAltName={names}\n")
        days = ["-days", "30"] if not_after is None else ["-days", str(not_after)]
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial", "-out", certificate, "-extfile", extensions, *days)
        return certificate, key

    def server(self, names, not_after=None, versions=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.issue(names, not_after))
        if versions:
            context.minimum_version, context.maximum_version = versions
        return context
