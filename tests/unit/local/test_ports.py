import socket

from argus_local.ports import free_port, is_free


def test_a_port_that_somebody_listens_on_is_not_free():
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not is_free(server.getsockname()[1])


def test_the_preferred_port_is_given_where_it_is_free():
    port = free_port()

    assert free_port(preferred=port) == port


def test_another_port_is_given_where_the_preferred_one_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]

        assert free_port(preferred=taken) != taken
