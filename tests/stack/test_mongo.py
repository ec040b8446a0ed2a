"""The stand-in of MongoDB: reached by the real driver, on the loopback alone, and as durable as it says."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import psutil
from pymongo import MongoClient

from include.stack.mongo import LocalMongo
from include.stack.mongo_main import main_class
from include.stack.ports import free_port
from include.stack.program import start, stop


def test_the_main_class_is_a_class_file_of_java_17() -> None:
    content = main_class()
    assert content[:8] == bytes.fromhex("cafebabe 0000 003d")
    assert b"StocksMongo" in content


def test_the_stand_in_listens_on_the_loopback_alone(mongo_server: LocalMongo) -> None:
    listening = {c.laddr for c in psutil.net_connections("tcp") if c.status == "LISTEN"}
    assert {a.ip for a in listening if a.port == mongo_server.port} <= {"127.0.0.1", "::ffff:127.0.0.1"}


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    server = LocalMongo(tmp_path / "data", tmp_path / "mongo.log", port=free_port())
    program = server.prepare()
    for number in range(3):
        process = start(program)
        try:
            server.wait_ready(program, process)
            with MongoClient[dict[str, Any]](server.url()) as client:
                kept = client.get_default_database()["kept"]
                assert kept.count_documents({}) == number
                kept.insert_one({"number": number})
            process.send_signal(signal.SIGKILL)
        finally:
            stop(process, signal.SIGKILL)
