"""Serves a folder over HTTPS on loopback with a certificate made for it, and runs a program that trusts it.

Arguments: the folder, a file for the certificate, a file for Terraform's configuration that names the mirror, the program
with its own arguments. Ends as the program ends.
"""

import datetime
import functools
import http.server
import ipaddress
import os
import ssl
import subprocess
import sys
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CONFIGURATION = """disable_checkpoint = true
provider_installation {{
  network_mirror {{
    url = "https://127.0.0.1:{port}/"
  }}
}}
"""


def certificate(path):
    """Writes key and certificate for 127.0.0.1, valid for an hour, into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).add_extension(address, critical=False)
    builder = builder.not_valid_before(now - datetime.timedelta(minutes=5))
    signed = builder.not_valid_after(now + datetime.timedelta(hours=1)).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    with open(path, "wb") as file:
        file.write(key.private_bytes(pem, form, serialization.NoEncryption()) + signed.public_bytes(pem))


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files as they are; JSON says so in its type, which Terraform insists on."""

    extensions_map = {".json": "application/json", ".zip": "application/zip"}

    def log_message(self, *_):
        """What is asked for is no output of the test."""


def main(folder, pem, configuration, *program):
    certificate(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    handler = functools.partial(Handler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(port=server.server_port))
        environment = {**os.environ, "SSL_CERT_FILE": pem, "TF_CLI_CONFIG_FILE": configuration}
        ended = subprocess.run(program, env=environment, check=False)
        server.shutdown()
        return ended.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
