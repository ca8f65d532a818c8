"""Weaviate without a server: addresses, filters, and what is said where nothing answers."""

import importlib.util
from typing import Any

import pytest

import georgia
from georgia.store.weaviate_place import Place, place_of

needs_client = pytest.mark.skipif(
    importlib.util.find_spec("weaviate") is None, reason="not run: weaviate-client is not installed"
)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "http://localhost:8080#Crystals",
            Place("localhost", 8080, False, "localhost", 50051, "Crystals"),
        ),
        ("http://10.0.0.7", Place("10.0.0.7", 8080, False, "10.0.0.7", 50051, "Georgia")),
        ("http://[::1]:81/", Place("::1", 81, False, "::1", 50051, "Georgia")),
        (
            "https://a.weaviate.cloud#b_2",
            Place("a.weaviate.cloud", 443, True, "grpc-a.weaviate.cloud", 443, "B_2"),
        ),
        (
            "https://h:8443?grpc_port=50052&grpc_host=g#C",
            Place("h", 8443, True, "g", 50052, "C"),
        ),
    ],
)
def test_addresses_are_read(address: str, expected: Place) -> None:
    assert place_of(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "http://",
        "http://:8080",
        "http://h:port",
        "http://h:99999",
        "http://h/path#C",
        "http://h?grpc_port=x",
        "http://h?other=1",
        "http://h?grpc_port",
        "http://h#1",
        "http://h#a-b",
        "http://h#\x1b[2J",
        "http://[::1",
    ],
)
def test_wrong_addresses_are_refused(address: str) -> None:
    with pytest.raises(georgia.InvalidOption, match="expected") as caught:
        georgia.store.open(address)
    assert "\x1b" not in str(caught.value)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    for address in ("http://me:secret@h", "http://secret@h/path", "http://me:secret@h:x"):
        with pytest.raises(georgia.InvalidOption) as caught:
            georgia.store.open(address)
        assert "secret" not in str(caught.value)


def test_a_missing_client_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "weaviate", None)
    with pytest.raises(georgia.IoError, match=r"pip install georgia\[weaviate\]"):
        georgia.store.open("http://localhost:1")


@needs_client
@pytest.mark.filterwarnings("ignore")
def test_a_server_that_is_not_there_is_not_available() -> None:
    with georgia.store.open("http://127.0.0.1:1#Crystals") as store:
        assert not store.available()
        with pytest.raises(georgia.IoError, match=r"http://127.0.0.1:1#Crystals: the server"):
            store.count()


@needs_client
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"class_label": "a b"}, [("class_label", "ContainsAny", ["a b"])]),
        ({"class_label": ""}, [("class_label", "IsNull", True)]),
        (
            {"image_id": ["*", ""]},
            ["Or", ("image_id", "ContainsAny", ["*"]), ("image_id", "IsNull", True)],
        ),
        (
            {"confidence": (0.25, None), "class_label": "a"},
            [
                "And",
                [
                    "And",
                    ("confidence", "GreaterThanEqual", 0.25),
                    ("confidence", "LessThanEqual", 1.0),
                ],
                ("class_label", "ContainsAny", ["a"]),
            ],
        ),
    ],
)
def test_conditions_become_the_servers_filters(where: dict[str, Any], expected: list[Any]) -> None:
    import weaviate.classes

    from georgia.store.conditions import conditions_of
    from georgia.store.weaviate import filter_of

    def read(made: Any) -> Any:
        if hasattr(made, "filters"):
            return [made.operator.value, *map(read, made.filters)]
        return (made.target, made.operator.value, made.value)

    found = read(filter_of(weaviate.classes.query.Filter, conditions_of(where)))
    assert found == (expected[0] if len(expected) == 1 else expected)
