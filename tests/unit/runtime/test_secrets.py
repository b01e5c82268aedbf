import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus_runtime.errors import SecretUnreadable, TransientError
from argus_runtime.secrets import Secrets, is_secret, key_id

OLD, NEW = b"o" * 32, b"n" * 32
PLACE = "destination:17:secret"


@given(st.text())
def test_what_was_encrypted_is_read_again(text):
    secrets = Secrets([NEW])

    assert secrets.decrypt(secrets.encrypt(text, PLACE), PLACE) == text


def test_a_secret_names_its_key_and_hides_its_text():
    token = Secrets([NEW]).encrypt("hunter2", PLACE)

    assert token.startswith(f"argus1:{key_id(NEW)}:")
    assert "hunter2" not in token
    assert is_secret(token)
    assert not is_secret("hunter2")
    assert not is_secret(17)


def test_the_same_text_never_looks_the_same():
    secrets = Secrets([NEW])

    assert secrets.encrypt("hunter2", PLACE) != secrets.encrypt("hunter2", PLACE)


def test_all_keys_decrypt():
    assert Secrets([NEW, OLD]).decrypt(Secrets([OLD]).encrypt("hunter2", PLACE), PLACE) == "hunter2"


def test_a_secret_moved_to_another_place_cannot_be_read():
    secrets = Secrets([NEW])

    with pytest.raises(SecretUnreadable):
        secrets.decrypt(secrets.encrypt("hunter2", PLACE), "destination:18:secret")


def test_an_altered_secret_cannot_be_read():
    secrets = Secrets([NEW])
    head, body = secrets.encrypt("hunter2", PLACE).rsplit(":", 1)
    altered = f"{head}:{'A' if body[0] != 'A' else 'B'}{body[1:]}"

    with pytest.raises(SecretUnreadable):
        secrets.decrypt(altered, PLACE)


@pytest.mark.parametrize("token", ["", "hunter2", "argus1:x", f"argus1:{key_id(NEW)}:?", f"argus1:{key_id(NEW)}:AAAA"])
def test_what_is_no_secret_cannot_be_read(token):
    with pytest.raises(SecretUnreadable):
        Secrets([NEW]).decrypt(token, PLACE)


def test_a_missing_key_may_come_and_so_is_transient():
    token = Secrets([OLD]).encrypt("hunter2", PLACE)

    with pytest.raises(TransientError, match=key_id(OLD)):
        Secrets([NEW]).decrypt(token, PLACE)


def test_without_a_key_nothing_is_encrypted():
    with pytest.raises(SecretUnreadable, match="ARGUS_SECRET_KEYS"):
        Secrets([]).encrypt("hunter2", PLACE)


def test_a_short_key_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        Secrets([b"short"])
