"""The main class of the stand-in of MongoDB, as the bytes of a ``.class`` file.

The server's own main class knows one port, and keeps for up to a second in memory what it has acknowledged.
The Java runtime of the stack brings no compiler, so this class, of three methods without a branch, is put
together here. It is what javac makes of:

    public class StocksMongo extends H2Backend {
        public StocksMongo(String file) { super(file); }

        public Document handleMessage(MongoMessage message) {
            Document answer = super.handleMessage(message);
            commit();  // into the file before it is acknowledged: a killed process loses nothing
            return answer;
        }

        public static void main(String[] args) {  // file, address, port
            new MongoServer(new StocksMongo(args[0])).bind(args[1], Integer.parseInt(args[2]));
        }
    }
"""

from __future__ import annotations

import struct

MAIN_CLASS = "StocksMongo"

_BACKEND = "de/bwaldvogel/mongo/backend/h2/H2Backend"
_SERVER = "de/bwaldvogel/mongo/MongoServer"
_HANDLE = "(Lde/bwaldvogel/mongo/wire/message/MongoMessage;)Lde/bwaldvogel/mongo/bson/Document;"
_JAVA_17 = 61
_PUBLIC, _PUBLIC_STATIC, _PUBLIC_SUPER = 0x0001, 0x0009, 0x0021
# The instructions that are used, by the specification's names.
_ALOAD_0, _ALOAD_1, _AALOAD, _DUP, _ARETURN, _RETURN = b"\x2a", b"\x2b", b"\x32", b"\x59", b"\xb0", b"\xb1"
_ICONST_0, _ICONST_1, _ICONST_2 = b"\x03", b"\x04", b"\x05"
_INVOKEVIRTUAL, _INVOKESPECIAL, _INVOKESTATIC, _NEW = b"\xb6", b"\xb7", b"\xb8", b"\xbb"
_FIRST_ARGUMENT, _SECOND_ARGUMENT, _THIRD_ARGUMENT = (
    _ALOAD_0 + index + _AALOAD for index in (_ICONST_0, _ICONST_1, _ICONST_2)
)


class _Constants:
    """A class's constant pool; what is asked for twice is there once."""

    def __init__(self) -> None:
        self._entries: dict[bytes, int] = {}

    def text(self, value: str) -> bytes:
        encoded = value.encode("ascii")
        return self._entry(struct.pack(">BH", 1, len(encoded)) + encoded)

    def kind(self, name: str) -> bytes:
        return self._entry(b"\x07" + self.text(name))

    def method(self, owner: str, name: str, signature: str) -> bytes:
        described = self._entry(b"\x0c" + self.text(name) + self.text(signature))
        return self._entry(b"\x0a" + self.kind(owner) + described)

    def table(self) -> bytes:
        return struct.pack(">H", len(self._entries) + 1) + b"".join(self._entries)

    def _entry(self, entry: bytes) -> bytes:
        return struct.pack(">H", self._entries.setdefault(entry, len(self._entries) + 1))


def main_class() -> bytes:
    """The content of ``StocksMongo.class``."""
    constants = _Constants()
    names = constants.kind(MAIN_CLASS) + constants.kind(_BACKEND)
    methods = [_constructor(constants), _handle_message(constants), _main(constants)]
    head = struct.pack(">IHH", 0xCAFEBABE, 0, _JAVA_17)
    no_interfaces = no_fields = no_attributes = b"\0\0"
    return b"".join(
        [
            *(head, constants.table(), struct.pack(">H", _PUBLIC_SUPER), names, no_interfaces, no_fields),
            *(struct.pack(">H", len(methods)), *methods, no_attributes),
        ]
    )


def _constructor(constants: _Constants) -> bytes:
    inherited = constants.method(_BACKEND, "<init>", "(Ljava/lang/String;)V")
    code = _ALOAD_0 + _ALOAD_1 + _INVOKESPECIAL + inherited + _RETURN
    return _method(constants, _PUBLIC, "<init>", "(Ljava/lang/String;)V", code, stack=2, variables=2)


def _handle_message(constants: _Constants) -> bytes:
    answer = _ALOAD_0 + _ALOAD_1 + _INVOKESPECIAL + constants.method(_BACKEND, "handleMessage", _HANDLE)
    commit = _ALOAD_0 + _INVOKEVIRTUAL + constants.method(MAIN_CLASS, "commit", "()V")
    return _method(constants, _PUBLIC, "handleMessage", _HANDLE, answer + commit + _ARETURN, stack=2, variables=2)


def _main(constants: _Constants) -> bytes:
    code = (
        *(_NEW, constants.kind(_SERVER), _DUP, _NEW, constants.kind(MAIN_CLASS), _DUP, _FIRST_ARGUMENT),
        *(_INVOKESPECIAL, constants.method(MAIN_CLASS, "<init>", "(Ljava/lang/String;)V")),
        *(_INVOKESPECIAL, constants.method(_SERVER, "<init>", "(Lde/bwaldvogel/mongo/MongoBackend;)V")),
        *(_SECOND_ARGUMENT, _THIRD_ARGUMENT),
        *(_INVOKESTATIC, constants.method("java/lang/Integer", "parseInt", "(Ljava/lang/String;)I")),
        *(_INVOKEVIRTUAL, constants.method(_SERVER, "bind", "(Ljava/lang/String;I)V"), _RETURN),
    )
    return _method(constants, _PUBLIC_STATIC, "main", "([Ljava/lang/String;)V", b"".join(code), stack=6, variables=1)


def _method(
    constants: _Constants, access: int, name: str, signature: str, code: bytes, *, stack: int, variables: int
) -> bytes:
    no_handlers = no_attributes = b"\0\0"
    body = struct.pack(">HHI", stack, variables, len(code)) + code + no_handlers + no_attributes
    head = struct.pack(">H", access) + constants.text(name) + constants.text(signature)
    return head + b"\0\1" + constants.text("Code") + struct.pack(">I", len(body)) + body
