"""PEM as it comes: whatever stands around the blocks, and keys that nobody can read."""

import base64
import ssl
import subprocess
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Misconfigured
from opsboard_adapters.net import pem, trust

AUTHORITY = trustme.CA()
CA = AUTHORITY.cert_pem.bytes()
KEY = AUTHORITY.private_key_pem.bytes()

AROUND = st.binary(max_size=60).filter(lambda data: b"-----" not in data)


@given(AROUND, AROUND, st.binary(min_size=1, max_size=200), st.integers(1, 90), st.booleans())
def test_what_stands_around_counts_for_nothing(
    before: bytes, behind: bytes, der: bytes, width: int, crlf: bool
) -> None:
    text = base64.b64encode(der)
    end = b"\r\n" if crlf else b"\n"
    rows = [text[at : at + width] for at in range(0, len(text), width)]
    block = end.join([b"-----BEGIN CERTIFICATE-----", *rows, b"-----END CERTIFICATE-----"])
    (found,) = pem.pem_blocks(before + b"\n" + block + end + behind)
    assert (found.label, found.der, found.encrypted) == ("CERTIFICATE", der, False)


@given(st.binary(max_size=300))
def test_a_block_is_written_as_it_was(der: bytes) -> None:
    assert list(pem.pem_blocks(pem.PemBlock("ANY KEY", der).pem)) == [pem.PemBlock("ANY KEY", der)]


@given(st.lists(st.sampled_from([CA, KEY, b"-----BEGIN X-----", b"-----END X-----", b"\n", b"a"])))
def test_no_mixture_is_too_odd(parts: list[bytes]) -> None:
    found = list(pem.pem_blocks(b"\n".join(parts)))
    assert [block.label for block in found if block.label == "CERTIFICATE"] == ["CERTIFICATE"] * (
        parts.count(CA)
    )


@pytest.mark.parametrize("form", ["", "-traditional"], ids=["PKCS #8", "traditional"])
def test_a_locked_key_is_known(form: str) -> None:
    words = ["openssl", "pkey", "-aes256", "-passout", "pass:hunter2-hunter2", *form.split()]
    locked = subprocess.run(words, input=KEY, capture_output=True, check=True).stdout
    (block,) = pem.pem_blocks(locked)
    assert block.encrypted
    (plain,) = pem.pem_blocks(KEY)
    assert not plain.encrypted


def test_a_locked_key_beside_the_authorities_asks_nobody(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As in a CA file of MLflow or GitHub that somebody has put together."""
    words = ["openssl", "pkey", "-aes256", "-passout", "pass:hunter2-hunter2", "-traditional"]
    locked = subprocess.run(words, input=KEY, capture_output=True, check=True).stdout
    file = tmp_path / "ca.pem"
    file.write_bytes(locked + CA)
    assert len(trust.context_of_ca_file(file).get_ca_certs()) == 1
    file.write_bytes(locked)
    with pytest.raises(Misconfigured, match="holds no PEM certificate"):
        trust.context_of_ca_file(file)
    assert "pass phrase" not in "".join(capfd.readouterr())


def test_one_broken_authority_takes_down_no_other(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(pem.PemBlock("CERTIFICATE", b"junk").pem + "# Főtanúsítvány\n".encode() + CA)
    made = trust.context_of_ca_file(file)
    assert made.get_ca_certs(binary_form=True) == [ssl.PEM_cert_to_DER_cert(CA.decode())]
    assert made.verify_mode is ssl.CERT_REQUIRED
