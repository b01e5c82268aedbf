import pytest
from pydantic import ValidationError

from argus_api.settings import Settings


@pytest.mark.parametrize("proxies", ["127.0.0.1", "10.0.0.0/8, ::1", "2001:db8::/32"])
def test_trusted_proxies_are_addresses_and_networks(proxies):
    assert Settings(trusted_proxies=proxies).trusted_proxies == proxies


@pytest.mark.parametrize("proxies", ["*", "proxy.example.org", "10.0.0.1/8", "127.0.0.1,"])
def test_what_is_no_address_is_refused_in_words(proxies):
    with pytest.raises(ValidationError, match="should be addresses or networks"):
        Settings(trusted_proxies=proxies)
